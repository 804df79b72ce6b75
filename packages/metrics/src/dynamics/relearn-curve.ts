import { collectLogits, train, type Context, type Dataset, type Model, type Recipe, type Weights } from "@lethe/core";
import * as tf from "@tensorflow/tfjs";
import { accuracy, predictions } from "../outputs/accuracy.ts";
import { crossEntropy } from "../outputs/cross-entropy.ts";
import { mean } from "../statistics/moments.ts";

export interface RelearnInput {
  /** Where relearning starts. It is copied, never changed. */
  readonly model: Model;
  /** What is learnt again, and measured. At least one sample. */
  readonly forget: Dataset;
  /** The protocol; the same one, seed included, for all models that are compared. `epochs` limits the run. */
  readonly recipe: Recipe;
  readonly context: Context;
}

/** On the whole forget set in inference mode; entry 0 before any step, entry i after i optimiser steps. */
export interface RelearnCurve {
  readonly accuracies: readonly number[];
  /** Mean cross-entropy in nats. */
  readonly losses: readonly number[];
}

/**
 * Trains a copy of a model on the forget set with a fresh optimiser, and looks after every step how much is known again; for {@link relearnTime} and
 * {@link anamnesisIndex}.
 *
 * Each step costs a pass over the forget set on top of its batch. Looking draws no random numbers and leaves the training as it would be.
 *
 * @throws LetheError whatever `train` and `collectLogits` throw.
 * @example
 * const network = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [1], activation: "softmax" })] });
 * const forget = arrayDataset({ inputs: Float32Array.of(-1, 1), inputShape: [1], labels: [0, 1] });
 * const recipe: Recipe = { seed: 1, epochs: 3, batchSize: 2, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } };
 * const curve = await relearnCurve({ model: new Model(network), forget, recipe, context: createContext() });
 * curve.losses.length; // 4
 * curve.losses[3] < curve.losses[0]; // true
 */
export async function relearnCurve({ model, forget, recipe, context }: RelearnInput): Promise<RelearnCurve> {
  const accuracies: number[] = [];
  const losses: number[] = [];
  const measure = async (weights: Weights) => {
    const logits = await collectLogits(model, forget, { context, batchSize: recipe.batchSize, phase: "relearning" }, weights);
    accuracies.push(accuracy(predictions(logits), forget.labels) as number);
    losses.push(mean(crossEntropy(logits, forget.labels)) as number);
  };
  const { weights } = await train({
    model,
    data: forget,
    recipe,
    context,
    recorder: { begin: (start) => measure(start.weights), step: (step) => measure(step.weights), finish: async () => undefined },
  });
  tf.dispose([weights.parameters, weights.buffers]);
  return { accuracies, losses };
}
