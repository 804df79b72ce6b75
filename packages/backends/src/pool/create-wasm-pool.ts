import { availableParallelism } from "node:os";
import { LetheError, type Pool } from "@lethe/core";
import { startThreads } from "./threads.ts";

export interface WasmPoolOptions {
  /** Threads; default as many as there are processors for this process. */
  readonly workers?: number;
  /** Modules that every worker imports first: those that register layers of your own by `tf.serialization.registerClass`. */
  readonly modules?: readonly URL[];
}

export interface WasmPool extends Pool {
  /** Ends the threads. What is under way is rejected with `pool/closed`. */
  close(): Promise<void>;
}

/**
 * Starts worker threads, each with a wasm backend of its own, that passes over data share their batches among: gradients over a set, Fisher diagonals,
 * products with Hessian, Gauss-Newton and empirical Fisher matrix, layer inputs' second moments, logits. Give it to whatever takes a context or a request.
 *
 * Results are the same bits for any number of workers, and those of one thread on the wasm backend; the second moments of layers' inputs differ from
 * the latter by float64 rounding. A pool that nobody closes does not keep a program from ending.
 *
 * A worker builds the model anew from its configuration. Weights are in memory that the threads share; each batch is copied to the worker that gets it.
 *
 * Node only. What the threads compute is wasm's, whatever backend is set in this thread.
 *
 * @throws LetheError `pool/workers` for a number of workers that is none, `pool/not-started`, `backend/unavailable`. Passes that use it throw
 * `pool/worker-lost` once a worker has died (start a new pool), `pool/closed`, `pool/unknown-class` and `pool/not-reproducible` for models that a worker cannot build.
 *
 * @example
 * const pool = await createWasmPool({ workers: 2 });
 * const logits = await collectLogits(model, data, { context: createContext({ pool }), batchSize: 2, phase: "logits" });
 * logits.shape; // [4, 3]
 * await pool.close();
 */
export async function createWasmPool(options: WasmPoolOptions = {}): Promise<WasmPool> {
  return createPoolOf(new URL("./worker.js", import.meta.url), options);
}

/** @param script what the threads run; in the sources as they stand, where there is no `worker.js`, tests have their own. */
export async function createPoolOf(script: URL, { workers = availableParallelism(), modules = [] }: WasmPoolOptions): Promise<WasmPool> {
  if (!Number.isInteger(workers) || workers < 1) {
    throw new LetheError("pool/workers", `A pool of ${workers} workers cannot be made; give a whole number, 1 or more.`, { workers });
  }
  return startThreads(script, workers, { modules: modules.map(String) });
}
