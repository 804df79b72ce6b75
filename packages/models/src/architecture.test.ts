import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { Model, createRandom, withSeededMathRandom } from "@lethe/core";
import { mlp } from "./mlp.ts";
import { modelBuilders } from "./registry.ts";
import { smallCnn } from "./small-cnn.ts";
import { smallResNet } from "./small-res-net.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const image = { inputShape: [8, 8, 1], classes: 10 };
const layerNames = (network: tf.LayersModel) => network.layers.map((layer) => layer.name);
const weightNames = (network: tf.LayersModel) => Object.keys(new Model(network).parameters);

async function values(network: tf.LayersModel): Promise<number[][]> {
  return Promise.all(network.getWeights().map(async (weight) => [...(await weight.data())]));
}

describe("names", () => {
  it("say where a layer stands", () => {
    expect(layerNames(mlp({ ...image, hidden: [5, 4] }))).toEqual(["input", "flatten", "hidden1", "hidden2", "classifier"]);
    const convolutional =
      "input block1/conv block1/norm block1/relu block1/pool block2/conv block2/norm block2/relu block2/pool flatten hidden classifier";
    expect(layerNames(smallCnn(image)).join(" ")).toBe(convolutional);
    const names = layerNames(smallResNet({ ...image, width: 2, blocks: 2 }));
    expect(names).toHaveLength(4 + 6 * 7 + 2 * 2 + 2);
    expect(names).toEqual(expect.arrayContaining(["stem/conv", "stage1/block1/conv1", "stage2/block1/shortcut/norm", "stage3/block2/relu2", "pool"]));
    expect(names.filter((name) => name.includes("shortcut/conv"))).toEqual(["stage2/block1/shortcut/conv", "stage3/block1/shortcut/conv"]);
  });

  it("are the same whenever a network is built", () => {
    for (const { build } of modelBuilders) {
      const [first, second] = [build(image), build(image)];
      expect(second.name).toBe(first.name);
      expect(layerNames(second)).toEqual(layerNames(first));
      expect(weightNames(second)).toEqual(weightNames(first));
    }
    expect(weightNames(smallCnn(image)).slice(0, 3)).toEqual(["block1/conv/kernel", "block1/norm/gamma", "block1/norm/beta"]);
  });
});

describe("shapes", () => {
  it("halve at stages 2 and 3 of a residual network, odd sides rounded up", () => {
    const network = smallResNet({ inputShape: [31, 18, 3], classes: 4, width: 2, blocks: 2 });
    const shape = (layer: string) => network.getLayer(layer).outputShape;
    expect(shape("stem/relu")).toEqual([null, 31, 18, 2]);
    expect(shape("stage1/block2/relu2")).toEqual([null, 31, 18, 2]);
    expect(shape("stage2/block2/relu2")).toEqual([null, 16, 9, 4]);
    expect(shape("stage3/block1/shortcut/norm")).toEqual([null, 8, 5, 8]);
    expect(shape("pool")).toEqual([null, 8]);
    expect(network.outputs[0].shape).toEqual([null, 4]);
  });

  it("keep the block's sum of both paths", async () => {
    // With gamma 0 behind the last convolution of the block its output is relu(shortcut), here the block's own input.
    const network = smallResNet({ inputShape: [4, 4, 1], classes: 2, width: 3 });
    const norm = network.getLayer("stage1/block1/norm2");
    norm.setWeights(norm.getWeights().map((weight, i) => (i === 0 ? tf.zerosLike(weight) : weight)));
    const outputs = ["stem/relu", "stage1/block1/relu2"].map((name) => network.getLayer(name).output as tf.SymbolicTensor);
    const inner = tf.model({ inputs: network.inputs, outputs });
    const [before, after] = inner.predict(tf.randomNormal([2, 4, 4, 1])) as tf.Tensor[];
    expect([...(await after.data())]).toEqual([...(await before.data())]);
  });
});

