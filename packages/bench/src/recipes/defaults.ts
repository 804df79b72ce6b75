import type { Recipe } from "@lethe/core";
import type { ModelId } from "@lethe/models";
import { builderOf } from "../network/network.ts";
import { normaliseRecipe, type RecipeFields } from "./schema.ts";

/**
 * What each builder trains with unless told otherwise, on data of the size that it is meant for. Those of `mlp`, `small-cnn`, `resnet8` and `resnet20` were tried out here;
 * the others are the usual ones of their kind.
 */
const defaults: Readonly<Record<ModelId, Omit<Recipe, "seed">>> = {
  mlp: adam(20, 0.005),
  "purchase-mlp": adam(50, 0.001),
  lenet5: adam(10, 0.002),
  "small-cnn": adam(8, 0.005),
  allcnn: convolutional(30, 0.05),
  "allcnn-24": convolutional(30, 0.05),
  "small-vgg": convolutional(30, 0.05),
  vgg16: convolutional(60, 0.05),
  resnet8: convolutional(30, 0.1),
  resnet20: convolutional(60, 0.1),
  resnet18: convolutional(60, 0.1),
  resnet50: convolutional(60, 0.1),
  "resnet18-imagenet": convolutional(60, 0.1),
  "resnet50-imagenet": convolutional(60, 0.1),
  "wrn-16-4": convolutional(60, 0.1),
  "wrn-28-10": convolutional(60, 0.1),
  "vit-tiny": transformer(100, 0.0005),
  "vit-tiny-16": transformer(100, 0.0005),
  "vit-small-16": transformer(100, 0.0005),
  "vit-base-16": transformer(100, 0.0005),
  "text-mean": adam(10, 0.005),
  "text-transformer": transformer(10, 0.001),
};

function adam(epochs: number, rate: number): Omit<Recipe, "seed"> {
  return { epochs, batchSize: 32, optimiser: { kind: "adam" }, schedule: { kind: "cosine", rate } };
}

/** Images are shifted by up to 4 pixels and mirrored. */
function convolutional(epochs: number, rate: number): Omit<Recipe, "seed"> {
  return {
    epochs,
    batchSize: 128,
    optimiser: { kind: "sgd", momentum: 0.9, weightDecay: 5e-4 },
    schedule: { kind: "cosine", rate, warmUp: 1 },
    augmentation: { crop: 4, flip: 0.5 },
  };
}

function transformer(epochs: number, rate: number): Omit<Recipe, "seed"> {
  return { epochs, batchSize: 64, optimiser: { kind: "adam" }, schedule: { kind: "cosine", rate, warmUp: Math.ceil(epochs / 10) } };
}

/**
 * The recipe of a builder, as the command line uses it unless told otherwise.
 *
 * @throws LetheError `model/unknown-builder`.
 */
export function defaultRecipe(builder: string, seed: number): Recipe {
  return normaliseRecipe({ seed, ...defaults[builderOf(builder).id] });
}

/**
 * The recipe of a builder with other values in some of its fields; a field is replaced as a whole.
 *
 * @throws LetheError `model/unknown-builder`, `recipe/invalid`.
 * @example
 * recipeWith("mlp", { epochs: 5 }, 1).epochs; // 5
 * recipeWith("mlp", { epochs: 5 }, 1).optimiser.kind; // "adam"
 */
export function recipeWith(builder: string, fields: Partial<RecipeFields>, seed: number | string): Recipe {
  return normaliseRecipe({ ...defaultRecipe(builder, 0), ...fields, seed });
}
