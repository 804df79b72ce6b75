import type * as tf from "@tensorflow/tfjs";
import { axes, convInfo } from "./conv-geometry.ts";
import type { Axis, ConvAttributes, ConvInfo } from "./conv-geometry.ts";
import { call, dispose, transpose } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";

type Attributes = ConvAttributes & { dilations: number | [number, number] };

/**
 * Kernel Conv2D in the two cases that the stock kernel gets wrong: channels second, which it refuses, and sizes rounded up
 * (dimRoundingMode "ceil" or "round"), where it silently leaves the last outputs as they were in memory.
 *
 * @param inputs x `[n, h, w, c]` float32, or `[n, c, h, w]` where dataFormat is NCHW, and filter `[kh, kw, c, d]` float32
 */
export function conv2d(backend: WasmBackend, inputs: Inputs, attributes: Attributes): tf.TensorInfo | undefined {
  const { x, filter } = inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
  if (attributes.dataFormat === "NHWC" && attributes.dimRoundingMode === undefined) return undefined;
  const info = convInfo(x.shape, filter.shape, attributes, attributes.dilations);
  const same = {
    strides: attributes.strides,
    dilations: attributes.dilations,
    dataFormat: "NHWC",
    pad: padding(info),
  };
  if (attributes.dataFormat === "NHWC") return call(backend, "Conv2D", { x, filter }, same);
  const last = transpose(backend, x, [0, 2, 3, 1]);
  const y = call(backend, "Conv2D", { x: last, filter }, same);
  const first = transpose(backend, y, [0, 3, 1, 2]);
  dispose(backend, last, y);
  return first;
}

/** The padding that yields exactly the output sizes that tfjs computed. */
function padding(info: ConvInfo) {
  const { rows, columns } = axes(info);
  const both = (axis: Axis, after: number) => {
    const needed = (axis.output - 1) * axis.stride + (axis.taps - 1) * axis.dilation + 1 - axis.input - axis.before;
    return [axis.before, Math.max(after, needed)];
  };
  return [[0, 0], both(rows, info.padInfo.bottom), both(columns, info.padInfo.right), [0, 0]];
}
