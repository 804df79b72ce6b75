import * as tf from "@tensorflow/tfjs";
import { call, dispose, floats, output } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";

/**
 * Kernel FusedBatchNorm, `y = (x - m) s / sqrt(v + epsilon) + o`, as three elementwise kernels with the factor of each channel computed once.
 * The stock kernel is a scalar loop, 3 times slower.
 *
 * @param inputs x `[n, h, w, c]` float32; mean m, variance v and, if present, scale s and offset o: vectors `[c]`. Other shapes, which
 * tfjs repeats along the last axes of x, are left to the stock kernel.
 */
export function batchNorm(backend: WasmBackend, inputs: Inputs, { varianceEpsilon }: { varianceEpsilon: number }): tf.TensorInfo | undefined {
  const { x, mean, variance, offset, scale } = inputs as Record<"x" | "mean" | "variance", tf.TensorInfo> & Inputs;
  const channels = x.shape.at(-1) as number;
  const vectors = [mean, variance, offset, scale].filter((tensor) => tensor !== undefined);
  const regular = vectors.every(({ shape, dtype }) => shape.length === 1 && shape[0] === channels && dtype === "float32");
  if (!regular || x.dtype !== "float32" || x.shape.includes(0)) return undefined;
  const factor = output(backend, [channels]);
  const scales = scale ? floats(backend, scale) : new Float32Array(channels).fill(1);
  const variances = floats(backend, variance);
  floats(backend, factor).set(scales.map((value, channel) => value / Math.sqrt((variances[channel] as number) + varianceEpsilon)));
  const centred = call(backend, "Sub", { a: x, b: mean });
  const scaled = call(backend, "Multiply", { a: centred, b: factor });
  dispose(backend, centred, factor);
  if (!offset) return scaled;
  const y = call(backend, "Add", { a: scaled, b: offset });
  dispose(backend, scaled);
  return y;
}
