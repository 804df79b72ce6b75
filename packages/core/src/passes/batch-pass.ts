import type { Context } from "../context/index.ts";
import type { TensorBatch } from "../data/index.ts";
import type { Model, Weights } from "../model/index.ts";
import type { TensorTree } from "../tree/index.ts";

/** What stays the same while a pass goes over the data. Tensors are borrowed. */
export interface PassInput<Arguments> {
  readonly model: Model;
  readonly weights: Weights;
  /** What a matrix is multiplied by. */
  readonly vector?: TensorTree;
  /** Plain data, so that other threads can be told. With a function among them, one of the caller's own for instance, the pass stays in its thread. */
  readonly arguments: Arguments;
}

/**
 * What a pass computes of its batches, by a name under which a worker of a pool finds the same function.
 *
 * A result holds no tensor. It depends on the input and the batches alone: not on the batches of other calls, of which a worker sees but some.
 */
export interface BatchPass<Arguments, Result> {
  readonly name: string;
  /** How many batches a pool's worker is given at once, and makes one result of; the last ones may be fewer. */
  readonly batchesAtOnce: number;
  begin(input: PassInput<Arguments>, context: Context): (batches: AsyncIterable<TensorBatch>) => Promise<Result>;
}

/** A pass with a result for each batch. */
export function batchPass<Arguments, Result>(
  name: string,
  begin: (input: PassInput<Arguments>, context: Context) => (batch: TensorBatch) => Result | Promise<Result>,
): BatchPass<Arguments, Result> {
  return {
    name,
    batchesAtOnce: 1,
    begin(input, context) {
      const compute = begin(input, context);
      return async (batches) => {
        // Awaited here, or the batch would be gone before it has been computed with.
        for await (const batch of batches) return await compute(batch);
        throw new Error(`The pass ${name} was given no batch.`);
      };
    },
  };
}
