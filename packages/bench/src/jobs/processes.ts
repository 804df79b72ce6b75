import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BackendName } from "@lethe/backends";
import { LetheError, aborted } from "@lethe/core";
import { workersClosed } from "./closed.ts";
import type { Job } from "./job.ts";
import { received, type Notice, type Order } from "./messages.ts";
import { workerArguments } from "./serve.ts";
import type { Watch, Workers } from "./workers.ts";

interface Waiting {
  readonly job: Job | (() => Promise<Job>);
  readonly watch: Watch;
  resolve(result: never): void;
  reject(error: unknown): void;
}

/**
 * Worker processes with one queue before them. A worker that ends on its own takes its job with it, as the job may have been what ended it; the others go on, and
 * only when none is left are waiting and later jobs refused.
 */
export function inProcesses(count: number, backend: BackendName, signal: AbortSignal, entry: URL): Workers {
  const queue: Waiting[] = [];
  const current = new Map<ChildProcess, Waiting>();
  // The advanced serialisation carries typed arrays as they are.
  const all = Array.from({ length: count }, () => fork(fileURLToPath(entry), workerArguments(backend), { serialization: "advanced" }));
  const alive = new Set(all);
  const idle = new Set(all);
  /** Why no job is taken any more. */
  let over: LetheError | undefined;

  const next = (worker: ChildProcess): void => {
    current.delete(worker);
    if (!alive.has(worker)) return;
    const waiting = queue.shift();
    if (waiting === undefined) {
      idle.add(worker);
      return;
    }
    current.set(worker, waiting);
    void hand(worker, waiting);
  };

  const hand = async (worker: ChildProcess, { job, watch, reject }: Waiting): Promise<void> => {
    try {
      watch.onStart?.();
      tell(worker, { type: "job", job: typeof job === "function" ? await job() : job });
    } catch (error) {
      reject(error);
      next(worker);
    }
  };

  const lose = (worker: ChildProcess, cause: Error): void => {
    if (!alive.delete(worker)) return;
    idle.delete(worker);
    const error = lost(cause);
    current.get(worker)?.reject(error);
    current.delete(worker);
    if (alive.size > 0) return;
    over ??= error;
    for (const { reject } of queue.splice(0)) reject(error);
  };

  for (const worker of all) {
    worker.on("message", (notice: Notice) => {
      const waiting = current.get(worker);
      if (notice.type === "progress") return waiting?.watch.onProgress?.(notice.progress);
      if (notice.type === "done") waiting?.resolve(notice.result as never);
      else waiting?.reject(received(notice.error));
      return next(worker);
    });
    worker.on("error", (error) => {
      lose(worker, error);
      worker.kill("SIGKILL");
    });
    worker.on("exit", (code, by) => lose(worker, new Error(code === null ? String(by) : `exit code ${code}`)));
  }

  const abort = () => {
    for (const { reject } of queue.splice(0)) reject(aborted(signal));
    for (const worker of alive) tell(worker, { type: "abort" });
  };
  signal.addEventListener("abort", abort);

  return {
    count,
    run(job, watch = {}) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(aborted(signal));
        if (over !== undefined) return reject(over);
        queue.push({ job, watch, resolve, reject });
        const [worker] = idle;
        if (worker === undefined) return undefined;
        idle.delete(worker);
        return next(worker);
      });
    },
    discard(reason) {
      for (const { reject } of queue.splice(0)) reject(reason);
    },
    async close() {
      const error = workersClosed();
      over = error;
      signal.removeEventListener("abort", abort);
      for (const { reject } of [...queue.splice(0), ...current.values()]) reject(error);
      alive.clear();
      await Promise.all(all.map(ended));
    },
  };
}

function tell(worker: ChildProcess, order: Order): void {
  if (worker.connected) worker.send(order);
}

function lost(cause: Error): LetheError {
  const sentence = `A worker process ended early (${cause.message}), perhaps for lack of memory; try --workers 1.`;
  return new LetheError("environment/worker-lost", sentence, { reason: cause.message }, { cause });
}

function ended(worker: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (worker.exitCode !== null || worker.signalCode !== null) return resolve();
    worker.once("exit", () => resolve());
    // It is between two jobs, or its job is wanted no more; a worker answers to nothing milder.
    worker.kill("SIGKILL");
  });
}
