import type * as tf from "@tensorflow/tfjs";
import { LetheError } from "@lethe/core";
import type { ModelId } from "../registry.ts";
import { namingOf, type Naming, type WeightNames } from "./conventions.ts";
import { kerasLayer } from "./keras-names.ts";
import { convolutionKernel, denseKernel, sameOrder, type Layout } from "./layout.ts";
import { requiredLayers, theirName, type LayerPlace } from "./name-rules.ts";
import { checkPadding } from "./padding.ts";

/** One weight of a network, and where it stands in a file of another library. */
export interface PlannedWeight {
  /** The layer that holds it. */
  readonly layer: string;
  readonly variable: tf.LayersModel["weights"][number];
  readonly theirs: string;
  readonly layout: Layout;
}

/** What PyTorch calls what Keras and tfjs call so. */
const torchRoles: Readonly<Record<string, string>> = {
  kernel: "weight",
  bias: "bias",
  gamma: "weight",
  beta: "bias",
  moving_mean: "running_mean",
  moving_variance: "running_var",
};

/**
 * Every weight of the network with its name and layout in a file.
 *
 * @throws LetheError `weights/unknown-names`, `weights/wrong-architecture`, `weights/uneven-padding`.
 */
export function planWeights(network: tf.LayersModel, architecture: ModelId, names: WeightNames): readonly PlannedWeight[] {
  const naming = namingOf(architecture, names);
  if (naming.library === "pytorch") {
    for (const name of requiredLayers(naming.rules)) {
      if (!network.layers.some((layer) => layer.name === name)) throw wrongArchitecture(network, architecture, `has no layer ${name}`);
    }
    checkPadding(network);
  }
  const counts = new Map<string, number>();
  return network.layers.flatMap((layer, position) => {
    const count = (counts.get(layer.getClassName()) ?? 0) + 1;
    counts.set(layer.getClassName(), count);
    if (layer.weights.length === 0) return [];
    const target = targetOf(naming, layer, { name: layer.name, index: position - 1, count });
    if (target === undefined) throw wrongArchitecture(network, architecture, `has a layer ${layer.name}`);
    return layer.weights.map((variable) => {
      const role = variable.originalName.split("/").at(-1)!;
      const theirs = target.replace("*", naming.library === "keras" ? role : torchRoles[role]);
      return { layer: layer.name, variable, theirs, layout: layoutOf(naming, layer, role, variable.shape as number[]) };
    });
  });
}

function targetOf(naming: Naming, layer: tf.layers.Layer, place: LayerPlace): string | undefined {
  if (naming.library === "pytorch") return theirName(naming.rules, place);
  const name = kerasLayer(layer.getClassName(), place.count);
  return name === undefined ? undefined : `${name}/*`;
}

function layoutOf({ library }: Naming, layer: tf.layers.Layer, role: string, shape: readonly number[]): Layout {
  if (library === "keras") return sameOrder(shape);
  // The class token and the positions, which PyTorch code keeps as parameters with a batch axis.
  if (role === "embeddings") return sameOrder(shape, [1, ...shape]);
  if (role !== "kernel") return sameOrder(shape);
  return layer.getClassName() === "Conv2D" ? convolutionKernel(shape) : denseKernel(shape, flattenedImage(layer));
}

/** `[height, width, channels]` where the layer reads a flattened image. */
function flattenedImage(layer: tf.layers.Layer): readonly number[] | undefined {
  const [before] = layer.inboundNodes[0].inboundLayers;
  if (before.getClassName() !== "Flatten") return undefined;
  const image = (before.input as tf.SymbolicTensor).shape.slice(1) as number[];
  return image.length === 3 ? image : undefined;
}

function wrongArchitecture(network: tf.LayersModel, architecture: ModelId, fact: string): LetheError {
  const sentence = `The network ${network.name} ${fact}, unlike ${architecture}; name the architecture that it was built as.`;
  return new LetheError("weights/wrong-architecture", sentence, { network: network.name, architecture });
}
