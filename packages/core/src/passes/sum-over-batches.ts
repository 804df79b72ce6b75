import * as tf from "@tensorflow/tfjs";
import type { Dataset, TensorBatch } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import { addInto, hostZeros, isFiniteTree, toHost, type HostArray, type HostTree, type TensorTree } from "../tree/index.ts";
import type { BatchPass, PassInput } from "./batch-pass.ts";
import { overBatches, uploaded } from "./over-batches.ts";
import { progressOf, readBatches, type PassOptions } from "./read-batches.ts";

/** What batches contribute to a sum. */
export interface BatchSums {
  readonly host: HostTree;
  /** Terms that touch few rows of large matrices. */
  readonly rows?: readonly RowTerms[];
}

/** Rows that are added to some of a matrix `[rows, width]`, in this order; a row may come more than once. */
export interface RowTerms {
  readonly name: string;
  readonly at: Int32Array;
  /** `[at.length, width]`. */
  readonly values: HostArray;
}

/** Names and shapes of sums. */
export type SumShapes = Readonly<Record<string, { readonly shape: readonly number[] }>>;

/**
 * S = sum over batches b of what the pass makes of b, accumulated in float64 on the host, in the order of the batches.
 *
 * @returns the sums and the number of batches.
 * @throws LetheError `pass/non-finite`, `run/aborted`, `data/non-finite`, `data/shape-mismatch`, and from a pool `pool/...`.
 */
export async function sumOfPass<Arguments>(
  pass: BatchPass<Arguments, BatchSums>,
  input: PassInput<Arguments>,
  data: Dataset,
  shapes: SumShapes,
  options: PassOptions,
): Promise<{ sums: HostTree; batches: number }> {
  const sums = hostZeros(shapes);
  let batches = 0;
  for await (const terms of overBatches(pass, input, data, options)) {
    addTerms(sums, terms);
    batches++;
  }
  expectFiniteSums(sums, options);
  return { sums, batches };
}

/** What one batch contributes: tensors (disposed here) and, where the host is the better place for it, host tensors. */
export interface BatchTerms {
  readonly tensors: TensorTree;
  readonly host?: HostTree;
}

/**
 * S = sum over batches b of term(b), as {@link sumOfPass}, of a function that no other thread could be told of: with a pool, too, it runs in this one.
 *
 * @param term runs outside any tidy and disposes its own intermediates; the tensors it returns are disposed here.
 * @returns the sums and the number of batches.
 * @throws LetheError `pass/non-finite`, `run/aborted`, `data/non-finite`, `data/shape-mismatch`.
 */
export async function sumOverBatches(
  data: Dataset,
  shapes: SumShapes,
  options: PassOptions,
  term: (batch: TensorBatch) => BatchTerms | Promise<BatchTerms>,
): Promise<{ sums: HostTree; batches: number }> {
  const sums = hostZeros(shapes);
  const batches = await forEachBatch(data, options, async (batch) => {
    const { tensors, host } = await term(batch);
    addInto(sums, await toHost(tensors));
    tf.dispose(tensors);
    if (host) addInto(sums, host);
  });
  expectFiniteSums(sums, options);
  return { sums, batches };
}

/** Reads, checks and uploads batch after batch, with progress and the chance to stop between them. */
export async function forEachBatch(
  data: Dataset,
  options: PassOptions,
  body: (batch: TensorBatch, indices: Uint32Array) => Promise<void>,
): Promise<number> {
  const advance = progressOf(data, options);
  let batches = 0;
  for await (const read of readBatches(data, options)) {
    for await (const batch of uploaded([read])) await body(batch, read.indices);
    batches++;
    advance(read.indices.length);
  }
  return batches;
}

export function addTerms(sums: HostTree, { host, rows = [] }: BatchSums): void {
  addInto(sums, host);
  for (const terms of rows) addRows(sums[terms.name].values, terms);
}

function addRows(sums: HostArray, { at, values }: RowTerms): void {
  const width = values.length / at.length;
  for (let row = 0; row < at.length; row++) {
    for (let d = 0; d < width; d++) sums[at[row] * width + d] += values[row * width + d];
  }
}

/** @throws LetheError `pass/non-finite`. */
export function expectFiniteSums(sums: HostTree, { phase }: PassOptions): void {
  if (isFiniteTree(sums)) return;
  throw new LetheError("pass/non-finite", `The sums of ${phase} are beyond float32; scale the inputs, or train the model at a lower rate.`);
}
