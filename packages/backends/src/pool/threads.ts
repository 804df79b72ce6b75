import { Worker } from "node:worker_threads";
import { LetheError, type PoolAnswer, type PoolBatch, type PoolSession, type PoolWork } from "@lethe/core";
import type { WasmPool } from "./create-wasm-pool.ts";
import { inSharedMemory, received, type Answer, type Notice, type Order, type Start } from "./messages.ts";

/** Resolves when all have a backend and their modules. @throws LetheError `pool/not-started`, and what starting throws in a worker. */
export async function startThreads(script: URL, count: number, start: Start): Promise<WasmPool> {
  const threads = Array.from({ length: count }, () => new Thread(script, start));
  try {
    await Promise.all(threads.map(({ ready }) => ready));
  } catch (error) {
    await Promise.all(threads.map((thread) => thread.end()));
    throw error;
  }
  return new Threads(threads);
}

/** A pool whose batches go to the thread that has the fewest. */
class Threads implements WasmPool {
  readonly workers: number;
  readonly #threads: readonly Thread[];
  #sessions = 0;
  #calls = 0;
  /** Why nothing is computed any more. */
  #over: LetheError | undefined;

  constructor(threads: readonly Thread[]) {
    this.workers = threads.length;
    this.#threads = threads;
    for (const thread of threads) thread.onLost = (error) => void this.#end(error);
  }

  open(work: PoolWork): PoolSession {
    const session = this.#sessions++;
    const closed = new Int32Array(new SharedArrayBuffer(4));
    const shared = { ...work, trees: inSharedMemory(work.trees) };
    for (const thread of this.#threads) thread.tell({ type: "open", session, work: shared, closed });
    return {
      compute: (batches) => this.#compute(session, batches),
      close: () => {
        Atomics.store(closed, 0, 1);
        for (const thread of this.#threads) thread.tell({ type: "close", session });
      },
    };
  }

  async #compute(session: number, batches: readonly PoolBatch[]): Promise<PoolAnswer> {
    if (this.#over) throw this.#over;
    const least = this.#threads.reduce((best, thread) => (thread.waiting < best.waiting ? thread : best));
    return least.compute({ type: "compute", session, id: this.#calls++, batches });
  }

  async close(): Promise<void> {
    await this.#end(new LetheError("pool/closed", "The pool has been closed; make a new one."));
  }

  async #end(error: LetheError): Promise<void> {
    this.#over ??= error;
    await Promise.all(this.#threads.map((thread) => thread.end(this.#over)));
  }
}

interface Waiting {
  resolve(answer: PoolAnswer): void;
  reject(error: Error): void;
}

/** One worker, and the calls that it has not answered yet. */
class Thread {
  readonly ready: Promise<void>;
  onLost: (error: LetheError) => void = () => undefined;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #isOver = false;

  constructor(script: URL, start: Start) {
    const worker = new Worker(script, { workerData: start });
    this.#worker = worker;
    this.ready = new Promise((resolve, reject) => {
      worker.on("message", (notice: Notice) => {
        if (notice.type === "failed-to-start") return reject(received(notice.error));
        if (notice.type !== "ready") return this.#hear(notice);
        // From now on it keeps the program alive while it computes, and no longer.
        worker.unref();
        return resolve();
      });
      const lose = (cause: Error): void => {
        reject(notStarted(cause));
        this.#lose(lost(cause));
      };
      worker.on("error", lose);
      worker.on("messageerror", lose);
      worker.on("exit", (code) => lose(new Error(`exit code ${code}`)));
    });
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  tell(order: Order): void {
    this.#worker.postMessage(order);
  }

  compute(order: Order & { readonly type: "compute" }): Promise<PoolAnswer> {
    return new Promise((resolve, reject) => {
      this.tell(order);
      this.#waiting.set(order.id, { resolve, reject });
      this.#worker.ref();
    });
  }

  #hear(notice: Answer): void {
    const waiting = this.#waiting.get(notice.id);
    this.#waiting.delete(notice.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (notice.type === "done") waiting?.resolve(notice.answer);
    else waiting?.reject(received(notice.error));
  }

  #lose(error: LetheError): void {
    if (this.#isOver) return;
    void this.end(error);
    this.onLost(error);
  }

  async end(error?: LetheError): Promise<void> {
    this.#isOver = true;
    if (error) for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    await this.#worker.terminate();
  }
}

function notStarted(cause: Error): LetheError {
  const sentence = `A worker thread did not start (${cause.message}); make sure that @lethe/backends is installed as published, and try fewer workers.`;
  return new LetheError("pool/not-started", sentence, { reason: cause.message }, { cause });
}

function lost(cause: Error): LetheError {
  const sentence = `A worker thread ended early (${cause.message}), perhaps for lack of memory; the model is unchanged. Make a new pool of fewer workers, and do the same again.`;
  return new LetheError("pool/worker-lost", sentence, { reason: cause.message }, { cause });
}
