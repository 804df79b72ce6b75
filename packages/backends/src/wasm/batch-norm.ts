import * as tf from "@tensorflow/tfjs";
import { address, call, dispose, floats, output } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";
import type { Normalise } from "./simd/normalise.ts";
import { normaliseOf } from "./simd/of-backend.ts";

/** What normalises channels that lie side by side, or that nothing does. */
export type FindNormalise = (backend: WasmBackend) => Normalise | undefined;

/**
 * Kernel FusedBatchNorm, `y = (x - m) s / sqrt(v + epsilon) + o`, with the factor of each channel computed once: in one pass over channels
 * that lie side by side, otherwise by three elementwise kernels, with the same numbers. The stock kernel is a scalar loop. It also cycles
 * through the parameters along the flat values of x, whatever their shape, so that it is wrong for all that broadcast along an inner axis, as
 * those of `tf.layers.batchNormalization({ axis: 1 })` do.
 *
 * @param inputs x `[n, h, w, c]` float32; mean m, variance v and, if present, scale s and offset o, of one shape that broadcasts to x's.
 * Other shapes, on which cycling is right, and other types are left to the stock kernel.
 * @param find exchanged in tests, to run the way of engines without SIMD or with threads
 */
export function batchNorm(
  backend: WasmBackend,
  inputs: Inputs,
  { varianceEpsilon }: { varianceEpsilon: number },
  find: FindNormalise = normaliseOf,
): tf.TensorInfo | undefined {
  const { x, mean, variance, offset, scale } = inputs as Record<"x" | "mean" | "variance", tf.TensorInfo> & Inputs;
  const parameters = [mean, variance, offset, scale].filter((tensor) => tensor !== undefined);
  const alike = parameters.every(({ shape, dtype }) => tf.util.arraysEqual(shape, mean.shape) && dtype === "float32");
  if (!alike || x.dtype !== "float32" || x.shape.includes(0) || !composes(x.shape, mean.shape)) return undefined;
  const factor = output(backend, mean.shape);
  const variances = floats(backend, variance);
  const scales = scale ? floats(backend, scale) : new Float32Array(variances.length).fill(1);
  floats(backend, factor).set(scales.map((value, channel) => value / Math.sqrt((variances[channel] as number) + varianceEpsilon)));
  const normalise = isLastAxis(x.shape, mean.shape) && offset ? find(backend) : undefined;
  if (normalise && offset) {
    const y = output(backend, x.shape);
    const [atX, atMean, atFactor, atOffset, atY] = [x, mean, factor, offset, y].map((tensor) => address(backend, tensor));
    const channels = mean.shape[0];
    normalise(atX, atMean, atFactor, atOffset, atY, tf.util.sizeFromShape(x.shape) / channels, channels);
    dispose(backend, factor);
    return y;
  }
  const centred = call(backend, "Sub", { a: x, b: mean });
  const scaled = call(backend, "Multiply", { a: centred, b: factor });
  dispose(backend, centred, factor);
  if (!offset) return scaled;
  const y = call(backend, "Add", { a: scaled, b: offset });
  dispose(backend, scaled);
  return y;
}

/** Whether parameters are a vector of channels, where composing is faster, or broadcast along an inner axis, where the stock kernel is wrong. */
function composes(shape: readonly number[], parameter: readonly number[]): boolean {
  const lead = shape.length - parameter.length;
  const broadcasts = parameter.every((size, axis) => size === 1 || size === shape[lead + axis]);
  const first = parameter.findIndex((size) => size !== 1);
  const cycles = first < 0 || parameter.slice(first).every((size, axis) => size === shape[lead + first + axis]);
  return broadcasts && (!cycles || isLastAxis(shape, parameter));
}

function isLastAxis(shape: readonly number[], parameter: readonly number[]): boolean {
  return parameter.length === 1 && parameter[0] === shape.at(-1);
}
