import {
  configure,
  isLetheError,
  plural,
  train,
  unchangedWeights,
  type ConfiguredMethod,
  type Context,
  type Problem,
  type Recipe,
  type UnlearningMethod,
} from "@lethe/core";
import { optionsSchema, searchSpace, type FinetuneInput, type FinetuneOptions } from "./options.ts";

/**
 * Fine-tuning: training goes on, on the retained data alone, in the hope that what was learnt from the rest fades.
 *
 *     theta <- theta - eta v,  v <- mu v + grad L(theta; batch of D_r) + lambda theta,  for E epochs from the trained theta
 *
 * The usual baseline, with the settings of the SSD authors' comparison as defaults: E = 5, eta = 0.02 constant, momentum mu = 0.9, weight
 * decay lambda = 5e-4, batches of 64. A low rate leaves the model nearly as it was; a high one forgets more and harms more. It never reads
 * the forget set. Batch-norm statistics move with the training. Images are augmented as the problem's recipe says, where it has one.
 *
 * @see https://arxiv.org/abs/1911.04933 where it is a baseline, and https://arxiv.org/abs/2308.07707 for the defaults.
 */
export const finetuneMethod: UnlearningMethod<FinetuneOptions> = {
  contract: 1,
  id: "finetune",
  title: "Fine-tuning on the retained data",
  citation: {
    authors: "Golatkar, Achille, Soatto",
    title: "Eternal Sunshine of the Spotless Net: Selective Forgetting in Deep Networks",
    venue: "CVPR",
    year: 2020,
    url: "https://arxiv.org/abs/1911.04933",
  },
  guarantee: "approximate",
  needs: { retain: "samples", labels: "required", trace: "not-needed", recipe: "not-needed", layers: "any" },
  scenarios: ["random", "class", "sub-class", "poisoned"],
  options: optionsSchema,
  searchSpace,

  async unlearn(problem, _artifact, options, context) {
    const { model, retain } = problem;
    try {
      const { weights, losses } = await train({
        model,
        data: retain,
        recipe: finetuningRecipe(problem, options, context),
        context,
        phase: "fine-tuning",
      });
      const steps = options.epochs * Math.ceil(retain.size / options.batchSize);
      const message = `The model was fine-tuned on ${plural(retain.size, "sample")} for ${plural(options.epochs, "epoch")} (${plural(steps, "step")}).`;
      const report = { epochs: options.epochs, steps, finalLoss: losses.at(-1) ?? null };
      return { status: "completed", message, weights, artifact: undefined, report, cost: context.meter.read() };
    } catch (error) {
      if (!isLetheError(error) || error.code !== "train/non-finite") throw error;
      const message = `Fine-tuning at rate ${options.rate} diverged and the model is unchanged: ${error.message} Try a rate of ${Number((options.rate / 10).toPrecision(2))}.`;
      return { status: "non-finite", message, weights: unchangedWeights(model), artifact: undefined, report: {}, cost: context.meter.read() };
    }
  },
};

/**
 * @throws LetheError `options/invalid`.
 * @example
 * const result = await unlearn({ model: network, data, forget: { class: 3 }, method: finetune({ rate: 0.05 }) });
 */
export function finetune(options: FinetuneInput = {}): ConfiguredMethod<FinetuneOptions, void> {
  return configure(finetuneMethod, options);
}

/** The training run that these options stand for. Its seed is drawn from the request's. */
export function finetuningRecipe({ loss, recipe }: Problem, options: FinetuneOptions, context: Context): Recipe {
  const { epochs, batchSize, momentum, weightDecay, schedule, rate } = options;
  return {
    seed: context.random.split("fine-tuning").integer(2 ** 32),
    epochs,
    batchSize,
    optimiser: { kind: "sgd", momentum, weightDecay },
    schedule: { kind: schedule, rate },
    loss,
    ...(recipe?.augmentation ? { augmentation: recipe.augmentation } : {}),
  };
}
