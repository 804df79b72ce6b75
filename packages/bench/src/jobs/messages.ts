import { isLetheError, LetheError, type Progress } from "@lethe/core";
import type { Job, Results } from "./job.ts";

/** From the main process to a worker. */
export type Order = { readonly type: "job"; readonly job: Job } | { readonly type: "abort" };

/** From a worker to the main process. One job at a time, so an answer needs no number. */
export type Notice =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "done"; readonly result: Results[Job["kind"]] }
  | { readonly type: "failed"; readonly error: SentError };

/** An error loses its class on the way. */
export interface SentError {
  readonly code: string | undefined;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly stack: string;
}

export function sendable(error: unknown): SentError {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), details: {}, stack: "" };
  const known = isLetheError(error) ? error : undefined;
  return { code: known?.code, message: error.message, details: sendableDetails(known?.details), stack: error.stack ?? "" };
}

/** Details may hold what cannot be sent, such as functions; JSON is what they are meant to survive, and an error matters more than its details. */
function sendableDetails(details: SentError["details"] = {}): SentError["details"] {
  try {
    return JSON.parse(JSON.stringify(details)) as SentError["details"];
  } catch {
    return {};
  }
}

export function received({ code, message, details, stack }: SentError): Error {
  const error = code === undefined ? new Error(message) : new LetheError(code, message, details);
  error.stack = stack;
  return error;
}
