import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/index.ts";
import { valueAndGradient, type Model, type Weights } from "../model/index.ts";
import type { HostTree } from "../tree/index.ts";
import type { Objective } from "./objective.ts";
import { sumOverBatches, type PassOptions } from "./sum-over-batches.ts";

/**
 * sum over batches b of |d/d theta mean_{n in b} objective(x_n, y_n)|^power, elementwise, inference mode.
 *
 * With power 2 and divided by the number of batches this is what the public SSD code calls the Fisher diagonal. It is not: the gradient is
 * averaged over the batch before it is squared, so the result depends on batch size and order, and a short last batch counts like a full one.
 */
export async function batchGradientMoments(
  model: Model,
  data: Dataset,
  objective: Objective,
  power: 1 | 2,
  options: PassOptions,
  weights: Weights = model.weights,
): Promise<{ sums: HostTree; batches: number }> {
  const { parameters: current, buffers } = weights;
  return sumOverBatches(data, current, options, (batch) => {
    const samples = batch.labels.shape[0];
    const tensors = tf.tidy(() => {
      const { gradient } = valueAndGradient(
        (parameters) => tf.mean(objective(model.forward({ parameters, buffers }, batch.inputs, "inference").logits, batch.labels)),
        current,
      );
      return Object.fromEntries(Object.entries(gradient).map(([name, value]) => [name, power === 2 ? tf.square(value) : tf.abs(value)]));
    });
    options.context.meter.forward(samples);
    options.context.meter.backward(samples);
    return { tensors };
  });
}
