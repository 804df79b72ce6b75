import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { complaint, runAll, useWasm, values } from "../fixtures/backends.ts";
import type { Case, Result } from "../fixtures/backends.ts";
import { improveGradients } from "./improve.ts";

/** Gradients of sum(f(inputs) * weights), so that dy is no constant. */
function gradients(name: string, f: (...inputs: tf.Tensor[]) => tf.Tensor, ...shapes: number[][]): Case {
  return {
    name,
    run: () => {
      const inputs = shapes.map((shape, index) => values(shape, index + 1));
      const weighted = (...tensors: tf.Tensor[]): tf.Tensor => {
        const y = f(...tensors);
        return tf.sum(tf.mul(y, values(y.shape, 99)));
      };
      return tf.grads(weighted)(inputs);
    },
  };
}

const positive = (x: tf.Tensor): tf.Tensor => tf.add(tf.abs(x), 0.5);

const batchNorms: Case[] = [
  [[6], [6]],
  [[5, 4], [4]],
  [
    [5, 4],
    [5, 4],
  ],
  [[5, 3, 4], [4]],
  [
    [5, 3, 4],
    [5, 3, 4],
  ],
  [[2, 5, 3, 4], [4]],
  [
    [2, 5, 3, 4],
    [2, 5, 3, 4],
  ],
].flatMap(([x, parameter]) => {
  const [shape, vector] = [x as number[], parameter as number[]];
  const full = (input: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor, offset: tf.Tensor, scale: tf.Tensor): tf.Tensor =>
    tf.batchNorm(input, mean as tf.Tensor1D, positive(variance) as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D, 0.01);
  return [gradients(`batch norm of ${shape} with parameters of ${vector}`, full, shape, vector, vector, vector, vector)];
});

const reductions = [
  [[2, 3, 4], 0],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [[2, 3, 4], [-1]],
  [[2, 3, 4], undefined],
  [[2, 3, 4], []],
].flatMap(([shape, axis]) =>
  [true, false].flatMap((keep) => [
    gradients(`sum of ${shape} over ${axis} ${keep}`, (x) => tf.sum(x, axis as number, keep), shape as number[]),
    gradients(`mean of ${shape} over ${axis} ${keep}`, (x) => tf.mean(x, axis as number, keep), shape as number[]),
  ]),
);

const tiles = [
  [[3], [4]],
  [
    [2, 3],
    [3, 2],
  ],
  [
    [2, 3],
    [1, 1],
  ],
  [
    [1, 1, 4],
    [3, 2, 1],
  ],
  [
    [2, 1, 3, 1],
    [1, 2, 3, 2],
  ],
].map(([shape, reps]) => gradients(`tile of ${shape} by ${reps}`, (x) => tf.tile(x, reps as number[]), shape as number[]));

const gathers = [0, 1, 2].map((axis) =>
  gradients(`gather of rows of 3,4,2 on axis ${axis}`, (x) => tf.gather(x, tf.tensor1d([1, 0, 1, 1], "int32"), axis), [3, 4, 2]),
);

const table = [...batchNorms, ...reductions, ...tiles, ...gathers];

/** These have no stock gradient to compare with: on them, the improved backends are compared with central differences. */
const withoutStock: [string, (...inputs: tf.Tensor[]) => tf.Tensor, number[][]][] = [
  ["tile of rank 5", (x) => tf.tile(x, [2, 1, 2, 1, 3]), [[1, 2, 1, 2, 1]]],
  [
    "einsum ij,jk->ik",
    (a, b) => tf.einsum("ij,jk->ik", a, b),
    [
      [3, 4],
      [4, 2],
    ],
  ],
  [
    "einsum ij,jk->ki",
    (a, b) => tf.einsum("ij,jk->ki", a, b),
    [
      [3, 4],
      [4, 2],
    ],
  ],
  [
    "einsum aecd,abcd->acbe",
    (a, b) => tf.einsum("aecd,abcd->acbe", a, b),
    [
      [2, 3, 2, 2],
      [2, 4, 2, 2],
    ],
  ],
  ["einsum ijk->ki", (a) => tf.einsum("ijk->ki", a), [[2, 3, 4]]],
  ["einsum ijk,k->i", (a, b) => tf.einsum("ijk,k->i", a, b), [[2, 3, 4], [4]]],
  ["einsum i,j->ij", (a, b) => tf.einsum("i,j->ij", a, b), [[3], [4]]],
];

