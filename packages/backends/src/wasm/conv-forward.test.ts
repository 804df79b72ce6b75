import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { distance, onCpuThenWasm, values } from "../fixtures/backends.ts";
import type { Case, Result } from "../fixtures/backends.ts";

type Pair = [number, number];
type Rounding = "floor" | "round" | "ceil";

/** All four convolution kernels of tfjs on one geometry, the fused ones with everything that they fuse. */
function convolutions(size: Pair, filterSize: Pair, strides: Pair, pad: "same" | number, dimRoundingMode?: Rounding): Case[] {
  const x = (): tf.Tensor4D => values([2, ...size, 3], 1) as tf.Tensor4D;
  const filter = (last: number): tf.Tensor4D => values([...filterSize, 3, last], 2) as tf.Tensor4D;
  const vector = (length: number): tf.Tensor1D => values([length], 3) as tf.Tensor1D;
  const fused = { strides, pad, dimRoundingMode, dataFormat: "NHWC" } as const;
  const run: Record<string, () => tf.Tensor> = {
    conv2d: () => tf.conv2d(x(), filter(4), strides, pad, "NHWC", 1, dimRoundingMode),
    "fused conv2d": () => tf.fused.conv2d({ ...fused, x: x(), filter: filter(4), bias: vector(4), activation: "relu6" } as never),
    "fused conv2d with prelu": () =>
      tf.fused.conv2d({ ...fused, x: x(), filter: filter(4), activation: "prelu", preluActivationWeights: values([1, 1, 4], 4) } as never),
    depthwiseConv2d: () => tf.depthwiseConv2d(x(), filter(2), strides, pad, "NHWC", 1, dimRoundingMode),
    "fused depthwiseConv2d": () => tf.fused.depthwiseConv2d({ ...fused, x: x(), filter: filter(2), bias: vector(6), activation: "elu" } as never),
  };
  return Object.entries(run).map(([kernel, convolve]) => ({
    name: `${kernel} ${filterSize} on ${size}, strides ${strides}, padding ${pad} ${dimRoundingMode ?? ""}`,
    run: () => [convolve()],
  }));
}

/** Strides longer than the filter, where "same" asks for a negative number of zeros on one axis, both or none. */
const sizes: Pair[] = [
  [6, 7],
  [8, 8],
  [7, 9],
  [10, 12],
  [9, 5],
];
const strided = (
  [
    [
      [2, 2],
      [2, 3],
    ],
    [
      [2, 2],
      [3, 3],
    ],
    [
      [1, 1],
      [2, 2],
    ],
    [
      [2, 3],
      [3, 4],
    ],
    [
      [3, 1],
      [1, 3],
    ],
    [
      [2, 3],
      [4, 1],
    ],
  ] as const
).flatMap(([filterSize, strides]) => sizes.flatMap((size) => convolutions(size, [...filterSize], [...strides], "same")));
const rounded = (["floor", "round", "ceil"] as const).flatMap((mode) =>
  (
    [
      [2, 0],
      [3, 0],
      [3, 1],
    ] as const
  ).flatMap(([size, pad]) => convolutions([7, 8], [size, size], [2, 2], pad, mode)),
);
const table = [...strided, ...rounded];

describe("convolutions that the stock wasm kernels place wrongly", () => {
  let cpu: Map<string, Result[]>;
  let wasm: Map<string, Result[]>;
  beforeAll(async () => {
    ({ cpu, wasm } = await onCpuThenWasm(table));
  });

  it.each(table.map(({ name }) => name))("%s agrees with cpu", (name) => {
    expect(distance(wasm.get(name)?.[0] as Result, cpu.get(name)?.[0] as Result)).toBeLessThan(2e-6);
  });
});
