import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import { layerInternals, linearActivation, single } from "./internals.ts";
import type { Substitution } from "./substitute.ts";

/**
 * How a network ends, and so what has to be undone to see its logits `z`.
 *
 * - `linear`: the output is z.
 * - `softmax`: the output is softmax(z).
 * - `sigmoid`: one independent sigmoid(z_c) per class.
 * - `binary`: a single unit, with or without a sigmoid; it is read as the two logits (0, z), whose softmax cross entropy is exactly the
 *   binary cross entropy of sigmoid(z).
 */
export type Ending = "linear" | "softmax" | "sigmoid" | "binary";

export interface EndingInfo {
  readonly ending: Ending;
  /** Outputs of the network: the number of classes, but 1 for `binary`. */
  readonly units: number;
  /** The last layer that computes. */
  readonly layer: tf.layers.Layer;
  /** Its activation, or what it is nothing but. */
  readonly activation: "linear" | "softmax" | "sigmoid";
  /** Makes the network give z for as long as the substitution holds. */
  undo(substitution: Substitution): void;
}

/** @throws LetheError `model/not-layers`, `model/outputs`, `model/ending` for what cannot be undone to logits. */
export function recogniseEnding(network: tf.LayersModel): EndingInfo {
  if (!(network instanceof tf.LayersModel)) {
    throw new LetheError("model/not-layers", "The model is no tf.LayersModel; a frozen graph model has no trainable layers that could forget.");
  }
  const output = network.outputs[0];
  if (network.outputs.length !== 1 || network.inputs.length !== 1) {
    throw new LetheError(
      "model/outputs",
      `The model has ${network.inputs.length} inputs and ${network.outputs.length} outputs; Lethe works on classifiers with one of each.`,
    );
  }
  const units = output.shape[1];
  if (output.shape.length !== 2 || units === null) {
    throw new LetheError("model/outputs", `The model's output has shape [${output.shape.join(", ")}]; a classifier gives [n, classes].`);
  }
  const last = lastComputing(network);
  const name = activationOf(last.layer);
  const refuse = (what: string): never => {
    throw new LetheError("model/ending", `The model ends in ${what}, which cannot be undone to logits; end it in softmax, sigmoid or none.`, {
      layer: last.layer.name,
    });
  };
  if (!isUndoable(name)) return refuse(`the activation ${name} (layer ${last.layer.name})`);
  if (name === "softmax" && units === 1) refuse(`a softmax over one unit (layer ${last.layer.name}), which is always 1`);
  const width = ([last.layer.outputShape].flat(1) as (number | null)[]).at(-1);
  if (name === "softmax" && width !== units) refuse(`a softmax over ${String(width)} of its ${units} outputs (layer ${last.layer.name})`);
  const probabilities = name === "linear" ? probabilitiesBefore(last) : undefined;
  if (probabilities) refuse(`the layer ${last.layer.name} over what ${probabilities.name} made probabilities of`);
  return {
    ending: units === 1 ? "binary" : name,
    units,
    layer: last.layer,
    activation: name,
    undo(substitution) {
      if (last.layer.getClassName() === "Softmax") substitution.call(last.layer, () => (inputs) => tf.clone(single(inputs)));
      else if (name !== "linear") substitution.field(last.layer, "activation", linearActivation);
    },
  };
}

function isUndoable(activation: string): activation is EndingInfo["activation"] {
  return ["linear", "softmax", "sigmoid"].includes(activation);
}

/** One use of a layer in a network. */
interface Use {
  readonly layer: tf.layers.Layer;
  readonly nodeIndex: number;
}

/** Layers that only move values in inference mode. */
const transparent = ["Flatten", "Reshape", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Masking"];

/** Layers that are nothing but a nonlinearity, by the name of which they are refused. */
const nonlinearities = ["ReLU", "LeakyReLU", "PReLU", "ELU", "ThresholdedReLU"];

function activationOf(layer: tf.layers.Layer): string {
  const className = layer.getClassName();
  if (className === "Softmax") return "softmax";
  if (nonlinearities.includes(className)) return className;
  // A recurrent layer's activation is inside its cell, and its output is not an activation of anything linear.
  return layerInternals(layer).activation?.getClassName() ?? "linear";
}

/** The last layer that computes, looking through nested models and through layers that only move values. */
function lastComputing(network: tf.LayersModel): Use {
  const { sourceLayer, nodeIndex } = network.outputs[0];
  let use: Use = { layer: sourceLayer, nodeIndex };
  for (;;) {
    if (use.layer instanceof tf.LayersModel) return lastComputing(use.layer);
    const identity = use.layer.getClassName() === "Activation" && activationOf(use.layer) === "linear";
    const [previous] = before(use);
    if (previous === undefined || !(identity || transparent.includes(use.layer.getClassName()))) return use;
    use = previous;
  }
}

function before({ layer, nodeIndex }: Use): Use[] {
  const node = layerInternals(layer).inboundNodes[nodeIndex];
  return (node?.inboundLayers ?? []).map((inbound, i) => ({ layer: inbound, nodeIndex: node.nodeIndices[i] }));
}

/** A softmax or sigmoid upstream with no linear map of its own after it: averages of heads, pooled or normalised probabilities. */
function probabilitiesBefore(use: Use): tf.layers.Layer | undefined {
  if (hasLinearMap(use.layer)) return undefined;
  for (const each of before(use)) {
    const previous = each.layer instanceof tf.LayersModel ? lastComputing(each.layer) : each;
    if (["softmax", "sigmoid"].includes(activationOf(previous.layer))) return previous.layer;
    const found = probabilitiesBefore(previous);
    if (found) return found;
  }
  return undefined;
}

function hasLinearMap(layer: tf.layers.Layer): boolean {
  return layer.weights.some((weight) => /kernel|embeddings/.test(weight.originalName.split("/").at(-1) ?? ""));
}
