import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { distance, onCpuThenWasm, values } from "../fixtures/backends.ts";
import type { Case, Result } from "../fixtures/backends.ts";

const reductions: Case[] = [
  [
    [4, 5, 6, 7],
    [0, 1, 2],
  ],
  [
    [4, 5, 6, 7],
    [2, 0, 1],
  ],
  [[4, 5, 6, 7], [0]],
  [
    [4, 5, 6, 7],
    [-4, 1],
  ],
  [
    [4, 5, 6, 7],
    [1, 2],
  ],
  [[4, 5, 6, 7], [3]],
  [
    [4, 5, 6, 7],
    [0, 1, 2, 3],
  ],
  [[4, 5, 6, 7], []],
  [[2000, 3], [0]],
  [[2000, 1], [0]],
  [[1, 9], [0]],
  [[9], [0]],
  [[0, 3], [0]],
].flatMap(([shape, axis]) =>
  [true, false].map((keepDims) => ({
    name: `sum and mean of ${shape} over ${axis}${keepDims ? ", kept" : ""}`,
    run: () => {
      const x = values(shape as number[], 1);
      return shape?.includes(0) ? [tf.sum(x, axis, keepDims)] : [tf.sum(x, axis, keepDims), tf.mean(x, axis, keepDims)];
    },
  })),
);

const integers: Case = {
  name: "sum, mean and tile of integers",
  run: () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2], "int32");
    return [tf.sum(x, 0), tf.mean(x, 0), tf.tile(x, [2, 2])];
  },
};

const products: Case[] = [
  [
    [5, 7],
    [7, 3],
  ],
  [
    [1, 7],
    [7, 1],
  ],
  [
    [33, 300],
    [300, 18],
  ],
  [
    [70, 20],
    [20, 6],
  ],
  [
    [4, 5, 7],
    [4, 7, 3],
  ],
  [
    [1, 5, 7],
    [4, 7, 3],
  ],
  [
    [4, 5, 7],
    [1, 7, 3],
  ],
  [
    [4, 5, 7],
    [7, 3],
  ],
  [
    [2, 3, 5, 7],
    [2, 3, 7, 9],
  ],
].flatMap(([a, b]) =>
  [0, 1, 2, 3].map((which) => {
    const [transposeA, transposeB] = [which % 2 === 1, which > 1];
    const turn = (shape: number[], turned: boolean) => (turned ? [...shape.slice(0, -2), ...shape.slice(-2).toReversed()] : shape);
    const [first, second] = [turn(a as number[], transposeA), turn(b as number[], transposeB)];
    return {
      name: `product of ${first}${transposeA ? " (transposed)" : ""} and ${second}${transposeB ? " (transposed)" : ""}`,
      run: () => [tf.matMul(values(first, 1), values(second, 2), transposeA, transposeB)],
    };
  }),
);

/** The stock kernels remember b by its buffer and take it in its first shape for ever: wrong numbers, or writes outside the output. */
const views: Case[] = [
  [6, 4],
  [2, 12],
  [12, 2],
].map((shape) => ({
  name: `products of one tensor as 4,6 and as ${shape}`,
  run: () => {
    const b = values([4, 6], 1) as tf.Tensor2D;
    const view = tf.reshape(b, shape as [number, number]) as tf.Tensor2D;
    const [a, c] = [values([3, 4], 2) as tf.Tensor2D, values([3, shape[0] as number], 3) as tf.Tensor2D];
    return [tf.matMul(a, b), tf.matMul(c, view), tf.matMul(a, b), tf.fused.matMul({ a, b }), tf.fused.matMul({ a: c, b: view })];
  },
}));

const tiles: Case[] = [
  [[3], [4]],
  [[1], [4]],
  [
    [2, 3],
    [1, 1],
  ],
  [
    [2, 3],
    [3, 2],
  ],
  [
    [2, 1],
    [3, 5],
  ],
  [
    [1, 1, 1, 4],
    [3, 2, 2, 1],
  ],
  [
    [2, 1, 3, 1],
    [1, 2, 3, 4],
  ],
  [
    [2, 3],
    [0, 2],
  ],
  [
    [2, 1, 3, 1, 2],
    [1, 2, 1, 2, 2],
  ],
].map(([shape, reps]) => ({
  name: `tile of ${shape} by ${reps}`,
  run: () => [tf.tile(values(shape as number[], 1), reps as number[])],
}));

const slices: Case[] = [
  [[5, 4, 3], [1], [2]],
  [
    [5, 4, 3],
    [1, 0, 0],
    [3, 4, 3],
  ],
  [
    [5, 4, 3],
    [2, 1, 0],
    [1, 2, 3],
  ],
  [
    [5, 4, 3],
    [2, 1, 1],
    [1, 1, 2],
  ],
  [
    [5, 4, 3],
    [0, 1, 0],
    [5, 2, 3],
  ],
  [
    [5, 4, 3],
    [1, 1, 1],
    [-1, -1, -1],
  ],
  [[7], [2], [0]],
  [[7], [2], [-1]],
].map(([shape, begin, size]) => ({
  name: `slice of ${shape} from ${begin}, ${size} long`,
  run: () => {
    const x = values(shape as number[], 1);
    const integers = tf.cast(tf.mul(x, 100), "int32");
    return [x, integers, tf.greater(x, 0)].map((tensor) => tf.slice(tensor, begin as number[], size as number[]));
  },
}));

