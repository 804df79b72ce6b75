import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { Model, createRandom, withSeededMathRandom } from "@lethe/core";
import { allCnn } from "./all-cnn.ts";
import { drawInputs, narrowBuilders } from "./fixtures/narrow.ts";
import { lenet5 } from "./lenet5.ts";
import { mlp } from "./mlp.ts";
import { resNet } from "./res-net.ts";
import { smallCnn } from "./small-cnn.ts";
import { smallResNet } from "./small-res-net.ts";
import { textMean } from "./text-mean.ts";
import { textTransformer } from "./text-transformer.ts";
import { vgg } from "./vgg.ts";
import { vit } from "./vit.ts";
import { wideResNet } from "./wide-res-net.ts";

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
    for (const { build, inputShape } of narrowBuilders) {
      const options = { inputShape, classes: 10 };
      const [first, second] = [build(options), build(options)];
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
    for (const builder of narrowBuilders) {
      const inputs = await drawInputs(builder, createRandom(1), 5);
      const options = { inputShape: builder.inputShape, classes: 10 };
      const [softmax, linear] = [builder.build(options), builder.build({ ...options, ending: "logits" })];
      expect(new Model(softmax).ending).toBe("softmax");
      expect(new Model(linear).ending).toBe("linear");
      linear.setWeights(softmax.getWeights());
      const logits = linear.predict(inputs) as tf.Tensor;
      expect(logits.shape).toEqual([5, 10]);
      const expected = [...(await tf.softmax(logits).data())];
      (await (softmax.predict(inputs) as tf.Tensor).data()).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
    }
  });
});

describe("initial weights", () => {
  it("are decided by Math.random alone", async () => {
    const drawn = (seed: number, { build, inputShape }: (typeof narrowBuilders)[number]) =>
      values(withSeededMathRandom(createRandom(seed), () => build({ inputShape, classes: 10 })));
    for (const builder of narrowBuilders) {
      expect(await drawn(1, builder)).toEqual(await drawn(1, builder));
      expect(await drawn(2, builder)).not.toEqual(await drawn(1, builder));
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

  it("have variance 2 / fan-out in residual networks, and standard deviation 0.02 in transformers", () => {
    const drawn = (network: tf.LayersModel, layer: string) => network.getLayer(layer).getWeights()[0].dataSync();
    const deviation = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);
    const [residual, transformer] = withSeededMathRandom(createRandom(3), () => [
      resNet({ ...image, width: 16 }),
      vit({ ...image, width: 48, depth: 1 }),
    ]);
    // 9 * 16 * 32 = 4,608 draws estimate a deviation to about 1 %.
    const kernel = drawn(residual, "stage2/block1/conv1");
    expect(Math.abs(deviation(kernel) / Math.sqrt(2 / (9 * 32)) - 1)).toBeLessThan(0.04);
    expect(Math.max(...kernel) / Math.sqrt(2 / (9 * 32))).toBeGreaterThan(2.5);
    for (const layer of ["block1/attention/qkv", "block1/hidden", "block1/output"]) {
      // A normal distribution that is cut at two deviations has 0.8796 of its deviation left.
      expect(Math.abs(deviation(drawn(transformer, layer)) / (0.8796 * 0.02) - 1)).toBeLessThan(0.04);
    }
  });
});

describe("dropout", () => {
  const text = { inputShape: [4], classes: 2, vocabulary: 5, width: 4, heads: 2 };
  it.each([
    ["allcnn", (dropout: number) => allCnn({ ...image, width: 2, dropout }), 2],
    ["wide-resnet", (dropout: number) => wideResNet({ ...image, depth: 10, widening: 1, width: 2, dropout }), 3],
    ["vit", (dropout: number) => vit({ ...image, width: 4, depth: 2, heads: 1, dropout }), 1 + 2 * 3],
    ["text-transformer", (dropout: number) => textTransformer({ ...text, dropout }), 1 + 2 * 3],
  ] as const)("of %s is off unless asked for", (_, build, layers) => {
    const dropouts = (network: tf.LayersModel) => network.layers.filter((layer) => layer.getClassName() === "Dropout");
    expect(dropouts(build(0))).toEqual([]);
    const network = build(0.5);
    expect(dropouts(network)).toHaveLength(layers);
    expect(dropouts(network).every((layer) => layer.getConfig().rate === 0.5)).toBe(true);
    expect(weightNames(network)).toEqual(weightNames(build(0)));
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
    for (const { build, inputShape } of narrowBuilders) {
      const norms = build({ inputShape, classes: 2 }).layers.filter((layer) => layer.getClassName() === "BatchNormalization");
      for (const each of [norm, ...norms]) expect(each.getConfig()).toMatchObject({ momentum: 0.9, epsilon: 1e-5 });
    }
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
    ["inputShape", () => lenet5({ inputShape: [11, 12, 1], classes: 2 })],
    ["inputShape", () => allCnn({ inputShape: [8, 9, 1], classes: 2, variant: "paper" })],
    ["dropout", () => allCnn({ inputShape: [8, 9, 1], classes: 2, dropout: 1 })],
    ["stages", () => vgg({ inputShape: [8, 8, 1], classes: 2, stages: [] })],
    ["stages", () => vgg({ inputShape: [8, 8, 1], classes: 2, stages: [[2], [0]] })],
    ["inputShape", () => vgg({ inputShape: [8, 7, 1], classes: 2 })],
    ["depth", () => resNet({ inputShape: [8, 8, 1], classes: 2, depth: 20 as 18 })],
    ["width", () => resNet({ inputShape: [8, 8, 1], classes: 2, width: 0 })],
    ["depth", () => wideResNet({ inputShape: [8, 8, 1], classes: 2, depth: 20 })],
    ["widening", () => wideResNet({ inputShape: [8, 8, 1], classes: 2, depth: 10, widening: 0.5 })],
    ["patch", () => vit({ inputShape: [8, 10, 1], classes: 2 })],
    ["heads", () => vit({ inputShape: [8, 8, 1], classes: 2, width: 8, heads: 3 })],
    ["dropout", () => vit({ inputShape: [8, 8, 1], classes: 2, dropout: Number.NaN })],
    ["inputShape", () => textMean({ inputShape: [4, 4], classes: 2 })],
    ["vocabulary", () => textMean({ inputShape: [4], classes: 2, vocabulary: 1 })],
    ["heads", () => textTransformer({ inputShape: [4], classes: 2, width: 6, heads: 0 })],
  ])("%s %#", (option, build) => {
    expect(build).toThrow(expect.objectContaining({ code: "model/bad-option", details: expect.objectContaining({ option }) }));
  });
});
