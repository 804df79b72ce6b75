import * as tf from "@tensorflow/tfjs";
import type { Context } from "../context/index.ts";
import { batchesOf, readTensors, validateSamples, type Dataset, type TensorBatch } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import { addInto, hostZeros, isFiniteTree, toHost, type HostTree, type TensorTree } from "../tree/index.ts";

export interface PassOptions {
  readonly context: Context;
  readonly batchSize: number;
  /** Shown with the progress, e.g. `"importance of D"`. */
  readonly phase: string;
  /** Positions to visit, in this order; default all in stored order. */
  readonly order?: ArrayLike<number>;
}

/** What one batch contributes: tensors (disposed here) and, where the host is the better place for it, host tensors. */
export interface BatchTerms {
  readonly tensors: TensorTree;
  readonly host?: HostTree;
  /** For terms that touch few elements of large sums: adds itself. */
  readonly addTo?: (sums: HostTree) => void;
}

/**
 * S = sum over batches b of term(b), accumulated in float64 on the host.
 *
 * @param shapes names and shapes of S.
 * @param term runs outside any tidy and disposes its own intermediates; the tensors it returns are disposed here.
 * @returns the sums and the number of batches.
 * @throws LetheError `pass/non-finite`, `run/aborted`, `data/non-finite`, `data/shape-mismatch`.
 */
export async function sumOverBatches(
  data: Dataset,
  shapes: Readonly<Record<string, { readonly shape: readonly number[] }>>,
  options: PassOptions,
  term: (batch: TensorBatch) => BatchTerms | Promise<BatchTerms>,
): Promise<{ sums: HostTree; batches: number }> {
  const sums = hostZeros(shapes);
  const batches = await forEachBatch(data, options, async (batch) => {
    const { tensors, host, addTo } = await term(batch);
    addInto(sums, await toHost(tensors));
    tf.dispose(tensors);
    if (host) addInto(sums, host);
    addTo?.(sums);
  });
  if (!isFiniteTree(sums)) {
    throw new LetheError("pass/non-finite", `The sums of ${options.phase} are beyond float32; scale the inputs, or train the model at a lower rate.`);
  }
  return { sums, batches };
}

/** Reads, checks and uploads batch after batch, with progress and the chance to stop between them. */
export async function forEachBatch(
  data: Dataset,
  options: PassOptions,
  body: (batch: TensorBatch, indices: Uint32Array) => Promise<void>,
): Promise<number> {
  const total = options.order?.length ?? data.size;
  let completed = 0;
  let batches = 0;
  for (const indices of batchesOf(total, options.batchSize, options.order)) {
    await options.context.pause();
    const samples = await data.read(indices);
    validateSamples(data, indices, samples);
    const batch = readTensors(samples);
    try {
      await body(batch, indices);
    } finally {
      tf.dispose([batch.inputs, batch.labels]);
    }
    batches++;
    completed += indices.length;
    options.context.report({ phase: options.phase, completed, total, unit: "samples" });
  }
  return batches;
}
