import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { filesInMemory, loadNetwork, saveNetwork } from "@lethe/core";
import { BatchIndices } from "./batch-indices.ts";
import { FirstToken } from "./first-token.ts";
import { MaskedMean } from "./masked-mean.ts";
import { registerLayers } from "./register.ts";
import { SelfAttention } from "./self-attention.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const ids = () =>
  tf.tensor2d(
    [
      [3, 0, 1],
      [0, 0, 0],
    ],
    [2, 3],
    "int32",
  );

describe("batch indices", () => {
  it("count from 0 for every sample, whatever the samples are", () => {
    const layer = new BatchIndices({ length: 3 });
    expect((layer.apply(tf.zeros([2, 5, 4])) as tf.Tensor).arraySync()).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(layer.computeOutputShape([null, 5, 4])).toEqual([null, 3]);
  });
});

describe("first token", () => {
  it("is the first vector of every sample", () => {
    const tokens = tf.reshape(tf.range(0, 12), [2, 3, 2]);
    expect((new FirstToken().apply(tokens) as tf.Tensor).arraySync()).toEqual([
      [0, 1],
      [6, 7],
    ]);
  });
});

describe("masked mean", () => {
  it("leaves padding out, and is 0 where there is nothing else", () => {
    const vectors = tf.reshape(tf.range(1, 13), [2, 3, 2]);
    expect((new MaskedMean().apply([vectors, ids()]) as tf.Tensor).arraySync()).toEqual([
      [3, 4],
      [0, 0],
    ]);
  });
});

describe("self-attention", () => {
  const projected = () => tf.randomNormal([2, 3, 12], 0, 1, "float32", 4);

  it("takes nothing from padding, and stays finite where there is nothing else", () => {
    const layer = new SelfAttention({ heads: 2 });
    const before = projected();
    // What the padding tokens of the first sample hold must not matter to its other tokens.
    const changed = tf.add(before, tf.mul(5, tf.expandDims(tf.cast(tf.equal(ids(), 0), "float32"), 2)));
    const [first, second] = [before, changed].map((input) => (layer.apply([input, ids()]) as tf.Tensor).arraySync() as number[][][]);
    expect([second[0][0], second[0][2]]).toEqual([first[0][0], first[0][2]]);
    expect(second[1].flat().every(Number.isFinite)).toBe(true);
    const unmasked = (layer.apply(before) as tf.Tensor).arraySync() as number[][][];
    expect(unmasked[0][0]).not.toEqual(first[0][0]);
  });

  it("gives each token its own value where scores are far apart", () => {
    // One head of size 1: query 100 k_t with k = -1, 1 picks the token of the same sign.
    const input = tf.tensor3d([
      [
        [-100, -1, 5],
        [100, 1, 7],
      ],
    ]);
    expect((new SelfAttention({ heads: 1 }).apply(input) as tf.Tensor).arraySync()).toEqual([[[5], [7]]]);
  });
});

describe("registerLayers", () => {
  it("lets tfjs load what it did not know, as often as it is called", async () => {
    const input = tf.input({ shape: [2, 6] });
    const output = new FirstToken().apply(new SelfAttention({ heads: 2 }).apply(input)) as tf.SymbolicTensor;
    const network = tf.model({ inputs: input, outputs: output });
    const files: Record<string, Uint8Array> = {};
    await saveNetwork(network, filesInMemory(files));
    const load = () => loadNetwork(filesInMemory(files), "the model");
    await expect(load()).rejects.toMatchObject({ code: "model/unknown-class" });
    registerLayers();
    registerLayers();
    expect((await load()).layers.map((layer) => layer.getConfig().heads)).toContain(2);
  });
});
