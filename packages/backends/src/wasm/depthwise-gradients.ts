import * as tf from "@tensorflow/tfjs";
import { axes, depthwiseInfo, reach } from "./conv-geometry.ts";
import type { Axis, ConvInfo, DepthwiseAttributes } from "./conv-geometry.ts";
import { cropForPadding } from "./crop.ts";
import { address, call, dispose, floats, output, reshape, zeros } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";
import { channelProductsOf } from "./simd/of-backend.ts";
import type { ChannelProducts } from "./simd/channel-products.ts";

/**
 * Kernel DepthwiseConv2dNativeBackpropInput, which tfjs's wasm backend lacks:
 * `dx[n, i, j, c] = sum over taps (k, l) and multiples m of dy[n, (i + top - k) / s, (j + left - l) / s, c M + m] w[k, l, c, m]`,
 * as a stride-1 depthwise convolution of dy, spread out by the stride, with the filter reversed in space.
 *
 * @param inputs dy `[n, oh, ow, c M]` float32 and filter `[kh, kw, c, M]` float32
 */
export function depthwiseInputGradient(
  backend: WasmBackend,
  inputs: Inputs,
  attributes: DepthwiseAttributes & { inputShape: readonly number[] },
): tf.TensorInfo {
  const { dy, filter } = inputs as { dy: tf.TensorInfo; filter: tf.TensorInfo };
  const info = depthwiseInfo(attributes.inputShape, filter.shape, attributes);
  const { rows, columns } = axes(info);
  if (dy.shape.includes(0) || info.inShape.includes(0)) return zeros(backend, info.inShape);
  const spread = spreadOut(backend, dy, info);
  const margin = ({ taps, dilation, before, input, output: outputs, stride }: Axis) =>
    [(taps - 1) * dilation - before, input + before - ((outputs - 1) * stride + 1)] as const;
  const { cropped, pad } = cropForPadding(backend, spread, margin(rows), margin(columns));
  const multiples = [info.batchSize, rows.input, columns.input, info.outChannels];
  const reversed = reverseTaps(backend, filter, info);
  const attributes1 = { strides: 1, pad, dilations: [rows.dilation, columns.dilation] };
  const products = cropped.shape.includes(0)
    ? zeros(backend, multiples)
    : call(backend, "DepthwiseConv2dNative", { x: cropped, filter: reversed }, attributes1);
  dispose(backend, reversed);
  if (cropped !== spread) dispose(backend, cropped);
  if (spread !== dy) dispose(backend, spread);
  if (info.outChannels === info.inChannels) return products;
  const grouped = reshape(backend, products, [...info.inShape, info.outChannels / info.inChannels]);
  const dx = call(backend, "Sum", { x: grouped }, { axis: 4, keepDims: false });
  dispose(backend, products, grouped);
  return dx;
}

/** dy with `stride - 1` zeros between its values along both spatial axes; dy itself for stride 1. */
function spreadOut(backend: WasmBackend, dy: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const { batchSize, outHeight, outWidth, outChannels, strideHeight, strideWidth } = info;
  if (strideHeight === 1 && strideWidth === 1) return dy;
  const [height, width] = [(outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1];
  const out = zeros(backend, [batchSize, height, width, outChannels]);
  const [from, to] = [floats(backend, dy), floats(backend, out)];
  let at = 0;
  for (let n = 0; n < batchSize; n++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        const start = ((n * height + row * strideHeight) * width + column * strideWidth) * outChannels;
        for (let c = 0; c < outChannels; c++) to[start + c] = from[at++] as number;
      }
    }
  }
  return out;
}

/** The filter `[kh, kw, c, M]` as `[kh, kw, c M, 1]`, both spatial axes reversed. */
function reverseTaps(backend: WasmBackend, filter: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const { filterHeight, filterWidth, outChannels } = info;
  const out = output(backend, [filterHeight, filterWidth, outChannels, 1]);
  const [from, to] = [floats(backend, filter), floats(backend, out)];
  const taps = filterHeight * filterWidth;
  for (let tap = 0; tap < taps; tap++) {
    const start = (taps - 1 - tap) * outChannels;
    to.set(from.subarray(start, start + outChannels), tap * outChannels);
  }
  return out;
}

/**
 * Kernel DepthwiseConv2dNativeBackpropFilter, which tfjs's wasm backend lacks:
 * `dw[k, l, c, m] = sum over n, oh, ow of x[n, oh s - top + k d, ow s - left + l d, c] dy[n, oh, ow, c M + m]`.
 *
 * @param inputs x `[n, h, w, c]` float32 and dy `[n, oh, ow, c M]` float32
 * @param find exchanged in tests, to run the way of engines without SIMD or with threads
 */
export function depthwiseFilterGradient(
  backend: WasmBackend,
  inputs: Inputs,
  attributes: DepthwiseAttributes & { filterShape: readonly number[] },
  find: (backend: WasmBackend) => ChannelProducts = channelProductsOf,
): tf.TensorInfo {
  const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const info = depthwiseInfo(x.shape, attributes.filterShape, attributes);
  const repeated = repeatChannels(backend, x, info.outChannels / info.inChannels);
  const dw = zeros(backend, info.filterShape);
  const products = find(backend);
  const { rows, columns } = axes(info);
  const pixel = info.outChannels * 4;
  const [xRow, dyRow] = [columns.input * pixel, columns.output * pixel];
  const [xStart, dyStart, dwStart] = [address(backend, repeated), address(backend, dy), address(backend, dw)];
  for (let n = 0; n < info.batchSize; n++) {
    for (let k = 0; k < rows.taps; k++) {
      const down = reach(rows, k);
      for (let l = 0; l < columns.taps; l++) {
        const across = reach(columns, l);
        if (down.from >= down.to || across.from >= across.to) continue;
        products(
          xStart + (n * rows.input + down.input) * xRow + across.input * pixel,
          dyStart + (n * rows.output + down.from) * dyRow + across.from * pixel,
          dwStart + (k * columns.taps + l) * pixel,
          down.to - down.from,
          across.to - across.from,
          xRow * rows.stride,
          pixel * columns.stride,
          dyRow,
          pixel,
          info.outChannels,
        );
      }
    }
  }
  if (repeated !== x) dispose(backend, repeated);
  return dw;
}

/** x `[..., c]` as `[..., c M]`, every channel M times over; x itself for M = 1. */
function repeatChannels(backend: WasmBackend, x: tf.TensorInfo, times: number): tf.TensorInfo {
  if (times === 1) return x;
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const out = output(backend, [n, h, w, c * times]);
  const [from, to] = [floats(backend, x), floats(backend, out)];
  for (let at = 0; at < from.length; at++) to.fill(from[at] as number, at * times, (at + 1) * times);
  return out;
}
