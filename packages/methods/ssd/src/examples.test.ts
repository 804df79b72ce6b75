import * as tf from "@tensorflow/tfjs";
import * as core from "@lethe/core";
import { describeExamples } from "@lethe/vitest/examples";
import { beforeAll } from "vitest";
import * as ssd from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describeExamples({
  url: import.meta.url,
  scope: () => {
    const network = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [2], activation: "softmax" })] });
    const data = core.arrayDataset({
      inputs: Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
      inputShape: [2],
      labels: Array.from({ length: 16 }, (_, i) => i % 4),
    });
    return { ...core, ...ssd, network, model: network, data };
  },
});
