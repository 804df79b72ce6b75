import * as tf from "@tensorflow/tfjs";
import { spread } from "../autodiff/gradients/spread.ts";
import { layerInternals } from "./internals.ts";
import type { LayerInfo } from "./layers.ts";
import type { Substitution } from "./substitute.ts";

/** Layers that dilate a kernel, which of their fields holds it, and over how many leading axes. */
const dilating: Readonly<Record<string, { readonly field: "kernel" | "depthwiseKernel"; readonly axes: number }>> = {
  Conv1D: { field: "kernel", axes: 1 },
  Conv2D: { field: "kernel", axes: 2 },
  Conv3D: { field: "kernel", axes: 3 },
  SeparableConv2D: { field: "depthwiseKernel", axes: 2 },
};

/**
 * Inside a gradient, makes a dilated convolution one of a wider kernel, with zeros between its taps: of the same reach, so that padding and result are
 * the same. tfjs refuses to differentiate dilated convolutions, fused ones even where their kernel's gradient knows dilations. Elsewhere the layer's
 * own way stays, which reads fewer taps.
 *
 * Of rate d over k taps an axis, the wider kernel has d (k - 1) + 1.
 */
export function undilate(substitution: Substitution, { layer, className }: LayerInfo): void {
  const internals = layerInternals(layer);
  if (!(className in dilating) || tf.engine().state.gradientDepth === 0) return;
  const { field, axes } = dilating[className];
  const rates = internals.dilationRate;
  const kernel = internals[field];
  if (!kernel || rates.every((rate) => rate === 1)) return;
  substitution.field(
    layer,
    "dilationRate",
    rates.map(() => 1),
  );
  substitution.field(layer, field, {
    read: () => Array.from({ length: axes }, (_, axis) => axis).reduce((wide, axis) => spread(wide, axis, rates[axis]), kernel.read()),
  });
}
