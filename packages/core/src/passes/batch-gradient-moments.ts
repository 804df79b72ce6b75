import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/index.ts";
import { valueAndGradient, type Model, type Weights } from "../model/index.ts";
import { disposeTree, mapTree, toHost, type HostTree } from "../tree/index.ts";
import { batchPass } from "./batch-pass.ts";
import { namedObjective, objectiveOf, type Objective, type ObjectiveName } from "./objective.ts";
import type { PassOptions } from "./read-batches.ts";
import { sumOfPass, type BatchSums } from "./sum-over-batches.ts";

interface BatchMomentsArguments {
  readonly objective: Objective | ObjectiveName;
  readonly power: 1 | 2;
}

export const batchMomentsPass = batchPass<BatchMomentsArguments, BatchSums>(
  "batch-gradient-moments",
  ({ model, weights, arguments: { objective: given, power } }, { meter }) => {
    const { parameters: current, buffers } = weights;
    const objective = objectiveOf(given);
    return async ({ inputs, labels }) => {
      const moments = tf.tidy(() => {
        const { gradient } = valueAndGradient(
          (parameters) => tf.mean(objective(model.forward({ parameters, buffers }, inputs, "inference").logits, labels)),
          current,
        );
        return mapTree(gradient, (value) => (power === 2 ? tf.square(value) : tf.abs(value)));
      });
      meter.forward(labels.shape[0]);
      meter.backward(labels.shape[0]);
      const host = await toHost(moments);
      disposeTree(moments);
      return { host };
    };
  },
);

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
  const input = { model, weights, arguments: { objective: namedObjective(objective), power } };
  return sumOfPass(batchMomentsPass, input, data, weights.parameters, options);
}