describe("endings", () => {
  it("are softmax unless logits are asked for, and both give the same logits", async () => {
    const inputs = tf.randomUniform([5, 8, 8, 1]);
    for (const { build } of modelBuilders) {
      const [softmax, linear] = [build(image), build({ ...image, ending: "logits" })];
      expect(new Model(softmax).ending).toBe("softmax");
      expect(new Model(linear).ending).toBe("linear");
      linear.setWeights(softmax.getWeights());
      const expected = [...(await tf.softmax(linear.predict(inputs) as tf.Tensor).data())];
      (await (softmax.predict(inputs) as tf.Tensor).data()).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
    }
  });
});

describe("initial weights", () => {
  it("are decided by Math.random alone", async () => {
    const drawn = (seed: number, build: (options: typeof image) => tf.LayersModel) =>
      values(withSeededMathRandom(createRandom(seed), () => build(image)));
    for (const { build } of modelBuilders) {
      expect(await drawn(1, build)).toEqual(await drawn(1, build));
      expect(await drawn(2, build)).not.toEqual(await drawn(1, build));
    }
  });

  it("differ between layers of the same shape", async () => {
    const network = withSeededMathRandom(createRandom(1), () => mlp({ inputShape: [6], classes: 2, hidden: [6, 6] }));
    const [first, , second] = await values(network);
    expect(second).not.toEqual(first);
  });

  it("have He's variance, less what the cut at two deviations takes away, and biases of 0", async () => {
    const network = withSeededMathRandom(createRandom(3), () => mlp({ inputShape: [200], classes: 200, hidden: [300] }));
    const [kernel, bias] = await values(network);
    const variance = kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length;
    // A standard normal cut at +-2 has variance 0.7737; 60,000 draws estimate it to about 0.5 %.
    expect(variance / (2 / 200)).toBeCloseTo(0.7737, 1);
    expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(2 * Math.sqrt(2 / 200) + 1e-6);
    expect(bias.every((value) => value === 0)).toBe(true);
  });
});

describe("batch norm", () => {
  it("keeps 0.9 of its moving statistics and adds 1e-5 to the variance", async () => {
    const network = smallCnn(image);
    const norm = network.getLayer("block1/norm");
    const inputs = tf.randomUniform([20, 8, 8, 1]);
    const convolved = network.getLayer("block1/conv").apply(inputs) as tf.Tensor4D;
    const mean = await tf.mean(convolved, [0, 1, 2]).data();
    network.apply(inputs, { training: true });
    const moving = await norm.getWeights()[2].data();
    moving.forEach((value, i) => expect(value).toBeCloseTo(0.1 * mean[i], 6));
    expect(norm.getConfig()).toMatchObject({ momentum: 0.9, epsilon: 1e-5 });
  });
});

describe("refused options", () => {
  it.each([
    ["classes", () => mlp({ inputShape: [4], classes: 1 })],
    ["classes", () => smallCnn({ inputShape: [8, 8, 1], classes: 2.5 })],
    ["inputShape", () => mlp({ inputShape: [], classes: 2 })],
    ["inputShape", () => mlp({ inputShape: [4, 0], classes: 2 })],
    ["inputShape", () => smallCnn({ inputShape: [64], classes: 2 })],
    ["inputShape", () => smallCnn({ inputShape: [3, 8, 1], classes: 2 })],
    ["inputShape", () => smallResNet({ inputShape: [64], classes: 2 })],
    ["hidden", () => mlp({ inputShape: [4], classes: 2, hidden: [3, 0] })],
    ["hidden", () => smallCnn({ inputShape: [8, 8, 1], classes: 2, hidden: -1 })],
    ["filters", () => smallCnn({ inputShape: [8, 8, 1], classes: 2, filters: [0, 4] })],
    ["width", () => smallResNet({ inputShape: [8, 8, 1], classes: 2, width: Number.NaN })],
    ["blocks", () => smallResNet({ inputShape: [8, 8, 1], classes: 2, blocks: 0 })],
  ])("%s %#", (option, build) => {
    expect(build).toThrow(expect.objectContaining({ code: "model/bad-option", details: expect.objectContaining({ option }) }));
  });
});
