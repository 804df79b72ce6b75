import type { HostTensor, HostTree } from "../tree/index.ts";
import type { Cost } from "./meter.ts";

/**
 * Threads that a pass hands its batches to. `createWasmPool` of `@lethe/backends/pool` makes one for Node; core itself starts no thread.
 *
 * A pass adds up what it gets back in the order of its batches, so that a result is the same, bit for bit, however many workers there are and whichever is
 * faster.
 */
export interface Pool {
  /** How many batches are computed at the same time. */
  readonly workers: number;
  /** Gives every worker what stays the same over the batches. What goes wrong with it is thrown by {@link PoolSession.compute}. */
  open(work: PoolWork): PoolSession;
}

/** What is to be done with batch after batch, as plain data. */
export interface PoolWork {
  /** Name of the pass. */
  readonly pass: string;
  /** The network without its weights, as text. */
  readonly network: string;
  /** Weights, and what else the pass needs of tensors: read by all workers, written by none. */
  readonly trees: Readonly<Record<string, HostTree>>;
  readonly arguments: unknown;
  /** `"second"` where gradients have been registered anew in this thread so that they can be differentiated twice: workers then do the same. */
  readonly derivatives: "first" | "second";
}

export interface PoolSession {
  /** What the pass makes of these batches, which are copied. @throws LetheError what the pass throws, and `pool/...`. */
  compute(batches: readonly PoolBatch[]): Promise<PoolAnswer>;
  /** Ends the work in all workers; what is not begun is not computed any more. */
  close(): void;
}

export interface PoolBatch {
  readonly inputs: HostTensor;
  readonly labels: Int32Array;
}

export interface PoolAnswer {
  readonly result: unknown;
  readonly cost: Cost;
}
