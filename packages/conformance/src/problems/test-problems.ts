import * as tf from "@tensorflow/tfjs";
import type { Recipe } from "@lethe/core";
import { mlp, smallCnn } from "@lethe/models";
import { classes, clusters } from "./clusters.ts";
import type { TestProblem } from "./test-problem.ts";

const recipe: Recipe = {
  seed: 3,
  epochs: 2,
  batchSize: 8,
  optimiser: { kind: "sgd", momentum: 0.9 },
  schedule: { kind: "cosine", rate: 0.05 },
};

/** One network of each sort that users bring: dense, convolutional with batch norm, functional with branches, trained without Lethe. */
export const testProblems: readonly TestProblem[] = [
  {
    name: "dense layers",
    build: () => mlp({ inputShape: [4], classes, hidden: [6] }),
    data: () => clusters([4], "dense"),
    recipe,
    trainedBy: "lethe",
    layers: ["dense"],
  },
  {
    name: "convolutions and batch norm",
    build: () => smallCnn({ inputShape: [6, 6, 1], classes, filters: [2, 3], hidden: 5 }),
    data: () => clusters([6, 6, 1], "convolutions"),
    recipe: { ...recipe, augmentation: { crop: 1, flip: 0.5 } },
    trainedBy: "lethe",
    layers: ["conv2d", "batch-normalization", "dense"],
  },
  {
    name: "a functional model with branches that ends in logits",
    build: branches,
    data: () => clusters([5], "branches"),
    recipe: { ...recipe, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.02 } },
    trainedBy: "lethe",
    layers: ["dense", "layer-normalization"],
  },
  {
    name: "a model trained elsewhere with plain tfjs, with dropout and a softmax",
    build: elsewhere,
    data: () => clusters([4], "elsewhere"),
    recipe: { ...recipe, optimiser: { kind: "sgd" } },
    trainedBy: "tfjs",
    layers: ["dense"],
  },
];

function branches(): tf.LayersModel {
  const { dense, layerNormalization, add } = tf.layers;
  const input = tf.input({ shape: [5] });
  const wide = dense({ units: 4, activation: "tanh", name: "wide" }).apply(input) as tf.SymbolicTensor;
  const skip = dense({ units: 4, useBias: false, name: "skip" }).apply(input) as tf.SymbolicTensor;
  const sum = add().apply([layerNormalization({ name: "norm" }).apply(wide) as tf.SymbolicTensor, skip]);
  return tf.model({ inputs: input, outputs: dense({ units: classes, name: "logits" }).apply(sum) as tf.SymbolicTensor });
}

function elsewhere(): tf.LayersModel {
  const network = tf.sequential({
    layers: [
      tf.layers.dense({ units: 7, inputShape: [4], activation: "relu", name: "features" }),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.dense({ units: classes, activation: "softmax", name: "probabilities" }),
    ],
  });
  network.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  return network;
}
