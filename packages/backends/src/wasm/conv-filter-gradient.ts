import type * as tf from "@tensorflow/tfjs";
import { axes, convInfo, reach } from "./conv-geometry.ts";
import type { Axis, ConvAttributes, ConvInfo } from "./conv-geometry.ts";
import { cropForPadding } from "./crop.ts";
import { address, call, dispose, transpose, zeros } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";
import { outerProductsOf } from "./simd/of-backend.ts";
import type { OuterProducts } from "./simd/outer-products.ts";

/** Where outer products run, or that they cannot. */
export type FindOuterProducts = (backend: WasmBackend) => OuterProducts | undefined;

/**
 * Kernel Conv2DBackpropFilter, which tfjs's wasm backend lacks: the gradient of a convolution with respect to its filter,
 * `dw[k, l, c, d] = sum over n, oh, ow of x[n, oh s - top + k, ow s - left + l, c] dy[n, oh, ow, d]`.
 *
 * @param inputs x `[n, h, w, c]` float32 and dy `[n, oh, ow, d]` float32, or channels second where dataFormat is NCHW
 * @param find exchanged in tests, to run the way of engines without SIMD or with threads
 */
export function conv2dFilterGradient(
  backend: WasmBackend,
  inputs: Inputs,
  attributes: ConvAttributes & { filterShape: readonly number[] },
  find: FindOuterProducts = outerProductsOf,
): tf.TensorInfo {
  const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const info = convInfo(x.shape, attributes.filterShape, attributes);
  if (x.shape.includes(0) || dy.shape.includes(0)) return zeros(backend, info.filterShape);
  const outer = find(backend);
  const gradient = outer ? bySumOfOuterProducts.bind(null, outer) : byConvolution;
  if (info.dataFormat === "channelsLast") return gradient(backend, x, dy, info);
  const [lastX, lastDy] = [transpose(backend, x, [0, 2, 3, 1]), transpose(backend, dy, [0, 2, 3, 1])];
  const dw = gradient(backend, lastX, lastDy, info);
  dispose(backend, lastX, lastDy);
  return dw;
}

/** Bytes of x and dy that one call streams: they are read again for every tap, so they should stay in the second-level cache. */
const chunkBytes = 256 * 1024;

/** Each tap's `[c, d]` block is a sum of outer products over pixels, read where they lie: no transpose, no im2col, no packing. */
function bySumOfOuterProducts(outer: OuterProducts, backend: WasmBackend, x: tf.TensorInfo, dy: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const dw = zeros(backend, info.filterShape);
  const { rows, columns } = axes(info);
  const [xPixel, dyPixel] = [info.inChannels * 4, info.outChannels * 4];
  const [xRow, dyRow] = [columns.input * xPixel, columns.output * dyPixel];
  const [xStart, dyStart, dwStart] = [address(backend, x), address(backend, dy), address(backend, dw)];
  const chunk = Math.max(1, Math.floor(chunkBytes / (xRow * rows.stride + dyRow)));
  for (let n = 0; n < info.batchSize; n++) {
    for (let start = 0; start < rows.output; start += chunk) {
      for (let k = 0; k < rows.taps; k++) {
        const down = reach(rows, k);
        const [from, to] = [Math.max(down.from, start), Math.min(down.to, start + chunk)];
        if (from >= to) continue;
        const inputRow = down.input + (from - down.from) * rows.stride;
        for (let l = 0; l < columns.taps; l++) {
          const across = reach(columns, l);
          if (across.from >= across.to) continue;
          outer(
            xStart + (n * rows.input + inputRow) * xRow + across.input * xPixel,
            dyStart + (n * rows.output + from) * dyRow + across.from * dyPixel,
            dwStart + (k * columns.taps + l) * xPixel * info.outChannels,
            to - from,
            across.to - across.from,
            xRow * rows.stride,
            xPixel * columns.stride,
            dyRow,
            dyPixel,
            info.inChannels,
            info.outChannels,
            dyPixel,
          );
        }
      }
    }
  }
  return dw;
}

/**
 * The same sum as one convolution of stock kernels: x as `[c, h, w, n]` with dy as the filter `[oh, ow, n, d]`, the stride becoming the
 * filter's dilation. Half as fast on one thread, but it uses all threads of a backend that has several.
 */
function byConvolution(backend: WasmBackend, x: tf.TensorInfo, dy: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const { rows, columns } = axes(info);
  const margin = (axis: Axis) => [axis.before, axis.taps - 1 + (axis.output - 1) * axis.stride + 1 - axis.input - axis.before] as const;
  const { cropped, pad } = cropForPadding(backend, x, margin(rows), margin(columns));
  if (cropped.shape.includes(0)) {
    dispose(backend, cropped);
    return zeros(backend, info.filterShape);
  }
  const [images, filter] = [transpose(backend, cropped, [3, 1, 2, 0]), transpose(backend, dy, [1, 2, 0, 3])];
  const dilations = [rows.stride, columns.stride];
  const taps = call(backend, "Conv2D", { x: images, filter }, { strides: 1, pad, dataFormat: "NHWC", dilations });
  const dw = transpose(backend, taps, [1, 2, 0, 3]);
  dispose(backend, images, filter, taps);
  if (cropped !== x) dispose(backend, cropped);
  return dw;
}
