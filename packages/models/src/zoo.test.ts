import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { Model } from "@lethe/core";
import { allCnn } from "./all-cnn.ts";
import { countParameters } from "./fixtures/count-parameters.ts";
import { narrowBuilders } from "./fixtures/narrow.ts";
import { zoo, zooTable } from "./fixtures/zoo.ts";
import { lenet5 } from "./lenet5.ts";
import { vit, vitSizes } from "./vit.ts";
import { wideResNet } from "./wide-res-net.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const cifar = { inputShape: [32, 32, 3], classes: 10 };

describe("parameter counts", () => {
  it.each(zoo().filter(({ publishedTrainable }) => publishedTrainable !== undefined))("of $id are the published ones", (entry) => {
    expect(entry.trainable).toBe(entry.publishedTrainable);
  });

  it("of wide residual networks of other depths and widths are those that pytorchcv asserts", () => {
    const trainable = (depth: number, widening: number) => countParameters(() => wideResNet({ ...cifar, depth, widening })).trainable;
    expect(trainable(16, 10)).toBe(17_116_634);
    expect(trainable(40, 8)).toBe(35_748_314);
  });

  it("of ViT-B/16 without its head are 85,798,656", () => {
    const { trainable } = countParameters(() => vit({ inputShape: [224, 224, 3], classes: 1000, ...vitSizes.base, patch: 16 }));
    expect(trainable - (768 + 1) * 1000).toBe(85_798_656);
  });

  it("of LeNet-5 are the same with 32 x 32 pixels as with 28 x 28, which it pads", () => {
    const counts = [28, 32].map((side) => countParameters(() => lenet5({ inputShape: [side, side, 1], classes: 10 })));
    expect(counts[0]).toEqual(counts[1]);
  });

  it("of All-CNN-C follow from the table of the paper, and its batch-norm variant from the code of Golatkar et al.", () => {
    const paper = 9 * 3 * 96 + 2 * 9 * 96 * 96 + 9 * 96 * 192 + 3 * 9 * 192 * 192 + 192 * 192 + (3 * 96 + 5 * 192) + 193 * 10;
    expect(countParameters(() => allCnn({ ...cifar, variant: "paper" }))).toEqual({ trainable: paper, statistics: 0 });
    const normed = 9 * 3 * 96 + 9 * 96 * 96 + 9 * 96 * 192 + 4 * 9 * 192 * 192 + 192 * 192;
    const channels = 2 * 96 + 6 * 192;
    expect(countParameters(() => allCnn(cifar))).toEqual({ trainable: normed + 2 * channels + 193 * 10, statistics: 2 * channels });
  });

  it("by shapes alone are those of the weights", () => {
    for (const { build, inputShape } of narrowBuilders) {
      const make = () => build({ inputShape, classes: 3 });
      const model = new Model(make());
      const size = (weights: Readonly<Record<string, tf.Tensor>>) => Object.values(weights).reduce((sum, tensor) => sum + tensor.size, 0);
      expect(countParameters(make)).toEqual({ trainable: size(model.parameters), statistics: size(model.buffers) });
      model.dispose();
    }
  });

  it("are what the README shows (update it with --update)", async () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const marks = /(<!-- zoo[^>]*-->\n\n)[\s\S]*?(\n\n<!-- \/zoo -->)/;
    expect(readme).toMatch(marks);
    await expect(readme.replace(marks, (_, begin: string, end: string) => begin + zooTable(zoo()) + end)).toMatchFileSnapshot("../README.md");
  });
});
