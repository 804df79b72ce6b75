import type * as tf from "@tensorflow/tfjs";
import { axes, convInfo, depthwiseInfo } from "./conv-geometry.ts";
import type { Axis, ConvAttributes, ConvInfo } from "./conv-geometry.ts";
import { call, dispose, transpose } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";

type Attributes = ConvAttributes & { dilations: number | [number, number] };

/** Kernels that convolve `x [n, h, w, c]` with `filter [kh, kw, c, d]`, alone or with a bias and an activation. */
export const convKernels = ["Conv2D", "FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2D"] as const;

/**
 * The convolution kernels in the cases that the stock ones get wrong: channels second, which Conv2D refuses; sizes rounded up
 * (dimRoundingMode "ceil" or "round"), where they silently leave the last outputs as they were in memory; and "same" padding with a stride
 * longer than the filter, where the number of zeros that they compute is negative and wraps around. With its padding given in numbers, the
 * stock kernel is right.
 *
 * @param name the kernel that is completed
 * @returns a kernel of x `[n, h, w, c]` float32, for Conv2D also `[n, c, h, w]` where dataFormat is NCHW, and filter `[kh, kw, c, d]` float32
 */
export function convolution(name: (typeof convKernels)[number]) {
  return (backend: WasmBackend, inputs: Inputs, attributes: Attributes): tf.TensorInfo | undefined => {
    const { x, filter } = inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
    const channelsFirst = name === "Conv2D" && attributes.dataFormat === "NCHW";
    if (!channelsFirst && attributes.dimRoundingMode == null && !skipsInputs(filter, attributes)) return undefined;
    const padded = { ...attributes, pad: padding(infoOf(name, x, filter, attributes)), dimRoundingMode: undefined };
    if (!channelsFirst) return call(backend, name, inputs, padded);
    const last = transpose(backend, x, [0, 2, 3, 1]);
    const y = call(backend, name, { x: last, filter }, { ...padded, dataFormat: "NHWC" });
    const first = transpose(backend, y, [0, 3, 1, 2]);
    dispose(backend, last, y);
    return first;
  };
}

/** Whether "same" padding can be negative: an axis has inputs that no output looks at. tfjs allows such strides without dilation only. */
function skipsInputs(filter: tf.TensorInfo, { strides, pad }: Attributes): boolean {
  const [tall, wide] = typeof strides === "number" ? [strides, strides] : strides;
  return pad === "same" && (tall > (filter.shape[0] as number) || wide > (filter.shape[1] as number));
}

function infoOf(name: (typeof convKernels)[number], x: tf.TensorInfo, filter: tf.TensorInfo, attributes: Attributes): ConvInfo {
  const plain = name === "Conv2D" || name === "FusedConv2D";
  return plain ? convInfo(x.shape, filter.shape, attributes, attributes.dilations) : depthwiseInfo(x.shape, filter.shape, attributes);
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
