import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/index.ts";
import type { Model, Weights } from "../model/index.ts";
import type { HostTensor } from "../tree/index.ts";
import { forEachBatch, type PassOptions } from "./sum-over-batches.ts";

/** Logits of every visited sample in order, `[n, c] float32`, inference mode. */
export async function collectLogits(model: Model, data: Dataset, options: PassOptions, weights: Weights = model.weights): Promise<HostTensor> {
  const total = options.order?.length ?? data.size;
  const values = new Float32Array(total * model.classCount);
  let written = 0;
  await forEachBatch(data, options, async (batch, indices) => {
    const logits = tf.tidy(() => model.forward(weights, batch.inputs, "inference").logits);
    values.set(await logits.data(), written);
    logits.dispose();
    written += indices.length * model.classCount;
    options.context.meter.forward(indices.length);
  });
  return { shape: [total, model.classCount], values };
}
