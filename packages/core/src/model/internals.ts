import type * as tf from "@tensorflow/tfjs";

/**
 * The few undocumented members of tfjs-layers that Lethe relies on, in one place. They have been stable since tfjs 1.0; the tests of this
 * room fail if a release renames one.
 */

/** A layer's weight: `read()` returns `val`, `write()` assigns to it. */
export interface VariableInternals {
  readonly id: number;
  val: tf.Tensor;
  readonly originalName: string;
  readonly shape: (number | null)[];
  trainable: boolean;
  write(value: tf.Tensor): unknown;
}

export interface ActivationInternals {
  apply(input: tf.Tensor): tf.Tensor;
  getClassName(): string;
}

export type LayerCall = (inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>) => tf.Tensor | tf.Tensor[];

/** One use of a layer: the layers that feed it, and which use of each of them. */
export interface GraphNode {
  readonly inboundLayers: readonly tf.layers.Layer[];
  readonly nodeIndices: readonly number[];
}

export interface LayerInternals {
  readonly name: string;
  call: LayerCall;
  /** Penalties of the layer's weight regularisers. */
  calculateLosses(): tf.Scalar[];
  activation?: ActivationInternals | null;
  /** Batch and layer normalisation: whether there is a gamma. */
  scale?: boolean;
  gamma?: { read(): tf.Tensor } | null;
  /** And a beta. */
  center?: boolean;
  beta?: { read(): tf.Tensor } | null;
  /** Convolutions; separable and depthwise ones have the second. */
  kernel?: { read(): tf.Tensor } | null;
  depthwiseKernel?: { read(): tf.Tensor } | null;
  readonly strides: number[];
  dilationRate: readonly number[];
  readonly padding: "valid" | "same";
  readonly dataFormat?: string;
  readonly epsilon: number;
  readonly axis: number | number[];
  readonly inboundNodes: readonly GraphNode[];
}

export function variableInternals(variable: unknown): VariableInternals {
  return variable as VariableInternals;
}

export function layerInternals(layer: tf.layers.Layer): LayerInternals {
  return layer as unknown as LayerInternals;
}

export const linearActivation: ActivationInternals = { apply: (input) => input, getClassName: () => "linear" };

export function single(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(inputs) ? inputs[0] : inputs;
}
