import type { Style } from "../terminal/style.ts";
import { wrap } from "../terminal/wrap.ts";
import { commonOptions, type Command } from "./command.ts";
import { commandEntries } from "./commands.ts";
import { exitCodeMeanings } from "./exit-codes.ts";
import type { Options } from "./options.ts";

/** What `lethe --help` prints. */
export function overview(style: Style, columns: number): string {
  return [
    "Makes trained TensorFlow.js models forget samples, and shows how well it worked.",
    "",
    `${style.bold("Usage")}  lethe COMMAND [options]`,
    "",
    style.bold("Commands"),
    ...columnsOf(
      commandEntries.map(({ name, summary }) => [name, summary]),
      style,
      columns,
    ),
    "",
    "lethe COMMAND --help shows the options of one command.",
    "",
    style.bold("Exit codes"),
    ...columnsOf(
      [...exitCodeMeanings].map(([code, meaning]) => [String(code), meaning]),
      style,
      columns,
    ),
  ].join("\n");
}

/** What `lethe COMMAND --help` prints. */
export function commandHelp({ name, about, operands, options, examples }: Command, style: Style, columns: number): string {
  const words = Object.entries(operands).map(([operand, { required }]) =>
    required === "yes" ? operand.toUpperCase() : `[${operand.toUpperCase()}]`,
  );
  const section = (title: string, rows: readonly (readonly [string, string])[]) =>
    rows.length === 0 ? [] : ["", style.bold(title), ...columnsOf(rows, style, columns)];
  return [
    ...wrap(about, columns),
    "",
    `${style.bold("Usage")}  ${["lethe", name, ...words, "[options]"].join(" ")}`,
    ...section(
      "Words",
      Object.entries(operands).map(([operand, { help }]) => [operand.toUpperCase(), help]),
    ),
    ...section("Options", describeOptions(options)),
    ...section("Everywhere", describeOptions(commonOptions)),
    ...(examples.length === 0 ? [] : ["", style.bold("Examples"), ...examples.map((example) => `  ${example}`)]),
  ].join("\n");
}

function describeOptions(options: Options): (readonly [string, string])[] {
  return Object.entries(options).map(([name, { help, placeholder, aliases, repeatable }]) => {
    const short = aliases.filter((alias) => alias.length === 1).map((alias) => `-${alias}, `);
    const value = placeholder === undefined ? "" : ` ${placeholder}`;
    return [`${short.join("")}--${name}${value}`, repeatable === "yes" ? `${help} (may be repeated)` : help];
  });
}

/** Longest first column; wider entries get a line of their own. */
const firstColumn = 34;

function columnsOf(rows: readonly (readonly [string, string])[], style: Style, columns: number): string[] {
  const width = Math.min(Math.max(...rows.map(([first]) => first.length)), firstColumn);
  return rows.flatMap(([first, second]) => {
    const lines = wrap(second, Math.max(columns - width - 4, 20));
    const indent = " ".repeat(width + 4);
    const rest = lines.slice(1).map((line) => indent + line);
    if (first.length > width) return [`  ${style.cyan(first)}`, ...lines.map((line) => indent + line)];
    return [`  ${style.cyan(first.padEnd(width))}  ${lines[0] ?? ""}`, ...rest];
  });
}
