import * as tf from "@tensorflow/tfjs";

/** What tfjs knows about one convolution: sizes, strides, dilations and the padding they work out to. */
export type ConvInfo = tf.backend_util.Conv2DInfo;

/** The attributes of tfjs's convolution kernels and their gradients. */
export interface ConvAttributes {
  strides: number | [number, number];
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dataFormat: "NHWC" | "NCHW";
  dimRoundingMode?: "floor" | "round" | "ceil";
}

type Shape4D = [number, number, number, number];

/** The gradients know no dilation, tfjs's convolution does. */
export function convInfo(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvAttributes,
  dilations: number | [number, number] = 1,
): ConvInfo {
  const { strides, pad, dimRoundingMode, dataFormat } = attributes;
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
  const [input, filter] = [inputShape as Shape4D, filterShape as Shape4D];
  return tf.backend_util.computeConv2DInfo(input, filter, strides, dilations, pad, dimRoundingMode, false, format);
}

/** The attributes of tfjs's depthwise kernels, which know channels last only, and no dilation in their gradients. */
export interface DepthwiseAttributes extends Omit<ConvAttributes, "dataFormat"> {
  dilations?: number | [number, number];
}

export function depthwiseInfo(inputShape: readonly number[], filterShape: readonly number[], attributes: DepthwiseAttributes): ConvInfo {
  const { strides, dilations = 1, pad, dimRoundingMode } = attributes;
  const [input, filter] = [inputShape as Shape4D, filterShape as Shape4D];
  return tf.backend_util.computeConv2DInfo(input, filter, strides, dilations, pad, dimRoundingMode, true);
}

/** One spatial axis of a convolution: output `o` meets input `o * stride - before + tap * dilation`. */
export interface Axis {
  input: number;
  output: number;
  taps: number;
  stride: number;
  dilation: number;
  before: number;
}

export function axes(info: ConvInfo): { rows: Axis; columns: Axis } {
  return {
    rows: {
      input: info.inHeight,
      output: info.outHeight,
      taps: info.filterHeight,
      stride: info.strideHeight,
      dilation: info.dilationHeight,
      before: info.padInfo.top,
    },
    columns: {
      input: info.inWidth,
      output: info.outWidth,
      taps: info.filterWidth,
      stride: info.strideWidth,
      dilation: info.dilationWidth,
      before: info.padInfo.left,
    },
  };
}

/** The outputs [from, to) that meet the input, not its padding, through one tap, and the input that the first of them meets. */
export function reach(axis: Axis, tap: number): { from: number; to: number; input: number } {
  const shift = tap * axis.dilation - axis.before;
  const from = Math.max(0, Math.ceil(-shift / axis.stride));
  const to = Math.min(axis.output, Math.ceil((axis.input - shift) / axis.stride));
  return { from, to, input: from * axis.stride + shift };
}
