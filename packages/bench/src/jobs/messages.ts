import type { Progress } from "@lethe/core";
import type { Job, Results } from "./job.ts";

/** From the main thread to a worker. */
export type Order = { readonly type: "job"; readonly job: Job } | { readonly type: "abort" };

/** From a worker to the main thread. One job at a time, so an answer needs no number. */
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
