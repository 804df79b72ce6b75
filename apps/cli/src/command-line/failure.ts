import { exitCodeOf, exitCodes, type ExitCode } from "./exit-codes.ts";

/** An error as the command line tells it. */
export interface Failure {
  readonly code: string;
  /** One sentence. */
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly exitCode: ExitCode;
  /** Further lines for a person, such as the options there are. */
  readonly hint: readonly string[];
  readonly stack: string;
}

/**
 * Errors with a code, of whichever class, are meant for the user and told as they are; everything else is a fault of the program.
 * A `hint` among the details is printed below the sentence.
 */
export function describeFailure(error: unknown): Failure {
  const stack = stackOf(error);
  if (isCoded(error)) {
    const { hint, ...details } = error.details;
    const lines = Array.isArray(hint) ? hint.map(String) : [];
    return { code: error.code, message: error.message, details, exitCode: exitCodeOf(error.code), hint: lines, stack };
  }
  const what = error instanceof Error ? error.message : String(error);
  return {
    code: "cli/internal",
    message: `Something went wrong inside Lethe (${what.split("\n")[0]}); please report it with what --debug prints.`,
    details: {},
    exitCode: exitCodes.internal,
    hint: [],
    stack,
  };
}

interface CodedError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function isCoded(error: unknown): error is CodedError {
  if (!(error instanceof Error) || !("code" in error) || !("details" in error)) return false;
  return typeof error.code === "string" && error.code.includes("/") && typeof error.details === "object" && error.details !== null;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`;
}
