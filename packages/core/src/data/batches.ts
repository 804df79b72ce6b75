import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import { fromHost } from "../tree/index.ts";
import type { Dataset, Samples } from "./dataset.ts";

/** Samples on the device; the owner disposes both. */
export interface TensorBatch {
  readonly inputs: tf.Tensor;
  readonly labels: tf.Tensor1D;
}

/** Consecutive index batches of `order` (default: stored order); the last one may be smaller. @throws LetheError `data/batch-size`. */
export function* batchesOf(count: number, batchSize: number, order?: ArrayLike<number>): Generator<Uint32Array> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new LetheError("data/batch-size", `A batch of ${batchSize} samples cannot be made; give a whole number, 1 or more.`, { batchSize });
  }
  for (let start = 0; start < count; start += batchSize) {
    const length = Math.min(batchSize, count - start);
    yield Uint32Array.from({ length }, (_, i) => (order ? order[start + i] : start + i));
  }
}

/** Uploads samples. */
export function readTensors(samples: Samples): TensorBatch {
  const { inputs } = fromHost({ inputs: samples.inputs });
  return { inputs, labels: tf.tensor1d(samples.labels, "int32") };
}

export async function readBatch(dataset: Dataset, indices: ArrayLike<number>): Promise<TensorBatch> {
  return readTensors(await dataset.read(indices));
}
