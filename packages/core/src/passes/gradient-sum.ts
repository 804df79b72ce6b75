import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/index.ts";
import { valueAndGradient, type Model, type Weights } from "../model/index.ts";
import type { HostTree } from "../tree/index.ts";
import type { Objective } from "./objective.ts";
import { sumOverBatches, type PassOptions } from "./sum-over-batches.ts";

/** sum_n d objective(x_n, y_n) / d theta over the data set, inference mode: a plain gradient pass. */
export async function gradientSum(
  model: Model,
  data: Dataset,
  objective: Objective,
  options: PassOptions,
  weights: Weights = model.weights,
): Promise<HostTree> {
  const { sums } = await sumOverBatches(data, weights.parameters, options, (batch) => {
    const samples = batch.labels.shape[0];
    const { value, gradient } = valueAndGradient(
      (parameters) => tf.sum(objective(model.forward({ parameters, buffers: weights.buffers }, batch.inputs, "inference").logits, batch.labels)),
      weights.parameters,
    );
    value.dispose();
    options.context.meter.forward(samples);
    options.context.meter.backward(samples);
    return { tensors: gradient };
  });
  return sums;
}
