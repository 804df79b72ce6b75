import { existsSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { Worker } from "node:worker_threads";
import type { BackendName } from "@lethe/backends";
import { LetheError, aborted, type Progress } from "@lethe/core";
import type { Job, Results } from "./job.ts";
import type { Notice, Order, SentError } from "./messages.ts";
import { runJob } from "./run-job.ts";

/** Does jobs, several at a time where the machine allows. */
export interface Workers {
  readonly count: number;
  run<Kind extends Job["kind"]>(job: Extract<Job, { kind: Kind }>, onProgress: (progress: Progress) => void): Promise<Results[Kind]>;
  close(): Promise<void>;
}

export interface WorkersRequest {
  readonly backend: BackendName;
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Default: as many as there are cores, if the backend uses one core each. */
  readonly count?: number | undefined;
  /** The worker's script. Default: the one beside this module. */
  readonly entry?: URL;
}

/** What one worker may come to need: TensorFlow.js, a model, its batches. */
const workerBytes = 500e6;

/** Worker threads, or the main thread alone where one is all there is to gain. */
export function startWorkers({ backend, jobs, signal, count, entry = new URL("./worker.js", import.meta.url) }: WorkersRequest): Workers {
  const parallel = backend === "wasm" || backend === "cpu" ? Math.min(availableParallelism(), Math.floor(freemem() / workerBytes)) : 1;
  const size = Math.min(count ?? parallel, jobs);
  // Under a test runner there is only worker.ts, which a thread of Node 20 cannot load.
  return size > 1 && existsSync(entry) ? threads(size, backend, signal, entry) : mainThread(signal);
}

function mainThread(signal: AbortSignal): Workers {
  let last: Promise<unknown> = Promise.resolve();
  return {
    count: 1,
    run(job, onProgress) {
      const next = last.then(() => runJob(job, { signal, onProgress }));
      // The one who asked for a job learns of its failure; the next job starts all the same.
      last = next.catch(() => undefined);
      return next;
    },
    close: async () => void (await last),
  };
}

interface Waiting {
  readonly job: Job;
  readonly onProgress: (progress: Progress) => void;
  resolve(result: never): void;
  reject(error: unknown): void;
}

function threads(count: number, backend: BackendName, signal: AbortSignal, entry: URL): Workers {
  const queue: Waiting[] = [];
  const idle: Worker[] = [];
  const current = new Map<Worker, Waiting>();
  const tell = (worker: Worker, order: Order) => worker.postMessage(order);

  const next = (worker: Worker): void => {
    const waiting = queue.shift();
    if (waiting === undefined) {
      current.delete(worker);
      idle.push(worker);
      return;
    }
    current.set(worker, waiting);
    tell(worker, { type: "job", job: waiting.job });
  };

  const all = Array.from({ length: count }, () => {
    const worker = new Worker(entry, { workerData: { backend } });
    worker.on("message", (notice: Notice) => {
      const waiting = current.get(worker);
      if (notice.type === "progress") return waiting?.onProgress(notice.progress);
      if (notice.type === "done") waiting?.resolve(notice.result as never);
      else waiting?.reject(received(notice.error));
      return next(worker);
    });
    const lost = (cause: unknown) => {
      const error = new LetheError(
        "environment/worker-lost",
        "A worker thread ended early, perhaps for lack of memory; try --workers 1.",
        {},
        { cause },
      );
      for (const waiting of [current.get(worker), ...queue.splice(0)]) waiting?.reject(error);
      current.delete(worker);
    };
    worker.on("error", lost);
    worker.on("exit", (code) => code !== 0 && lost(new Error(`exit code ${code}`)));
    return worker;
  });
  idle.push(...all);

  const abort = () => {
    for (const waiting of queue.splice(0)) waiting.reject(aborted(signal));
    for (const worker of all) tell(worker, { type: "abort" });
  };
  signal.addEventListener("abort", abort);

  return {
    count,
    run(job, onProgress) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(aborted(signal));
        queue.push({ job, onProgress, resolve, reject });
        const worker = idle.shift();
        if (worker !== undefined) next(worker);
      });
    },
    async close() {
      signal.removeEventListener("abort", abort);
      await Promise.all(all.map((worker) => worker.terminate()));
    },
  };
}

function received({ code, message, details, stack }: SentError): Error {
  const error = code === undefined ? new Error(message) : new LetheError(code, message, details);
  error.stack = stack;
  return error;
}
