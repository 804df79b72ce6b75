import { aborted } from "@lethe/core";
import { workersClosed } from "./closed.ts";
import type { LoadMethod } from "./job.ts";
import { createJobRunner } from "./run-job.ts";
import type { Workers } from "./workers.ts";

/** Jobs that wait together, and the reason if they are not to be done. */
interface Batch {
  refused?: { readonly reason: unknown };
}

/** Does one job after the other, on the backend that this process has open. */
export function inThisProcess(signal: AbortSignal, loadMethod: LoadMethod): Workers {
  const runJob = createJobRunner(loadMethod);
  let last: Promise<unknown> = Promise.resolve();
  let batch: Batch = {};
  let closed: Batch["refused"];
  return {
    count: 1,
    run(job, { onStart, onProgress } = {}) {
      const own = batch;
      const next = last.then(async () => {
        if (signal.aborted) throw aborted(signal);
        const refused = own.refused ?? closed;
        if (refused !== undefined) throw refused.reason;
        onStart?.();
        return runJob(typeof job === "function" ? await job() : job, { signal, onProgress: onProgress ?? ignore });
      });
      // The one who asked for a job learns of its failure; the next job starts all the same.
      last = next.catch(ignore);
      return next;
    },
    discard(reason) {
      batch.refused = { reason };
      batch = {};
    },
    async close() {
      closed = { reason: workersClosed() };
      await last;
    },
  };
}

const ignore = () => undefined;
