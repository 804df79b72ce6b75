import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { Model } from "@lethe/core";
import { mlp } from "./mlp.ts";
import { smallCnn } from "./small-cnn.ts";
import { smallResNet } from "./small-res-net.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function count(network: tf.LayersModel): { all: number; trainable: number } {
  const { parameters } = new Model(network);
  const trainable = Object.values(parameters).reduce((sum, tensor) => sum + tensor.size, 0);
  const all = network.countParams();
  network.dispose();
  return { all, trainable };
}

describe("parameter counts", () => {
  it.each([
    { inputShape: [64], classes: 10, hidden: [32], expected: 64 * 32 + 32 + 32 * 10 + 10 },
    { inputShape: [64], classes: 10, hidden: undefined, expected: 64 * 64 + 64 + 64 * 10 + 10 },
    { inputShape: [28, 28, 1], classes: 10, hidden: [100, 50], expected: 784 * 100 + 100 + 100 * 50 + 50 + 50 * 10 + 10 },
    { inputShape: [5], classes: 3, hidden: [], expected: 5 * 3 + 3 },
  ])("of the perceptron $inputShape $hidden", ({ expected, hidden, ...shape }) => {
    expect(count(mlp({ ...shape, ...(hidden ? { hidden } : {}) }))).toEqual({ all: expected, trainable: expected });
  });

  it.each([
    { inputShape: [28, 28, 1], classes: 10, filters: [8, 16], hidden: 64, positions: 7 * 7 },
    { inputShape: [32, 30, 3], classes: 7, filters: [4, 6], hidden: 5, positions: 8 * 7 },
    { inputShape: [8, 8, 1], classes: 10, filters: [8, 16], hidden: 64, positions: 2 * 2 },
  ] as const)("of the convolutional network $inputShape", ({ inputShape, classes, filters, hidden, positions }) => {
    const [f1, f2] = filters;
    const kernels = 9 * inputShape[2] * f1 + 9 * f1 * f2 + positions * f2 * hidden + hidden * classes;
    const trainable = kernels + hidden + classes + 2 * (f1 + f2);
    expect(count(smallCnn({ inputShape, classes, filters: [f1, f2], hidden }))).toEqual({ all: trainable + 2 * (f1 + f2), trainable });
  });

  it("of the convolutional network with its defaults lie between 20,000 and 60,000", () => {
    expect(count(smallCnn({ inputShape: [28, 28, 1], classes: 10 })).all).toBe(52_210);
  });

  it.each([
    { width: 16, blocks: 1, channels: 3, classes: 10, trainable: 78_042 },
    // The 0.27 million of He et al., table 6, with projections (2,752) in place of padded shortcuts.
    { width: 16, blocks: 3, channels: 3, classes: 10, trainable: 269_722 + 2_752 },
    { width: 4, blocks: 2, channels: 1, classes: 3, trainable: undefined },
  ])("of the residual network, width $width, $blocks blocks a stage", ({ width: w, blocks: n, channels, classes, trainable }) => {
    const norms: number[] = [];
    const convolution = (kernel: number, from: number, to: number) => {
      norms.push(to);
      return kernel * kernel * from * to;
    };
    let kernels = convolution(3, channels, w);
    let from = w;
    for (const to of [w, 2 * w, 4 * w]) {
      for (let block = 0; block < n; block++) {
        kernels += convolution(3, from, to) + convolution(3, to, to) + (from === to ? 0 : convolution(1, from, to));
        from = to;
      }
    }
    const channelsNormed = norms.reduce((sum, size) => sum + size, 0);
    const expected = kernels + 2 * channelsNormed + (4 * w + 1) * classes;
    const counted = count(smallResNet({ inputShape: [32, 32, channels], classes, width: w, blocks: n }));
    expect(counted).toEqual({ all: expected + 2 * channelsNormed, trainable: expected });
    if (trainable !== undefined) expect(counted.trainable).toBe(trainable);
  });
});
