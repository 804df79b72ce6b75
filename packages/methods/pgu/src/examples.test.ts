import * as tf from "@tensorflow/tfjs";
import * as core from "@lethe/core";
import { describeExamples } from "@lethe/vitest/examples";
import { beforeAll } from "vitest";
import * as pgu from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describeExamples({
  url: import.meta.url,
  exports: pgu,
  scope: async () => {
    const network = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [2], activation: "softmax" })] });
    const data = core.arrayDataset({
      inputs: Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
      inputShape: [2],
      labels: Array.from({ length: 16 }, (_, i) => i % 4),
    });
    const method = pgu.pgu();
    const { artifact } = await core.prepare({ model: network, data, method });
    return { ...core, ...pgu, tf, network, model: network, data, validation: data, method, artifact };
  },
});
