import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createRandom, withSeededMathRandom } from "@lethe/core";
import { allCnn, lenet5, mlp, modelBuilders, resNet, smallCnn, smallResNet, textMean, textTransformer, vgg, vit, wideResNet } from "./index.ts";

// The examples of the public docstrings and of the README, statement by statement.

beforeAll(async () => {
  await tf.setBackend("cpu");
});

it("mlp", () => {
  const network = mlp({ inputShape: [64], classes: 10, hidden: [32] });
  expect(network.countParams()).toBe(2410);
});

it("smallCnn", () => {
  const network = withSeededMathRandom(createRandom(1), () => smallCnn({ inputShape: [28, 28, 1], classes: 10 }));
  network.compile({ optimizer: tf.train.adam(0.003), loss: "categoricalCrossentropy" });
  expect(network.countParams()).toBe(52_210);
});

it("smallResNet", () => {
  const network = smallResNet({ inputShape: [32, 32, 3], classes: 10, blocks: 3 });
  expect(network.name).toBe("resnet20");
});

it("modelBuilders", () => {
  const { build } = modelBuilders.find((builder) => builder.id === "mlp")!;
  expect(build({ inputShape: [64], classes: 10 }).countParams()).toBe(4810);
});

it("the other builders", () => {
  const cifar = { inputShape: [32, 32, 3], classes: 10 };
  const text = { inputShape: [40], classes: 4, vocabulary: 1000, width: 16 };
  expect(lenet5({ inputShape: [28, 28, 1], classes: 10 }).countParams()).toBe(61_706);
  expect(allCnn({ ...cifar, variant: "paper" }).countParams()).toBe(1_369_738);
  expect(vgg({ ...cifar, stages: [[8], [16, 16]] }).countParams()).toBe(4042);
  expect(resNet({ ...cifar, width: 8 }).name).toBe("resnet18");
  expect(resNet({ ...cifar, width: 8 }).countParams()).toBe(177_602);
  expect(wideResNet({ ...cifar, depth: 10, widening: 1 }).name).toBe("wrn-10-1");
  expect(vit({ ...cifar, width: 24, depth: 2 }).countParams()).toBe(17_506);
  expect(textMean(text).countParams()).toBe(16_068);
  expect(textTransformer(text).countParams()).toBe(23_300);
});
