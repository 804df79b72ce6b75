import * as tf from "@tensorflow/tfjs";
import { expect, it } from "vitest";
import { improveGradients } from "../gradients/improve.ts";
import { completeWasmBackend } from "../wasm/complete.ts";
import { convRates, median } from "./conv.ts";
import type { ConvShape } from "./conv.ts";
import { resnetImagesPerSecond } from "./resnet.ts";

/** Milliseconds of one kernel on fresh operands: the stock backend remembers packed operands that it has seen before. */
function milliseconds(operands: () => tf.Tensor[], run: (...tensors: tf.Tensor[]) => tf.Tensor): number {
  const times = Array.from({ length: 12 }, () => {
    const tensors = operands();
    const start = performance.now();
    const out = run(...tensors);
    const elapsed = performance.now() - start;
    tf.dispose([...tensors, out]);
    return elapsed;
  });
  return median(times.slice(2));
}

const normal = (...shape: number[]): tf.Tensor => tf.randomNormal(shape, 0, 1, "float32", 1);
const [images, vector] = [() => normal(32, 32, 32, 16), () => normal(16)];

const kernels: Record<string, () => number> = {
  "conv2d input gradient, 3x3, 32x32x32x32": () =>
    milliseconds(
      () => [normal(32, 32, 32, 32), normal(3, 3, 32, 32)],
      (dy, filter) => {
        const attributes = { strides: 1, pad: "same", dataFormat: "NHWC", inputShape: dy?.shape };
        return tf.engine().runKernel("Conv2DBackpropInput", { dy, filter } as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as tf.Tensor;
      },
    ),
  "matMul 512x512, a transposed": () =>
    milliseconds(
      () => [normal(512, 512), normal(512, 512)],
      (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor, true),
    ),
  "matMul 512x512, b transposed": () =>
    milliseconds(
      () => [normal(512, 512), normal(512, 512)],
      (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor, false, true),
    ),
  "matMul 32 times 64x64": () =>
    milliseconds(
      () => [normal(32, 64, 64), normal(32, 64, 64)],
      (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor),
    ),
  "sum of 32x32x32x16 over all but channels": () =>
    milliseconds(
      () => [images()],
      (x) => tf.sum(x as tf.Tensor, [0, 1, 2]),
    ),
  "batch norm of 32x32x32x16": () =>
    milliseconds(
      () => [images(), ...[1, 2, 3, 4].map(vector)],
      (x, m, v, o, s) => tf.batchNorm(x as tf.Tensor, m as tf.Tensor1D, tf.abs(v as tf.Tensor1D), o as tf.Tensor1D, s as tf.Tensor1D),
    ),
  "max pooling gradient, 2x2, 32x32x32x16": () =>
    milliseconds(
      () => [normal(32, 16, 16, 16), images()],
      (dy, input) => {
        const attributes = { filterSize: 2, strides: 2, pad: "same" };
        return tf.engine().runKernel("MaxPoolGrad", { dy, input, output: dy } as tf.NamedTensorMap, attributes) as tf.Tensor;
      },
    ),
  "tile of 1x1x1x16 to 32x32x32x16": () =>
    milliseconds(
      () => [normal(1, 1, 1, 16)],
      (x) => tf.tile(x as tf.Tensor, [32, 32, 32, 1]),
    ),
  "32x32x32x16 times 16": () =>
    milliseconds(
      () => [images(), vector()],
      (x, y) => tf.mul(x as tf.Tensor, y as tf.Tensor),
    ),
  "slice of 32 from 10000x784": () =>
    milliseconds(
      () => [normal(10000, 784)],
      (x) => tf.slice(x as tf.Tensor, [64, 0], [32, 784]),
    ),
};

const shape = (size: number, inChannels: number, outChannels: number, kernel: number, stride: number): ConvShape => ({
  batch: 32,
  size,
  inChannels,
  outChannels,
  kernel,
  stride,
});
const shapes = [
  shape(32, 32, 32, 3, 1),
  shape(32, 3, 16, 3, 1),
  shape(32, 16, 16, 3, 1),
  shape(32, 16, 32, 3, 2),
  shape(16, 32, 32, 3, 1),
  shape(16, 32, 64, 3, 2),
  shape(8, 64, 64, 3, 1),
  shape(16, 64, 64, 1, 1),
];

it("runs the gradients of a convolution at 0.6 of its own rate or faster, and prints the table of the README", async () => {
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
  await tf.ready();
  const stock = Object.values(kernels).map((measure) => measure());
  completeWasmBackend();
  improveGradients();
  const completed = Object.values(kernels).map((measure) => measure());
  const kernelRows = Object.keys(kernels).map((name, index) => {
    const [before, after] = [stock[index] as number, completed[index] as number];
    return `| ${name} | ${before.toFixed(2)} ms | ${after.toFixed(2)} ms | ${(before / after).toFixed(1)} |`;
  });
  const rates = shapes.map((conv) => convRates(conv));
  const convRows = shapes.map(({ size, inChannels, outChannels, kernel, stride }, index) => {
    const { forward, backward, ratio } = rates[index] as (typeof rates)[number];
    const name = `${kernel}x${kernel} stride ${stride}, ${size}x${size}, ${inChannels} to ${outChannels}`;
    return `| ${name} | ${forward.toFixed(1)} | ${backward.toFixed(1)} | ${ratio.toFixed(2)} |`;
  });
  const imagesPerSecond = `ResNet-20, width 16, batch 32, training step: ${resnetImagesPerSecond().toFixed(0)} images/s`;
  process.stdout.write(`${["", ...kernelRows, "", ...convRows, "", imagesPerSecond, ""].join("\n")}\n`);
  expect(rates[0]?.ratio).toBeGreaterThan(0.6);
});
