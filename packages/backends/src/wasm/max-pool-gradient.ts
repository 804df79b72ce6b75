import * as tf from "@tensorflow/tfjs";
import { address, dispose, output, zeros } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";
import { runs, spans } from "./pool-windows.ts";
import type { PoolAxis } from "./pool-windows.ts";
import { passToLargestOf } from "./simd/of-backend.ts";
import type { PassToLargest } from "./simd/pass-to-largest.ts";

interface PoolAttributes<Size> {
  filterSize: Size | number;
  strides: Size | number;
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Which of several equal values receives the gradient. */
type Tie = "first" | "last";

/** What runs over the windows. */
export type FindPassToLargest = (backend: WasmBackend) => PassToLargest;

/**
 * Kernel MaxPoolGrad: each dy is added to dx at the largest value of its window, the first of equals in row order, as on cpu. A window that
 * holds nothing above -Infinity passes nothing on.
 *
 * The stock kernel starts its search at the smallest positive float, so it drops every window whose maximum is zero or less: a net
 * without a relu before the pooling trains on wrong gradients. It also searches every window once for each of its inputs.
 *
 * @param inputs dy `[n, oh, ow, c]` float32 and input `[n, h, w, c]` float32
 * @param find exchanged in tests, to run the way of engines without SIMD or with threads
 */
export function maxPoolGradient(
  backend: WasmBackend,
  inputs: Inputs,
  attributes: PoolAttributes<[number, number]>,
  find: FindPassToLargest = passToLargestOf,
): tf.TensorInfo {
  const { dy, input } = inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const shape = input.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const rows = { input: inHeight, output: outHeight, taps: filterHeight, stride: strideHeight, before: padInfo.top };
  const columns = { input: inWidth, output: outWidth, taps: filterWidth, stride: strideWidth, before: padInfo.left };
  return scatter(find, backend, dy, input, [{ input: 1, output: 1, taps: 1, stride: 1, before: 0 }, rows, columns], "first");
}

/**
 * Kernel MaxPool3DGrad, in the same way and with the same fault of the stock kernel, but the last of equals receives the gradient, as on cpu.
 *
 * @param inputs dy `[n, od, oh, ow, c]` float32 and input `[n, d, h, w, c]` float32
 * @param find as for {@link maxPoolGradient}
 */
export function maxPool3dGradient(
  backend: WasmBackend,
  inputs: Inputs,
  attributes: PoolAttributes<[number, number, number]>,
  find: FindPassToLargest = passToLargestOf,
): tf.TensorInfo {
  const { dy, input } = inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
  const { filterSize, strides, dimRoundingMode } = attributes;
  const pad = attributes.pad as "valid" | "same" | number;
  const shape = input.shape as [number, number, number, number, number];
  const info = tf.backend_util.computePool3DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { inDepth, inHeight, inWidth, outDepth, outHeight, outWidth, padInfo } = info;
  const depth = { input: inDepth, output: outDepth, taps: info.filterDepth, stride: info.strideDepth, before: padInfo.front };
  const rows = { input: inHeight, output: outHeight, taps: info.filterHeight, stride: info.strideHeight, before: padInfo.top };
  const columns = { input: inWidth, output: outWidth, taps: info.filterWidth, stride: info.strideWidth, before: padInfo.left };
  return scatter(find, backend, dy, input, [depth, rows, columns], "last");
}

function scatter(
  find: FindPassToLargest,
  backend: WasmBackend,
  dy: tf.TensorInfo,
  input: tf.TensorInfo,
  [depth, rows, columns]: readonly [PoolAxis, PoolAxis, PoolAxis],
  tie: Tie,
): tf.TensorInfo {
  const passToLargest = find(backend);
  const dx = zeros(backend, input.shape);
  const taps = depth.taps * rows.taps * columns.taps;
  const table = output(backend, [taps]);
  const [atX, atDy, atDx, atTable] = [address(backend, input), address(backend, dy), address(backend, dx), address(backend, table)];
  const offsets = new Int32Array(backend.wasm.HEAPU8.buffer, atTable, taps);
  const [batch, channels] = [input.shape[0] as number, input.shape.at(-1) as number];
  const pixel = channels * 4;
  const row = columns.input * pixel;
  const plane = rows.input * row;
  const [deep, high, across] = [spans(depth), spans(rows), runs(columns)];
  let pixels = 0;
  for (let image = 0; image < batch; image++) {
    for (const front of deep) {
      for (const top of high) {
        for (const left of across) {
          const size = front.taps * top.taps * left.taps;
          const corner = (image * depth.input + front.from) * plane + top.from * row + left.from * pixel;
          let index = 0;
          for (let k = 0; k < front.taps; k++) {
            for (let i = 0; i < top.taps; i++) {
              for (let j = 0; j < left.taps; j++) offsets[index++] = k * plane + i * row + j * pixel;
            }
          }
          if (tie === "last") offsets.subarray(0, size).reverse();
          const stride = columns.stride * pixel;
          if (size > 0) passToLargest(atX + corner, atDy + pixels * pixel, atDx + corner, atTable, size, left.windows, stride, channels);
          pixels += left.windows;
        }
      }
    }
  }
  dispose(backend, table);
  return dx;
}
