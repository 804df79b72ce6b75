import * as tf from "@tensorflow/tfjs";
import { floats, zeros } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";

interface PoolAttributes<Size> {
  filterSize: Size | number;
  strides: Size | number;
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** One spatial axis of a pooling: output `o` looks at inputs `o * stride - before` and the `taps - 1` behind it, as far as they exist. */
interface PoolAxis {
  input: number;
  output: number;
  taps: number;
  stride: number;
  before: number;
}

/** Which of several equal values receives the gradient. */
type Tie = "first" | "last";

/**
 * Kernel MaxPoolGrad: each dy is added to dx at the largest value of its window, the first of equals in row order, as on cpu. A window that
 * holds nothing above -Infinity passes nothing on.
 *
 * The stock kernel starts its search at the smallest positive float, so it drops every window whose maximum is zero or less: a net
 * without a relu before the pooling trains on wrong gradients. It also searches every window once for each of its inputs.
 *
 * @param inputs dy `[n, oh, ow, c]` float32 and input `[n, h, w, c]` float32
 */
export function maxPoolGradient(backend: WasmBackend, inputs: Inputs, attributes: PoolAttributes<[number, number]>): tf.TensorInfo {
  const { dy, input } = inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const shape = input.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const rows = { input: inHeight, output: outHeight, taps: filterHeight, stride: strideHeight, before: padInfo.top };
  const columns = { input: inWidth, output: outWidth, taps: filterWidth, stride: strideWidth, before: padInfo.left };
  return scatter(backend, dy, input, [{ input: 1, output: 1, taps: 1, stride: 1, before: 0 }, rows, columns], "first");
}

/**
 * Kernel MaxPool3DGrad, in the same way and with the same fault of the stock kernel, but the last of equals receives the gradient, as on cpu.
 *
 * @param inputs dy `[n, od, oh, ow, c]` float32 and input `[n, d, h, w, c]` float32
 */
export function maxPool3dGradient(backend: WasmBackend, inputs: Inputs, attributes: PoolAttributes<[number, number, number]>): tf.TensorInfo {
  const { dy, input } = inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
  const { filterSize, strides, dimRoundingMode } = attributes;
  const pad = attributes.pad as "valid" | "same" | number;
  const shape = input.shape as [number, number, number, number, number];
  const info = tf.backend_util.computePool3DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { inDepth, inHeight, inWidth, outDepth, outHeight, outWidth, padInfo } = info;
  const depth = { input: inDepth, output: outDepth, taps: info.filterDepth, stride: info.strideDepth, before: padInfo.front };
  const rows = { input: inHeight, output: outHeight, taps: info.filterHeight, stride: info.strideHeight, before: padInfo.top };
  const columns = { input: inWidth, output: outWidth, taps: info.filterWidth, stride: info.strideWidth, before: padInfo.left };
  return scatter(backend, dy, input, [depth, rows, columns], "last");
}

function scatter(
  backend: WasmBackend,
  dy: tf.TensorInfo,
  input: tf.TensorInfo,
  [depth, rows, columns]: readonly [PoolAxis, PoolAxis, PoolAxis],
  tie: Tie,
): tf.TensorInfo {
  const out = zeros(backend, input.shape);
  const [x, slope, dx] = [floats(backend, input), floats(backend, dy), floats(backend, out)];
  const [batch, channels] = [input.shape[0] as number, input.shape.at(-1) as number];
  const row = columns.input * channels;
  const slice = rows.input * row;
  const positions = new Int32Array(depth.taps * rows.taps * columns.taps);
  let pixel = 0;
  for (let image = 0; image < batch; image++) {
    for (let plane = 0; plane < depth.output; plane++) {
      const [front, back] = span(depth, plane);
      for (let line = 0; line < rows.output; line++) {
        const [top, bottom] = span(rows, line);
        for (let column = 0; column < columns.output; column++, pixel += channels) {
          const [left, right] = span(columns, column);
          let count = 0;
          for (let k = front; k < back; k++) {
            for (let i = top; i < bottom; i++) {
              const start = (image * depth.input + k) * slice + i * row;
              for (let j = left; j < right; j++) positions[count++] = start + j * channels;
            }
          }
          if (tie === "last") positions.subarray(0, count).reverse();
          passOn(x, slope, dx, positions, count, pixel, channels);
        }
      }
    }
  }
  return out;
}

/** The inputs [from, to) that output `o` of one axis looks at. */
function span({ input, taps, stride, before }: PoolAxis, o: number): [from: number, to: number] {
  const corner = o * stride - before;
  return [Math.max(0, corner), Math.min(input, corner + taps)];
}

/** Adds the gradient of every channel of one output pixel to the first largest input among the positions. */
function passOn(x: Float32Array, slope: Float32Array, dx: Float32Array, positions: Int32Array, count: number, pixel: number, channels: number): void {
  for (let channel = 0; channel < channels; channel++) {
    let largest = -Infinity;
    let found = -1;
    for (let tap = 0; tap < count; tap++) {
      const at = (positions[tap] as number) + channel;
      const value = x[at] as number;
      if (value > largest) {
        largest = value;
        found = at;
      }
    }
    if (found >= 0) dx[found] = (dx[found] as number) + (slope[pixel + channel] as number);
  }
}
