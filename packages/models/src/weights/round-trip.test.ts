import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createRandom, decodeSafetensors } from "@lethe/core";
import { drawModel, narrowBuilders } from "../fixtures/narrow.ts";
import { exportWeights, importWeights, lenet5, mlp, smallResNet, weightNames } from "../index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

async function bits(network: tf.LayersModel): Promise<readonly (readonly number[])[]> {
  return Promise.all(network.getWeights().map(async (weight) => [...new Uint32Array(((await weight.data()) as Float32Array).slice().buffer)]));
}

/** Odd sides suit every architecture, those that pad by `same` too. */
const cases = narrowBuilders.flatMap((builder) => {
  const inputShape = builder.id.startsWith("resnet") ? [9, 9, 1] : builder.inputShape;
  return weightNames(builder.id).map((names) => ({ ...builder, inputShape, names }));
});

describe("weights", () => {
  it("can be exchanged for every architecture but the text transformer", () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(narrowBuilders.length - 1);
  });

  it.each(cases)("of $id survive a file with $names names bit for bit", async ({ names, ...builder }) => {
    const { network } = drawModel(builder, createRandom(3), 4);
    const bytes = await exportWeights(network, { to: names, architecture: builder.id });
    const other = builder.build({ inputShape: builder.inputShape, classes: 4 });
    const before = tf.memory().numTensors;
    importWeights(other, bytes, { from: names, architecture: builder.id });
    expect(tf.memory().numTensors).toBe(before);
    expect(await bits(other)).toEqual(await bits(network));
    expect(await exportWeights(other, { to: names, architecture: builder.id })).toEqual(bytes);
  });

  it("have PyTorch's shapes, roles and counters", async () => {
    const network = smallResNet({ inputShape: [9, 9, 3], classes: 4, width: 2 });
    const { tensors, metadata } = decodeSafetensors(await exportWeights(network, { to: "pytorch", architecture: "resnet8" }));
    expect(metadata).toEqual({ format: "pt" });
    const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
    expect(shapes).toMatchObject({
      "conv1.weight": [2, 3, 3, 3],
      "bn1.weight": [2],
      "bn1.bias": [2],
      "bn1.running_mean": [2],
      "bn1.running_var": [2],
      "bn1.num_batches_tracked": [],
      "layer2.0.shortcut.0.weight": [4, 2, 1, 1],
      "layer2.0.shortcut.1.running_var": [4],
      "layer3.0.conv2.weight": [8, 8, 3, 3],
      "linear.weight": [4, 8],
      "linear.bias": [4],
    });
  });
});

describe("the examples", () => {
  it("exportWeights", async () => {
    const network = mlp({ inputShape: [64], classes: 10, hidden: [32] });
    const bytes = await exportWeights(network, { to: "pytorch", architecture: "mlp" });
    expect(decodeSafetensors(bytes).tensors["fc1.weight"].shape).toEqual([32, 64]);
  });

  it("importWeights", async () => {
    const options = { inputShape: [28, 28, 1], classes: 10 };
    const first = lenet5(options);
    const bytes = await exportWeights(first, { to: "pytorch", architecture: "lenet5" });
    const network = lenet5(options);
    importWeights(network, bytes, { from: "pytorch", architecture: "lenet5" });
    expect(await bits(network)).toEqual(await bits(first));
  });

  it("weightNames", () => {
    expect(weightNames("resnet18")).toEqual(["torchvision", "timm", "pytorch"]);
  });
});
