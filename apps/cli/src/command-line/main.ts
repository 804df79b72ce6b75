import type { Environment } from "../environment.ts";
import { createSession, type Session } from "../session.ts";
import { styleFor } from "../terminal/style.ts";
import { version } from "../version.ts";
import { closest } from "./closest.ts";
import type { Report } from "./command.ts";
import { commandEntries, type CommandEntry } from "./commands.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { describeFailure, type Failure } from "./failure.ts";
import { commandHelp, overview } from "./help.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Runs one command line.
 *
 * Results go to stdout, everything else to stderr. With `--json` stdout gets exactly one JSON object: `{ ok: true, command, result }` or
 * `{ ok: false, command, error: { code, message, details, exitCode } }`. Never throws: the exit code tells how it went.
 *
 * @param words what was typed after `lethe`.
 * @example
 * const exitCode = await main(["methods", "--json"], environment);
 */
export async function main(words: readonly string[], environment: Environment): Promise<ExitCode> {
  const asked = new Set(words.slice(0, words.includes("--") ? words.indexOf("--") : undefined));
  const json = asked.has("--json");
  const session = createSession(environment, { json, quiet: asked.has("--quiet") || asked.has("-q") });
  const name = words[0]?.startsWith("-") === false ? words[0] : undefined;
  try {
    if (name === undefined) return explain(words, session);
    const command = await findCommand(name).load();
    if (asked.has("--help") || asked.has("-h")) {
      print(session, commandHelp(command, styleFor(environment.stdout, environment), columnsOf(session)));
      return exitCodes.ok;
    }
    const report = await command.prepare(words.slice(1))(session);
    session.clear();
    print(session, json ? JSON.stringify({ ok: (report.exitCode ?? 0) === 0, command: name, result: report.data }) : textOf(report, session));
    return report.exitCode ?? exitCodes.ok;
  } catch (error) {
    session.clear();
    const failure = describeFailure(error);
    if (json) print(session, JSON.stringify({ ok: false, command: name ?? null, error: forJson(failure, asked.has("--debug")) }));
    else tell(session, failure, asked.has("--debug"));
    return failure.exitCode;
  }
}

function explain(words: readonly string[], session: Session): ExitCode {
  const { environment } = session;
  const [first] = words;
  if (first === undefined || first === "--help" || first === "-h") {
    print(session, overview(styleFor(environment.stdout, environment), columnsOf(session)));
    return exitCodes.ok;
  }
  if (first === "--version" || first === "-v") {
    print(session, words.includes("--json") ? JSON.stringify({ ok: true, command: null, result: { version: version() } }) : version());
    return exitCodes.ok;
  }
  throw new UsageError("cli/no-command", `${first} stands where the name of a command should; see lethe --help.`, { given: first });
}

function findCommand(name: string): CommandEntry {
  const entry = commandEntries.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  const names = commandEntries.map((each) => each.name);
  const similar = closest(name, names);
  const advice = similar === undefined ? `there are ${names.join(", ")}.` : `did you mean ${similar}?`;
  throw new UsageError("cli/unknown-command", `There is no command ${name}; ${advice}`, { given: name, known: names });
}

function textOf(report: Report, session: Session): string {
  const { stdout, variables } = session.environment;
  return report.text({ style: styleFor(stdout, session.environment), columns: columnsOf(session), lethe: variables["LETHE_COMMAND"] ?? "lethe" });
}

/** A pipe wraps nothing, so that tables may be as wide as they like and text as wide as is pleasant to read. */
function columnsOf({ environment }: Session): number {
  return environment.stdout.columns ?? 120;
}

function print({ environment }: Session, text: string): void {
  environment.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

function tell({ environment, style }: Session, { code, message, hint, stack, exitCode }: Failure, debug: boolean): void {
  const mark = exitCode === exitCodes.interrupted ? style.yellow("lethe:") : style.red("lethe:");
  environment.stderr.write(`${[`${mark} ${message} ${style.dim(`(${code})`)}`, ...hint, ...(debug ? [style.dim(stack)] : [])].join("\n")}\n`);
}

function forJson({ code, message, details, exitCode, stack }: Failure, debug: boolean): object {
  return { code, message, details, exitCode, ...(debug ? { stack } : {}) };
}
