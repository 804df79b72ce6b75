import { LetheError } from "@lethe/core";

/** What becomes of jobs that are not done when the workers are closed. */
export function workersClosed(): LetheError {
  return new LetheError("environment/workers-closed", "The workers were closed before this job was done; start new ones for it.");
}
