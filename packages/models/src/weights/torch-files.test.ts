import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, type HostTensor, type HostTree } from "@lethe/core";
import { exportWeights, importWeights, lenet5, resNet, vit, type ModelId, type WeightNames } from "../index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const read = (file: string): Uint8Array => readFileSync(new URL(`fixtures/${file}.safetensors`, import.meta.url));
const classes = 5;
const ending = "logits";

interface Case {
  readonly file: string;
  readonly names: WeightNames;
  readonly architecture: ModelId;
  readonly build: () => tf.LayersModel;
}

const large = { inputShape: [34, 41, 3], classes, ending, stem: "large", width: 2 } as const;
const smallVit = { classes, ending, patch: 2, width: 8, depth: 2, heads: 2 } as const;

const cases: readonly Case[] = [
  { file: "torchvision-resnet18", names: "torchvision", architecture: "resnet18-imagenet", build: () => resNet(large) },
  { file: "torchvision-resnet18", names: "timm", architecture: "resnet18-imagenet", build: () => resNet(large) },
  { file: "torchvision-resnet50", names: "torchvision", architecture: "resnet50-imagenet", build: () => resNet({ ...large, depth: 50 }) },
  { file: "torchvision-vit", names: "torchvision", architecture: "vit-base-16", build: () => vit({ ...smallVit, inputShape: [8, 8, 3] }) },
  { file: "timm-vit", names: "timm", architecture: "vit-tiny", build: () => vit({ ...smallVit, inputShape: [4, 6, 3] }) },
  { file: "pytorch-lenet5", names: "pytorch", architecture: "lenet5", build: () => lenet5({ inputShape: [12, 16, 1], classes, ending }) },
];

/** PyTorch's images, `[n, channels, height, width]`, as ours. */
const images = ({ shape, values }: HostTensor): tf.Tensor => tf.transpose(tf.tensor(values as Float32Array, [...shape]), [0, 2, 3, 1]);

const withoutCounters = (tensors: HostTree): HostTree =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.endsWith("num_batches_tracked")));

describe.each(cases)("$file, as $names names it", ({ file, names, architecture, build }) => {
  it("gives PyTorch's logits here", async () => {
    const network = build();
    importWeights(network, read(file), { from: names, architecture });
    const { inputs, logits } = decodeSafetensors(read(`${file}-logits`)).tensors;
    const ours = network.predict(images(inputs)) as tf.Tensor;
    expect(ours.shape).toEqual(logits.shape);
    const scale = Math.max(...logits.values.map(Math.abs));
    expect(new Set(logits.values).size).toBe(logits.values.length);
    (await ours.data()).forEach((value, i) => expect(Math.abs(value - logits.values[i]) / scale).toBeLessThan(2e-6));
  });

  it("is written as it was, name by name and bit by bit", async () => {
    const network = build();
    importWeights(network, read(file), { from: names, architecture });
    const written = decodeSafetensors(await exportWeights(network, { to: names, architecture })).tensors;
    const original = decodeSafetensors(read(file)).tensors;
    expect(Object.keys(written).toSorted()).toEqual(Object.keys(original).toSorted());
    expect(withoutCounters(written)).toEqual(withoutCounters(original));
  });
});
