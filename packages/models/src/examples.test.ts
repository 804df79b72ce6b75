import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createRandom, withSeededMathRandom } from "@lethe/core";
import { mlp, modelBuilders, smallCnn, smallResNet } from "./index.ts";

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
