import type * as tf from "@tensorflow/tfjs";
import { LetheError, Model, createRandom, shardedNetwork, type Dataset, type Recipe } from "@lethe/core";
import { modelBuilders, type ModelBuilder } from "@lethe/models";

/** A builder for data of this kind: words, vectors, grey images, colour images. */
export function usualBuilder({ inputShape, vocabulary }: Dataset): "text-mean" | "mlp" | "small-cnn" | "resnet8" {
  if (vocabulary !== undefined) return "text-mean";
  if (inputShape.length !== 3) return "mlp";
  return inputShape[2] === 1 ? "small-cnn" : "resnet8";
}

/** @throws LetheError `model/unknown-builder`. */
export function builderOf(id: string): ModelBuilder {
  const builder = modelBuilders.find((each) => each.id === id);
  if (builder !== undefined) return builder;
  const known = modelBuilders.map((each) => each.id);
  throw new LetheError("model/unknown-builder", `There is no model ${id}; there are ${known.join(", ")}.`, { given: id, known });
}

/**
 * An untrained network of a builder.
 *
 * @param order of the recipe that it will be trained by: where that is by shards, the network is an ensemble of as many.
 * @throws LetheError `model/unknown-builder`; `model/bad-option` for unsuitable data.
 */
export function buildNetwork(id: string, data: Dataset, order?: Recipe["order"]): tf.LayersModel {
  const network = builtFor(id, data);
  if (order?.kind !== "shards") return network;
  const sharded = shardedNetwork(network, order);
  network.dispose();
  return sharded;
}

function builtFor(id: string, { name, inputShape, classCount, vocabulary }: Dataset): tf.LayersModel {
  const { build, takes } = builderOf(id);
  if (vocabulary === undefined) return build({ inputShape: [...inputShape], classes: Math.max(classCount, 2) });
  if (takes === "tokens") return build({ inputShape: [...inputShape], classes: Math.max(classCount, 2), vocabulary });
  const suitable = modelBuilders.filter((builder) => builder.takes === "tokens").map((builder) => builder.id);
  const sentence = `The model ${id} takes ${takes}, and ${name} holds ids of words, of which none is more than another; choose ${suitable.join(" or ")}.`;
  throw new LetheError("model/bad-option", sentence, { builder: id, takes, suitable });
}

/** The network with the weights that a recipe's training begins with. The given one is disposed. */
export function startingModel(network: tf.LayersModel, recipe: Recipe): Model {
  const model = new Model(network).initialise(createRandom(recipe.seed));
  network.dispose();
  return model;
}
