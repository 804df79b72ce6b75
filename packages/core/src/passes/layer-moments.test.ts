import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { disposeTaps, Model, planTaps, runTaps } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { layerMoments, momentsByFilterGradients, momentsByPatches } from "./layer-moments.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("the two ways to a convolution's moments agree", () => {
  it.each([
    { kernelSize: 3, strides: 1, padding: "same" },
    { kernelSize: 3, strides: 2, padding: "same" },
    { kernelSize: [2, 3], strides: [1, 2], padding: "valid" },
    { kernelSize: 1, strides: 2, padding: "valid" },
    { kernelSize: 5, strides: 1, padding: "valid" },
  ] as { kernelSize: number; strides: number; padding: "same" | "valid" }[])("%o", async (options) => {
    const network = tf.sequential({
      layers: [tf.layers.conv2d({ filters: 4, inputShape: [7, 6, 3], ...options }), tf.layers.flatten(), tf.layers.dense({ units: 2 })],
    });
    const model = new Model(network).initialise(createRandom(1));
    const inputs = tf.randomNormal([5, 7, 6, 3], 0, 1, "float32", 3);
    for (const power of [1, 2] as const) {
      const taps = runTaps(model, planTaps(model, tf.slice(inputs, 0, 1)), model.weights, inputs, (logits) => tf.sum(tf.square(logits)));
      const { host: byPatches } = await layerMoments(taps.records, model.weights, power, momentsByPatches);
      const { host: byFilterGradients } = await layerMoments(taps.records, model.weights, power, momentsByFilterGradients);
      disposeTaps(taps);
      const kernel = Object.keys(byPatches).find((name) => name.startsWith("conv") && name.endsWith("kernel"))!;
      expect(byPatches[kernel].values.length).toBeGreaterThan(10);
      byPatches[kernel].values.forEach((value, i) => expect(byFilterGradients[kernel].values[i] / value).toBeCloseTo(1, 4));
    }
  });
});
