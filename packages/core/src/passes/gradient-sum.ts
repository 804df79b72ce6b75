import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/index.ts";
import { valueAndGradient, type Model, type Weights } from "../model/index.ts";
import { disposeTree, toHost, type HostTree } from "../tree/index.ts";
import { batchPass } from "./batch-pass.ts";
import { namedObjective, objectiveOf, type Objective, type ObjectiveName } from "./objective.ts";
import type { PassOptions } from "./read-batches.ts";
import { sumOfPass, type BatchSums } from "./sum-over-batches.ts";

interface GradientArguments {
  readonly objective: Objective | ObjectiveName;
}

export const gradientPass = batchPass<GradientArguments, BatchSums>("gradient", ({ model, weights, arguments: { objective: given } }, { meter }) => {
  const { parameters: current, buffers } = weights;
  const objective = objectiveOf(given);
  return async ({ inputs, labels }) => {
    const { value, gradient } = valueAndGradient(
      (parameters) => tf.sum(objective(model.forward({ parameters, buffers }, inputs, "inference").logits, labels)),
      current,
    );
    value.dispose();
    meter.forward(labels.shape[0]);
    meter.backward(labels.shape[0]);
    const host = await toHost(gradient);
    disposeTree(gradient);
    return { host };
  };
});

/** sum_n d objective(x_n, y_n) / d theta over the data set, inference mode: a plain gradient pass. */
export async function gradientSum(
  model: Model,
  data: Dataset,
  objective: Objective,
  options: PassOptions,
  weights: Weights = model.weights,
): Promise<HostTree> {
  const input = { model, weights, arguments: { objective: namedObjective(objective) } };
  return (await sumOfPass(gradientPass, input, data, weights.parameters, options)).sums;
}
