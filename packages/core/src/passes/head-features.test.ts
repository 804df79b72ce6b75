import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset } from "../data/index.ts";
import { headOf, Model } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { collectLogits, headFeatures } from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const random = createRandom("head");
const data = arrayDataset({
  inputs: Float32Array.from({ length: 10 * 36 }, () => random.normal()),
  inputShape: [6, 6, 1],
  labels: Array.from({ length: 10 }, (_, i) => i % 3),
  ids: Array.from({ length: 10 }, (_, i) => `sample-${i}`),
});
const sample = () => tf.zeros([1, 6, 6, 1]);
const options = () => ({ context: createContext(), batchSize: 4, phase: "features" });

const body = () => [tf.layers.conv2d({ filters: 2, kernelSize: 3, activation: "relu", inputShape: [6, 6, 1] }), tf.layers.flatten()];
const networks: readonly [string, () => tf.LayersModel][] = [
  ["softmax in the layer", () => tf.sequential({ layers: [...body(), tf.layers.dense({ units: 3, activation: "softmax" })] })],
  ["softmax after the layer", () => tf.sequential({ layers: [...body(), tf.layers.dense({ units: 3 }), tf.layers.softmax()] })],
  ["logits", () => tf.sequential({ layers: [...body(), tf.layers.dense({ units: 3, useBias: false })] })],
  ["one unit", () => tf.sequential({ layers: [...body(), tf.layers.dense({ units: 1, activation: "sigmoid" })] })],
];

describe.each(networks)("the head of a network that ends in %s", (_title, build) => {
  test("gives of its features the logits of the whole, bit for bit, and leaves no tensor behind", async () => {
    const model = new Model(build());
    const before = tf.memory().numTensors;
    const inputs = sample();
    const head = headOf(model, inputs);
    const features = await headFeatures(model, head, data, options());
    expect(features.inputShape).toEqual([32]);
    expect([features.ids, features.labels, features.classCount]).toEqual([data.ids, data.labels, data.classCount]);
    expect(await collectLogits(head.model, features, options())).toEqual(await collectLogits(model, data, options()));
    for (const [own, whole] of head.names) expect(head.model.parameters[own].dataSync()).toEqual(model.parameters[whole].dataSync());
    head.model.dispose();
    inputs.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("no head", () => {
  const dense = (units: number, activation?: "relu") => tf.layers.dense({ units, ...(activation ? { activation } : {}) });
  test.each<[string, () => tf.layers.Layer[]]>([
    ["a convolution and pooling at the end", () => [tf.layers.conv2d({ filters: 3, kernelSize: 3 }), tf.layers.globalAveragePooling2d({})]],
    ["a batch norm after the dense layer", () => [tf.layers.flatten(), dense(3), tf.layers.batchNormalization()]],
    ["an average of several outputs", () => [tf.layers.reshape({ targetShape: [4, 9] }), dense(3), tf.layers.globalAveragePooling1d({})]],
  ])("has a network with %s", (_title, layers) => {
    const before = tf.memory().numTensors;
    const network = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [6, 6, 1] }), ...layers()] });
    const inputs = sample();
    expect(() => headOf(new Model(network), inputs)).toThrow(expect.objectContaining({ code: "model/no-head" }));
    inputs.dispose();
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
