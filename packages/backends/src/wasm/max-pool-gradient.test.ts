import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { distance, onCpuThenWasm, runAll, values } from "../fixtures/backends.ts";
import type { Case, Result } from "../fixtures/backends.ts";
import type { ConvAttributes } from "./conv-geometry.ts";
import type { WasmBackend } from "./kernel.ts";
import { maxPool3dGradient, maxPoolGradient } from "./max-pool-gradient.ts";
import { passToLargestLoop } from "./simd/pass-to-largest.ts";

type Shape4D = [number, number, number, number];
type Pair = [number, number];

/** Inputs on which a kernel can choose the wrong position, or none. */
const kinds: Readonly<Record<string, (shape: readonly number[]) => tf.Tensor>> = {
  "of both signs": (shape) => values(shape, 1),
  negative: (shape) => tf.sub(values(shape, 1), 2),
  "behind a relu": (shape) => tf.relu(values(shape, 1)),
  zero: (shape) => tf.zeros([...shape]),
  "with ties": (shape) => tf.sub(tf.round(tf.mul(values(shape, 1), 2)), 5),
  "with infinities": (shape) => tf.sub(values(shape, 1), tf.div(tf.cast(tf.greater(values(shape, 2), 0.5), "float32"), 0)),
  "with not-a-numbers": (shape) => tf.where(tf.greater(values(shape, 2), 0.7), tf.fill([...shape], NaN), values(shape, 1)),
};

/** Ties, zeros of both signs, infinities and not-a-numbers side by side. */
const mixed = (shape: readonly number[]): tf.Tensor => {
  const rare = (seed: number): tf.Tensor => tf.greater(values(shape, seed), 0.6);
  const small = tf.round(tf.mul(values(shape, 1), 2));
  const signed = tf.where(rare(2), tf.fill([...shape], -0), small);
  return tf.where(rare(3), tf.fill([...shape], NaN), tf.where(rare(4), tf.fill([...shape], -Infinity), signed));
};

/** Among them minus zero and infinity. */
const slopes = (shape: readonly number[]): tf.Tensor => {
  const rare = (seed: number): tf.Tensor => tf.greater(values(shape, seed), 0.8);
  return tf.where(rare(5), tf.fill([...shape], -0), tf.where(rare(6), tf.fill([...shape], Infinity), values(shape, 7)));
};

interface Pooling {
  shape: Shape4D;
  filterSize: Pair;
  strides: Pair;
  pad: ConvAttributes["pad"];
  dimRoundingMode?: "floor" | "round" | "ceil";
}

function outShape({ shape, filterSize, strides, pad, dimRoundingMode }: Pooling): number[] {
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode).outShape;
}

/** The kernel itself: it reads the input alone, so that no forward kernel can hide or cause a fault. */
const gradient = (kind: string, pooling: Pooling): Case => ({
  name: `${kind}: ${JSON.stringify(pooling)}`,
  run: () => {
    const input = (kinds[kind] as (shape: readonly number[]) => tf.Tensor)(pooling.shape);
    const dy = values(outShape(pooling), 3);
    const { filterSize, strides, pad, dimRoundingMode } = pooling;
    const attributes = { filterSize, strides, pad, dimRoundingMode } as unknown as tf.NamedAttrMap;
    return [tf.engine().runKernel("MaxPoolGrad", { dy, input, output: dy }, attributes) as tf.Tensor];
  },
});

const explicit: ConvAttributes["pad"] = [
  [0, 0],
  [2, 1],
  [0, 2],
  [0, 0],
];
const windows: Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [2, 3],
  [4, 1],
];
const steps: Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [2, 1],
  [1, 3],
];
const shapes: Shape4D[] = [
  [1, 7, 7, 3],
  [2, 8, 5, 4],
  [3, 6, 9, 1],
];

const geometries = windows.flatMap((filterSize, first) =>
  steps.flatMap((strides, second) =>
    (["same", "valid", explicit] as const).map((pad, third): Pooling => {
      const shape = shapes[(first + second + third) % shapes.length] as Shape4D;
      return { shape, filterSize, strides, pad };
    }),
  ),
);
const rounded = (["floor", "round", "ceil"] as const).flatMap((dimRoundingMode) =>
  [0, 1].map((pad): Pooling => ({ shape: [2, 7, 8, 3], filterSize: [3, 3], strides: [2, 2], pad, dimRoundingMode })),
);
const empty: Pooling = { shape: [0, 4, 4, 2], filterSize: [2, 2], strides: [2, 2], pad: "same" };

