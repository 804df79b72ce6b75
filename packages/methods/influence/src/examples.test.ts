import * as tf from "@tensorflow/tfjs";
import * as core from "@lethe/core";
import { describeExamples } from "@lethe/vitest/examples";
import { beforeAll } from "vitest";
import * as method from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describeExamples({
  url: import.meta.url,
  scope: () => {
    const network = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [2], activation: "softmax" })] });
    const inputs = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
    const data = core.arrayDataset({
      inputs,
      inputShape: [2],
      labels: Array.from({ length: 16 }, (_, i) => i % 4),
      ids: Array.from({ length: 16 }, (_, i) => `a${i}`),
    });
    const recipe = { seed: 1, epochs: 1, batchSize: 4, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } };
    return { ...core, ...method, tf, network, model: network, data, recipe };
  },
});
