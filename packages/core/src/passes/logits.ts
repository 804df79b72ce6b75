import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/index.ts";
import type { Model, Weights } from "../model/index.ts";
import type { HostTensor } from "../tree/index.ts";
import { batchPass } from "./batch-pass.ts";
import { overBatches } from "./over-batches.ts";
import { samplesIn, type PassOptions } from "./read-batches.ts";

export const logitsPass = batchPass<null, Float32Array>("logits", ({ model, weights }, { meter }) => async ({ inputs, labels }) => {
  const logits = tf.tidy(() => model.forward(weights, inputs, "inference").logits);
  // A backend may hand out a view of its own memory.
  const values = Float32Array.from(await logits.data());
  logits.dispose();
  meter.forward(labels.shape[0]);
  return values;
});

/** Logits of every visited sample in order, `[n, c] float32`, inference mode. */
export async function collectLogits(model: Model, data: Dataset, options: PassOptions, weights: Weights = model.weights): Promise<HostTensor> {
  const total = samplesIn(data, options);
  const values = new Float32Array(total * model.classCount);
  let written = 0;
  for await (const logits of overBatches(logitsPass, { model, weights, arguments: null }, data, options)) {
    values.set(logits, written);
    written += logits.length;
  }
  return { shape: [total, model.classCount], values };
}
