import * as tf from "@tensorflow/tfjs";
import { address, dispose, floats, output, zeros } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";
import { outerProductsOf } from "./simd/of-backend.ts";

interface ReductionAttributes {
  axis: number | number[];
  keepDims: boolean;
}

/**
 * Kernel Sum over leading axes, `y[j] = sum_p x[p, j]`, in one pass where x lies. The stock kernel transposes x first: 20 times slower on the
 * sums over batch and space that batch norm and biases need. Other axes and types are left to the stock kernel.
 */
export function leadingSum(backend: WasmBackend, inputs: Inputs, attributes: ReductionAttributes): tf.TensorInfo | undefined {
  return reduceLeading(backend, inputs["x"] as tf.TensorInfo, attributes, () => 1);
}

/** Kernel Mean over leading axes, in the same way. */
export function leadingMean(backend: WasmBackend, inputs: Inputs, attributes: ReductionAttributes): tf.TensorInfo | undefined {
  return reduceLeading(backend, inputs["x"] as tf.TensorInfo, attributes, (pixels) => pixels);
}

/** Pixels that are summed in float32; the sums of chunks are added in float64, so that a million values keep six digits. */
const chunk = 256;

function reduceLeading(backend: WasmBackend, x: tf.TensorInfo, attributes: ReductionAttributes, divisor: (pixels: number) => number) {
  const outer = outerProductsOf(backend);
  const split = leadingAxes(x, attributes);
  if (!split || !outer) return undefined;
  const { pixels, channels, shape } = split;
  const y = output(backend, shape);
  const sums = zeros(backend, [Math.ceil(pixels / chunk), channels]);
  const one = output(backend, [1]);
  floats(backend, one)[0] = 1;
  const [atX, atOne, atSums] = [address(backend, x), address(backend, one), address(backend, sums)];
  const row = channels * 4;
  for (let from = 0; from < pixels; from += chunk) {
    outer(atOne, atX + from * row, atSums + (from / chunk) * row, 1, Math.min(chunk, pixels - from), 0, 0, 0, row, 1, channels, row);
  }
  const totals = new Float64Array(channels);
  floats(backend, sums).forEach((sum, index) => (totals[index % channels] = (totals[index % channels] as number) + sum));
  floats(backend, y).set(totals.map((total) => total / divisor(pixels)));
  dispose(backend, sums, one);
  return y;
}

function leadingAxes(x: tf.TensorInfo, { axis, keepDims }: ReductionAttributes) {
  const axes = tf.util.parseAxisParam(axis, x.shape).toSorted((first, second) => first - second);
  const leading = axes.length < x.shape.length && axes.every((value, index) => value === index);
  if (!leading || x.dtype !== "float32" || x.shape.includes(0)) return undefined;
  const kept = x.shape.slice(axes.length);
  const channels = tf.util.sizeFromShape(kept);
  // One channel is a plain sum over contiguous values, which the stock kernel does without a transpose.
  if (axes.length === 0 || channels === 1) return undefined;
  const pixels = tf.util.sizeFromShape(x.shape) / channels;
  return { pixels, channels, shape: keepDims ? [...axes.map(() => 1), ...kept] : kept };
}