const dilated: Case[] = [1, 2, 3].map((dilation) => ({
  name: `through tf.pool with dilation ${dilation}`,
  run: () => {
    const pooled = (x: tf.Tensor): tf.Tensor => tf.pool(x as tf.Tensor4D, 2, "max", "same", dilation, 1);
    const input = tf.sub(values([2, 6, 6, 3], 1), 2);
    return [tf.grad((x: tf.Tensor) => tf.mul(pooled(x), values([2, 6, 6, 3], 4)))(input)];
  },
}));

const table = [
  ...["negative", "with ties"].flatMap((kind) => [...geometries, ...rounded].map((pooling) => gradient(kind, pooling))),
  ...Object.keys(kinds).flatMap((kind) => geometries.slice(20, 30).map((pooling) => gradient(kind, pooling))),
  gradient("zero", empty),
  ...dilated,
].filter((entry, index, all) => all.findIndex(({ name }) => name === entry.name) === index);

const cubes: Case[] = (["same", "valid"] as const).flatMap((pad) =>
  [1, 2, 3].flatMap((size) =>
    Object.keys(kinds)
      .filter((kind) => kind !== "with infinities")
      .map((kind) => ({
        name: `3d, ${kind}, ${pad} padding, window ${size}`,
        run: () => {
          const input = (kinds[kind] as (shape: readonly number[]) => tf.Tensor)([2, 5, 4, 6, 3]);
          const attributes = { filterSize: size, strides: 2, pad };
          const { outShape } = tf.backend_util.computePool3DInfo([2, 5, 4, 6, 3], size, 2, 1, pad);
          return [tf.engine().runKernel("MaxPool3DGrad", { dy: values(outShape, 3), input }, attributes) as tf.Tensor];
        },
      })),
  ),
);

describe("gradient of max pooling on wasm", () => {
  let cpu: Map<string, Result[]>;
  let wasm: Map<string, Result[]>;
  beforeAll(async () => {
    ({ cpu, wasm } = await onCpuThenWasm([...table, ...cubes]));
  });

  it.each([...table, ...cubes].map(({ name }) => name))("%s agrees with cpu", (name) => {
    const [actual, expected] = [wasm.get(name)?.[0] as Result, cpu.get(name)?.[0] as Result];
    expect(distance(actual, expected)).toBeLessThan(1e-6);
  });

  it.each([1, 2, 3, 4, 5, 8, 11])("gives the same bits with SIMD and with plain loops, %i channels", (channels) => {
    const backend = tf.backend() as unknown as WasmBackend;
    const loop = passToLargestLoop(() => backend.wasm.HEAPU8.buffer);
    const twins = (ways: [() => tf.TensorInfo, () => tf.TensorInfo]): tf.Tensor[] => ways.map((way) => tf.engine().makeTensorFromTensorInfo(way()));
    const flat = geometries.map((pooling): Case => ({
      name: JSON.stringify(pooling),
      run: () => {
        const shape: Shape4D = [...(pooling.shape.slice(0, 3) as [number, number, number]), channels];
        const inputs = { input: mixed(shape), dy: slopes(outShape({ ...pooling, shape })) };
        return twins([() => maxPoolGradient(backend, inputs, pooling), () => maxPoolGradient(backend, inputs, pooling, () => loop)]);
      },
    }));
    const solid = (["same", "valid"] as const).map((pad): Case => ({
      name: `3d ${pad}`,
      run: () => {
        const [shape, attributes] = [[2, 5, 4, 6, channels] as [number, number, number, number, number], { filterSize: 3, strides: 2, pad }];
        const inputs = { input: mixed(shape), dy: slopes(tf.backend_util.computePool3DInfo(shape, 3, 2, 1, pad).outShape) };
        return twins([() => maxPool3dGradient(backend, inputs, attributes), () => maxPool3dGradient(backend, inputs, attributes, () => loop)]);
      },
    }));
    const different = [...runAll([...flat, ...solid])].filter(([, [simd, plain]]) => {
      const expected = (plain as Result).data;
      return (simd as Result).data.some((value, index) => !Object.is(value, expected[index]));
    });
    expect(different.map(([name]) => name)).toEqual([]);
  });

  // On cpu the position in a window is counted with its height for its width, so that only cubes are right.
  it("finds the largest value of a window that is no cube", () => {
    const input = tf.tensor5d([-9, -8, -7, -3, -5, -6, -9, -8, -7, -6, -5, -4], [1, 1, 2, 6, 1]);
    const slope = tf.grad((x: tf.Tensor) => tf.maxPool3d(x as tf.Tensor5D, [1, 2, 3], [1, 2, 3], "valid"))(input);
    expect([...slope.dataSync()]).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
    tf.dispose([input, slope]);
  });
});
