import * as tf from "@tensorflow/tfjs";
import { layerInternals, variableInternals } from "./internals.ts";

/** Layers whose parameters Lethe knows how to reach from their input and output gradient; everything else is `other`. */
export type LayerKind =
  | "dense"
  | "conv2d"
  | "depthwise-conv2d"
  | "separable-conv2d"
  | "batch-normalization"
  | "layer-normalization"
  | "embedding"
  | "other";

export interface LayerInfo {
  readonly name: string;
  readonly kind: LayerKind;
  /** The class name in tfjs, e.g. `"LSTM"`. */
  readonly className: string;
  /** Role of a trainable weight (`"kernel"`, `"bias"`, `"gamma"`, ...) -> its name in the parameter tree. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The same for its other weights (`"moving_mean"`, ... and everything in a frozen layer). */
  readonly buffers: Readonly<Record<string, string>>;
  readonly layer: tf.layers.Layer;
}

const kinds: Readonly<Record<string, LayerKind>> = {
  Dense: "dense",
  Conv2D: "conv2d",
  DepthwiseConv2D: "depthwise-conv2d",
  SeparableConv2D: "separable-conv2d",
  BatchNormalization: "batch-normalization",
  LayerNormalization: "layer-normalization",
  Embedding: "embedding",
};

/** Every innermost layer of the network once, nested models opened, in order of first appearance. */
function innerLayers(network: tf.LayersModel): tf.layers.Layer[] {
  const found = new Set<tf.layers.Layer>();
  for (const layer of network.layers) {
    const inner = layer instanceof tf.LayersModel ? innerLayers(layer) : [layer];
    inner.forEach((each) => found.add(each));
  }
  return [...found];
}

/** @param names weight id -> name in the parameter tree. */
export function describeLayers(network: tf.LayersModel, names: ReadonlyMap<number, string>): LayerInfo[] {
  return innerLayers(network).map((layer) => {
    const className = layer.getClassName();
    const channelsFirst = layerInternals(layer).dataFormat === "channelsFirst";
    return {
      name: layer.name,
      kind: channelsFirst || ignoresDilation(layer) ? "other" : (kinds[className] ?? "other"),
      className,
      parameters: rolesOf(layer.trainableWeights, names),
      buffers: rolesOf(layer.nonTrainableWeights, names),
      layer,
    };
  });
}

/** tfjs's depthwise layer takes a rate of dilation and computes without: whoever read the rate would compute another function. */
function ignoresDilation(layer: tf.layers.Layer): boolean {
  return layer.getClassName() === "DepthwiseConv2D" && layerInternals(layer).dilationRate.some((rate) => rate !== 1);
}

function rolesOf(weights: readonly unknown[], names: ReadonlyMap<number, string>): Record<string, string> {
  const roles: Record<string, string> = {};
  for (const variable of weights.map(variableInternals)) {
    const name = names.get(variable.id);
    const role = variable.originalName.split("/").at(-1);
    if (name !== undefined && role !== undefined) roles[role] = name;
  }
  return roles;
}
