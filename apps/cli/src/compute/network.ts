import * as tf from "@tensorflow/tfjs";
import { Model, createRandom, type Dataset, type Recipe } from "@lethe/core";
import { modelBuilders, type ModelBuilder } from "@lethe/models";
import { choice } from "../command-line/options.ts";
import { UsageError } from "../command-line/usage-error.ts";

export type BuilderId = ModelBuilder["id"];

export const modelOption = {
  model: choice({ choices: ["mlp", "small-cnn", "resnet8", "resnet20"], help: "architecture; default: one that suits the shape of the data" }),
};

/** A builder for data of this shape: vectors, grey images, colour images. */
export function usualBuilder({ inputShape }: Dataset): BuilderId {
  if (inputShape.length !== 3) return "mlp";
  return inputShape[2] === 1 ? "small-cnn" : "resnet8";
}

/** @throws UsageError `cli/bad-value` for a builder that this version does not have; LetheError `model/bad-option` for unsuitable data. */
export function buildNetwork(id: string, { inputShape, classCount }: Dataset): tf.LayersModel {
  const builder = modelBuilders.find((each) => each.id === id);
  if (builder !== undefined) return builder.build({ inputShape: [...inputShape], classes: Math.max(classCount, 2) });
  const known = modelBuilders.map((each) => each.id);
  throw new UsageError("cli/bad-value", `There is no model ${id}; there are ${known.join(", ")}.`, { given: id, known });
}

/** The network with the weights that a recipe's training begins with. The given one is disposed. */
export function startingModel(network: tf.LayersModel, recipe: Recipe): Model {
  const model = new Model(network).initialise(createRandom(recipe.seed));
  network.dispose();
  return model;
}
