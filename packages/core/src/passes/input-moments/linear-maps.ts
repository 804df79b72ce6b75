import * as tf from "@tensorflow/tfjs";
import { layerInternals, type LayerInfo, type LayerInput } from "../../model/index.ts";
import { elementCount } from "../../tree/index.ts";
import type { Axis } from "./axis.ts";
import type { Windows } from "./windows.ts";

/**
 * Where the windows of a convolution lie: `"unit"`: at every place of the padded image, whatever the layer's stride, as the code of Hoang et al. takes them;
 * `"layer"`: where the layer itself has them. The zeros around the image are the layer's in both cases, so that its own windows are among the others.
 */
export type WindowStride = "unit" | "layer";

/** A kernel that a moment belongs to: which weight of the layer plays which part. */
export interface LinearMap {
  readonly layer: LayerInfo;
  readonly part: LayerInput["part"];
  /** Name in the parameter tree. */
  readonly kernel: string;
}

/** Roles of the kernels of each kind of layer that a moment belongs to. */
const parts: Partial<Record<LayerInfo["kind"], readonly { readonly role: string; readonly part: LinearMap["part"] }[]>> = {
  dense: [{ role: "kernel", part: "whole" }],
  conv2d: [{ role: "kernel", part: "whole" }],
  "depthwise-conv2d": [{ role: "depthwise_kernel", part: "whole" }],
  "separable-conv2d": [
    { role: "depthwise_kernel", part: "depthwise" },
    { role: "pointwise_kernel", part: "pointwise" },
  ],
};

/** The trainable kernels among a model's layers of known kind. */
export function linearMaps(layers: readonly LayerInfo[]): LinearMap[] {
  return layers.flatMap((layer) =>
    (parts[layer.kind] ?? []).flatMap(({ role, part }) => {
      const kernel = layer.parameters[role];
      return kernel === undefined ? [] : [{ layer, part, kernel }];
    }),
  );
}

/** Whether a map has windows over one channel each. */
export function isDepthwise({ layer, part }: Pick<LinearMap, "layer" | "part">): boolean {
  return part === "depthwise" || layer.kind === "depthwise-conv2d";
}

/** Whether a map has the layer's geometry; the others, dense and pointwise ones, take vectors one by one. */
function hasGeometry({ layer, part }: Pick<LinearMap, "layer" | "part">): boolean {
  return layer.kind !== "dense" && part !== "pointwise";
}

/** d, and how many channels have a matrix of their own, of a map with a kernel of this shape. */
export function describeMoment(map: Pick<LinearMap, "layer" | "part">, kernelShape: readonly number[]): { dimension: number; channels?: number } {
  if (isDepthwise(map)) return { dimension: kernelShape[0] * kernelShape[1], channels: kernelShape[2] };
  return { dimension: elementCount(kernelShape.slice(0, -1)) };
}

/** @param kernelShape of the map's kernel. */
export function windowsOf(map: LinearMap, { input, border }: LayerInput, kernelShape: readonly number[], stride: WindowStride): Windows {
  const shape: readonly number[] = input.shape;
  const channels = shape[shape.length - 1];
  if (!hasGeometry(map)) {
    const single = { taps: 1, stride: 1, dilation: 1, before: 0 };
    const positions = elementCount(shape.slice(1, -1));
    return { rows: { ...single, input: 1, windows: 1 }, columns: { ...single, input: positions, windows: positions }, channels };
  }
  const { strides, dilationRate, padding } = layerInternals(map.layer.layer);
  const [height, width] = [border.top + shape[1] + border.bottom, border.left + shape[2] + border.right];
  const { outHeight, outWidth, padInfo } = tf.backend_util.computeConv2DInfo(
    [1, height, width, channels],
    [kernelShape[0], kernelShape[1], channels, 1],
    [strides[0], strides[1]],
    [dilationRate[0], dilationRate[1]],
    padding,
  );
  const along = (axis: 0 | 1, layerWindows: number, before: number, padded: number): Axis => {
    const own = { input: shape[axis + 1], taps: kernelShape[axis], dilation: dilationRate[axis], before };
    if (stride === "layer") return { ...own, stride: strides[axis], windows: layerWindows };
    return { ...own, stride: 1, windows: padded - (own.taps - 1) * own.dilation };
  };
  return {
    rows: along(0, outHeight, border.top + padInfo.top, height + padInfo.top + padInfo.bottom),
    columns: along(1, outWidth, border.left + padInfo.left, width + padInfo.left + padInfo.right),
    channels,
  };
}
