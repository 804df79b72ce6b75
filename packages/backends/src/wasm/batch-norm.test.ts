import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { distance, runAll, useWasm, values } from "../fixtures/backends.ts";
import type { Result } from "../fixtures/backends.ts";
import { batchNorm } from "./batch-norm.ts";
import type { WasmBackend } from "./kernel.ts";

const epsilon = 1e-3;

/** Batch norm over one axis as the definition has it, in float64: on cpu the parameters are cycled over the flat values, whatever their shape. */
function byDefinition(x: tf.Tensor, axis: number, [scale, offset, mean, variance]: readonly ArrayLike<number>[]): Result {
  const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
  const data = Float32Array.from(x.dataSync(), (value, index) => {
    const channel = Math.floor(index / inner) % (x.shape[axis] as number);
    const at = (parameter: ArrayLike<number> | undefined, missing: number): number => parameter?.[channel] ?? missing;
    return ((value - at(mean, 0)) * at(scale, 1)) / Math.sqrt(at(variance, 1) + epsilon) + at(offset, 0);
  });
  return { shape: x.shape, data };
}

function moments(x: tf.Tensor, axis: number): [mean: Float64Array, variance: Float64Array] {
  const [inner, count] = [tf.util.sizeFromShape(x.shape.slice(axis + 1)), x.shape[axis] as number];
  const [mean, square] = [new Float64Array(count), new Float64Array(count)];
  const share = count / x.size;
  const channel = (index: number): number => Math.floor(index / inner) % count;
  const data = x.dataSync();
  data.forEach((value, index) => (mean[channel(index)] = (mean[channel(index)] as number) + value * share));
  data.forEach((value, index) => {
    const distance = value - (mean[channel(index)] as number);
    square[channel(index)] = (square[channel(index)] as number) + distance * distance * share;
  });
  return [mean, square];
}

const shapes = [
  [5, 4],
  [3, 5, 4],
  [2, 3, 5, 4],
  [2, 3, 4, 1],
  [2, 1, 5, 4],
];
const axes = shapes.flatMap((shape) => shape.slice(1).map((_, index) => [shape, index + 1] as const));
const parameters = (count: number): tf.Tensor[] => [1, 2, 3, 4].map((seed) => tf.add(tf.abs(values([count], seed)), 0.1));

describe("batch norm on wasm", () => {
  beforeAll(useWasm);

  it.each(axes)("over a layer's input %j, axis %i, agrees with the definition", (shape, axis) => {
    tf.tidy(() => {
      const layer = tf.layers.batchNormalization({ axis, epsilon, inputShape: shape.slice(1) });
      const x = values(shape, 5);
      layer.apply(x);
      const weights = parameters(shape[axis] as number);
      layer.setWeights(weights);
      const [scale, offset, mean, variance] = weights.map((weight) => weight.dataSync());
      const inference = layer.apply(x) as tf.Tensor;
      const expected = byDefinition(x, axis, [scale, offset, mean, variance] as Float32Array[]);
      expect(distance({ shape: inference.shape, data: inference.dataSync() as Float32Array }, expected)).toBeLessThan(1e-6);
      const training = layer.apply(x, { training: true }) as tf.Tensor;
      const ofBatch = byDefinition(x, axis, [scale as Float32Array, offset as Float32Array, ...moments(x, axis)]);
      expect(distance({ shape: training.shape, data: training.dataSync() as Float32Array }, ofBatch)).toBeLessThan(1e-5);
      layer.dispose();
    });
  });

  it.each([1, 2, 3, 4, 5, 8, 11])("gives the same bits in one pass and in three, %i channels", (channels) => {
    const backend = tf.backend() as unknown as WasmBackend;
    const run = (): tf.Tensor[] => {
      const [scale, offset, mean, variance] = parameters(channels) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const inputs = { x: values([2, 3, 5, channels], 5), mean, variance, scale, offset };
      const ways = [undefined, () => undefined].map((find) => batchNorm(backend, inputs, { varianceEpsilon: epsilon }, find) as tf.TensorInfo);
      return ways.map((info) => tf.engine().makeTensorFromTensorInfo(info));
    };
    const [once, thrice] = runAll([{ name: "both", run }]).get("both") as [Result, Result];
    expect([...once.data]).toEqual([...thrice.data]);
  });

  const optional = [[], ["scale"], ["offset"], ["scale", "offset"]].map((given) => ({
    given,
    name: given.join(" and ") || "mean and variance alone",
    run: () => {
      const shaped = parameters(3).map((parameter) => tf.reshape(parameter, [1, 3, 1, 1]) as tf.Tensor4D);
      const [scale, offset, mean, variance] = shaped as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      const [some, other] = [given.includes("offset") ? offset : undefined, given.includes("scale") ? scale : undefined];
      return [tf.batchNorm4d(values([2, 3, 5, 4], 5) as tf.Tensor4D, mean, variance, some, other, epsilon)];
    },
  }));

  it.each(optional)("along the second axis with $name agrees with the definition, and leaves nothing behind", ({ given, ...entry }) => {
    const [actual] = runAll([entry]).get(entry.name) as [Result];
    const [x, ...vectors] = [values([2, 3, 5, 4], 5), ...parameters(3)];
    const [scale, offset, mean, variance] = vectors.map((vector) => [...vector.dataSync()]) as [number[], number[], number[], number[]];
    const used = [given.includes("scale") ? scale : [], given.includes("offset") ? offset : []];
    expect(distance(actual, byDefinition(x as tf.Tensor, 1, [...used, mean, variance]))).toBeLessThan(1e-6);
    tf.dispose([x as tf.Tensor, ...vectors]);
  });
});
