import {
  configure,
  createRandom,
  isLetheError,
  LetheError,
  plural,
  train,
  unchangedWeights,
  type ConfiguredMethod,
  type Problem,
  type Recipe,
  type UnlearningMethod,
} from "@lethe/core";
import { optionsSchema, recipeFor, type RetrainInput, type RetrainOptions } from "./options.ts";

/**
 * Retraining from scratch: what unlearning is measured against.
 *
 *     theta_0 drawn anew from the seed;  theta <- train(theta_0, D_r) by the recipe
 *
 * Exact by definition: neither the trained weights nor any forgotten sample is read, so the result is distributed as if the forgotten samples
 * had never been there. It is as costly as training on D_r. With the recipe's own seed the initial weights are those of the original run;
 * other seeds give the distribution of retrained models (oracles) that other methods are compared with.
 *
 * Weights of frozen layers are kept: they are what the model was given before training. If they were themselves learnt from D, retrain that
 * first. Nothing follows from the seed of the request, only from the recipe's or the option's.
 */
export const retrainMethod: UnlearningMethod<RetrainOptions> = {
  contract: 1,
  id: "retrain",
  title: "Retraining from scratch",
  citation: {
    authors: "Cao, Yang",
    title: "Towards Making Systems Forget with Machine Unlearning",
    venue: "IEEE Symposium on Security and Privacy",
    year: 2015,
    url: "https://doi.org/10.1109/SP.2015.35",
  },
  guarantee: "exact",
  needs: { retain: "samples", labels: "required", trace: "not-needed", recipe: "required", layers: "any" },
  scenarios: ["random", "class", "sub-class", "poisoned"],
  options: optionsSchema,
  // No search space: what others are measured against is not tuned.

  async unlearn(problem, _artifact, options, context) {
    const { model, data, retain, loss } = problem;
    const recipe: Recipe = { ...recipeFor(recipeOf(problem), options, data.size, retain.size), loss };
    const { epochs, batchSize, seed } = recipe;
    const start = model.initialise(createRandom(seed));
    try {
      const { weights, losses } = await train({ model: start, data: retain, recipe, context, phase: "retraining" });
      const steps = epochs * Math.ceil(retain.size / batchSize);
      const message = `The model was retrained from scratch on ${plural(retain.size, "sample")} for ${plural(epochs, "epoch")} (${plural(steps, "step")}).`;
      const report = { epochs, steps, finalLoss: losses.at(-1) ?? null, seed };
      return { status: "completed", message, weights, artifact: undefined, report, cost: context.meter.read() };
    } catch (error) {
      if (!isLetheError(error) || error.code !== "train/non-finite") throw error;
      const message = `Retraining from seed ${seed} failed and the model is unchanged: ${error.message} A warm-up in the recipe or another seed may help too.`;
      return {
        status: "non-finite",
        message,
        weights: unchangedWeights(model),
        artifact: undefined,
        report: { epochs, seed },
        cost: context.meter.read(),
      };
    } finally {
      start.dispose();
    }
  },
};

/**
 * @throws LetheError `options/invalid`.
 * @example
 * const result = await unlearn({ model: network, data, forget: ["a7", "a9"], recipe, method: retrain() });
 * const oracle = retrain({ seed: 41 });
 */
export function retrain(options: RetrainInput = {}): ConfiguredMethod<RetrainOptions, void> {
  return configure(retrainMethod, options);
}

function recipeOf({ recipe }: Problem): Recipe {
  if (recipe) return recipe;
  throw new LetheError("method/needs-recipe", "retrain trains again and needs the recipe that the model was trained by.");
}