const equations: Case[] = [
  ["ij,jk->ik", [4, 5], [5, 6]],
  ["ij,jk->ki", [4, 5], [5, 6]],
  ["ij,ij->", [4, 5], [4, 5]],
  ["ij,ij->ij", [4, 5], [4, 5]],
  ["i,j->ij", [4], [5]],
  ["i,j->ji", [4], [5]],
  ["bij,bjk->bik", [3, 4, 5], [3, 5, 6]],
  ["bijc,bjkc->cikb", [3, 4, 5, 2], [3, 5, 6, 2]],
  ["aecd,abcd->acbe", [2, 3, 4, 5], [2, 6, 4, 5]],
  ["abc,cde->abde", [2, 3, 4], [4, 5, 6]],
  [",i->i", [], [6]],
  ["ijk->kji", [2, 3, 4]],
  ["ijk->ik", [2, 3, 4]],
  ["ijk->", [2, 3, 4]],
  ["ijk->ijk", [2, 3, 4]],
].map(([equation, ...shapes]) => ({
  name: `einsum ${equation}`,
  run: () => [tf.einsum(equation as string, ...shapes.map((shape, index) => values(shape as number[], index)))],
}));

const table = [...reductions, integers, ...products, ...views, ...tiles, ...slices, ...equations];

describe("kernels completed or replaced on wasm", () => {
  let cpu: Map<string, Result[]>;
  let wasm: Map<string, Result[]>;
  beforeAll(async () => {
    ({ cpu, wasm } = await onCpuThenWasm(table));
  });

  it.each(table.map(({ name }) => name))("%s agrees with cpu", (name) => {
    const actual = wasm.get(name) as Result[];
    (cpu.get(name) as Result[]).forEach((expected, index) => expect(distance(actual[index] as Result, expected)).toBeLessThan(2e-6));
  });

  // On these cpu leaves summed axes in the output, so the definition is the reference.
  it.each([
    ["ij,jk->", [4, 5], [5, 6]],
    ["ab,c->ac", [2, 3], [4]],
    [" ij , k -> i ", [4, 5], [6]],
    ["bij,bjk->k", [3, 4, 5], [3, 5, 6]],
    ["ijk,k->i", [3, 4, 5], [5]],
    ["k,ijk->i", [5], [3, 4, 5]],
    ["ijk,lk->li", [3, 4, 5], [6, 5]],
  ] as const)("einsum %s agrees with its definition", (equation, first, second) => {
    const [a, b] = [values(first, 1), values(second, 2)];
    const actual = tf.einsum(equation, a, b);
    const expected = einsumByDefinition(equation, [...a.dataSync()], [...b.dataSync()], first, second);
    expect(distance({ shape: actual.shape, data: actual.dataSync() as Float32Array }, expected)).toBeLessThan(2e-6);
    tf.dispose([a, b, actual]);
  });

  it("sums a million values of one sign to five digits", () => {
    const mean = tf.tidy(() => (tf.mean(tf.mul(tf.ones([1 << 20, 4]), 0.1), 0).dataSync() as Float32Array)[0] as number);
    expect(Math.abs(mean / Math.fround(0.1) - 1)).toBeLessThan(1e-5);
  });

  it("refuses products whose inner sizes differ", () => {
    expect(() => tf.tidy(() => tf.matMul(values([5, 3], 1), values([4, 2], 2), true, false))).toThrow(/must match|inner/i);
  });
});

function einsumByDefinition(equation: string, a: number[], b: number[], shapeA: readonly number[], shapeB: readonly number[]): Result {
  const [left, out] = equation.replace(/ /g, "").split("->") as [string, string];
  const [lettersA, lettersB] = left.split(",") as [string, string];
  const size = new Map([...lettersA, ...lettersB].map((letter, index) => [letter, [...shapeA, ...shapeB][index] as number]));
  const letters = [...size.keys()];
  const offset = (order: string, at: Map<string, number>) =>
    [...order].reduce((sum, letter) => sum * (size.get(letter) as number) + (at.get(letter) as number), 0);
  const shape = [...out].map((letter) => size.get(letter) as number);
  const data = new Float32Array(tf.util.sizeFromShape(shape));
  const visit = (depth: number, at: Map<string, number>): void => {
    const letter = letters[depth];
    if (letter === undefined) {
      const target = offset(out, at);
      data[target] = (data[target] as number) + (a[offset(lettersA, at)] as number) * (b[offset(lettersB, at)] as number);
      return;
    }
    for (let index = 0; index < (size.get(letter) as number); index++) visit(depth + 1, new Map(at).set(letter, index));
  };
  visit(0, new Map());
  return { shape, data };
}
