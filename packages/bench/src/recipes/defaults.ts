import { LetheError, type Recipe } from "@lethe/core";
import { normaliseRecipe } from "./schema.ts";

/** What each builder trains well with, on data of the size that it is meant for. */
const defaults: Readonly<Record<string, Omit<Recipe, "seed">>> = {
  mlp: { epochs: 20, batchSize: 32, optimiser: { kind: "adam" }, schedule: { kind: "cosine", rate: 0.005 } },
  "small-cnn": { epochs: 8, batchSize: 32, optimiser: { kind: "adam" }, schedule: { kind: "cosine", rate: 0.005 } },
  resnet8: residual(30),
  resnet20: residual(60),
};

function residual(epochs: number): Omit<Recipe, "seed"> {
  return {
    epochs,
    batchSize: 128,
    optimiser: { kind: "sgd", momentum: 0.9, weightDecay: 5e-4 },
    schedule: { kind: "cosine", rate: 0.1, warmUp: 1 },
    augmentation: { crop: 4, flip: 0.5 },
  };
}

/**
 * The recipe of a builder, as the command line uses it unless told otherwise.
 *
 * @throws LetheError `recipe/none-usual` for a builder without one.
 */
export function defaultRecipe(builder: string, seed: number): Recipe {
  const base = defaults[builder];
  if (base !== undefined) return normaliseRecipe({ seed, ...base });
  throw new LetheError("recipe/none-usual", `There is no usual recipe for ${builder}; give one.`, { builder });
}