describe("improved gradients", () => {
  const results: Record<string, Map<string, Result[]>> = {};
  beforeAll(async () => {
    await tf.setBackend("cpu");
    results["stock"] = runAll(table);
    improveGradients();
    results["cpu"] = runAll(table);
    await useWasm();
    results["wasm"] = runAll(table);
  });

  it.each(table.map(({ name }) => name))("%s agrees with the stock gradient", (name) => {
    const expected = results["stock"]?.get(name) as Result[];
    const complaints = ["cpu", "wasm"].flatMap((backend) => {
      const actual = results[backend]?.get(name) as Result[];
      return expected.flatMap((stock, index) => complaint(`${backend} input ${index}`, actual[index] as Result, stock));
    });
    expect(complaints).toEqual([]);
  });

  it.each(withoutStock)("%s agrees with central differences", (_, f, shapes) => {
    const before = tf.memory().numTensors;
    const weighted = (inputs: tf.Tensor[]): tf.Tensor => {
      const y = f(...inputs);
      return tf.sum(tf.mul(y, values(y.shape, 99)));
    };
    expect(tf.tidy(() => errorOfGradient(weighted, shapes))).toBeLessThan(2e-3);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    [
      "batch norm",
      (x, m, v, o, s) => tf.batchNorm(x as tf.Tensor, m as tf.Tensor1D, positive(v as tf.Tensor) as tf.Tensor1D, o as tf.Tensor1D, s as tf.Tensor1D),
      [[5, 4], [4], [4], [4], [4]],
    ],
    ["mean, sum and tile", (x) => tf.mul(tf.tile(tf.mean(x as tf.Tensor, 0, true), [3, 1]), tf.sum(tf.square(x as tf.Tensor), 1, true)), [[3, 4]]],
    [
      "einsum",
      (a, b) => tf.square(tf.einsum("ij,jk->ik", a as tf.Tensor, b as tf.Tensor)),
      [
        [3, 4],
        [4, 2],
      ],
    ],
  ] as [string, (...inputs: tf.Tensor[]) => tf.Tensor, number[][]][])("the gradient of %s can be differentiated again", (_, f, shapes) => {
    // The first derivative along a fixed direction is a function like any other.
    const slope = (inputs: tf.Tensor[]): tf.Tensor => {
      const first = tf.grads((...tensors: tf.Tensor[]) => tf.sum(tf.square(f(...tensors))))(inputs);
      return first.map((gradient, index) => tf.sum(tf.mul(gradient, values(gradient.shape, 50 + index)))).reduce((sum, term) => tf.add(sum, term));
    };
    expect(tf.tidy(() => errorOfGradient(slope, shapes))).toBeLessThan(2e-3);
  });
});

/** Relative difference between the derivative of f along a direction and its central difference of fourth order. */
function errorOfGradient(f: (inputs: tf.Tensor[]) => tf.Tensor, shapes: number[][]): number {
  const inputs = shapes.map((shape, index) => values(shape, index + 1));
  const direction = shapes.map((shape, index) => values(shape, index + 31));
  const analytic = tf
    .grads((...tensors: tf.Tensor[]) => f(tensors))(inputs)
    .map((gradient, index) => tf.sum(tf.mul(gradient, direction[index] as tf.Tensor)).dataSync()[0] as number)
    .reduce((sum, term) => sum + term);
  const at = (step: number): number =>
    f(inputs.map((input, index) => tf.add(input, tf.mul(direction[index] as tf.Tensor, step)))).dataSync()[0] as number;
  const h = 4e-3;
  const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  return Math.abs(analytic - numeric) / Math.max(1, Math.abs(numeric));
}
