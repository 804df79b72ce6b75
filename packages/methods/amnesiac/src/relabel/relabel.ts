import { configure, isLetheError, plural, train, unchangedWeights, type ConfiguredMethod, type UnlearningMethod } from "@lethe/core";
import { optionsSchema, searchSpace, type AmnesiacRelabelInput, type AmnesiacRelabelOptions } from "./options.ts";
import { relabelled, wrongLabels } from "./wrong-labels.ts";

/**
 * Relabelling, called amnesiac unlearning by later papers after what the authors' repository does: every forgotten sample is given a wrong label, drawn once,
 * and the model is trained on it and on all of D_r for a few epochs of Adam.
 *
 *     y_f ~ uniform over the classes of D_r without y_f's own,   D' = D_r + {(x_f, y_f)},   E epochs of Adam on D'
 *
 * The settings of the SSD authors' comparison are the defaults: E = 3, rate 1e-4, batches of 128. Images are augmented as the problem's recipe says, where it
 * has one; batch-norm statistics move with the training. It reads the forgotten samples, and teaches something false about them, which itself can show that
 * they were there.
 *
 * @throws LetheError `amnesiac-relabel/one-class`, and what training throws.
 * @see https://arxiv.org/abs/2308.07707 for the settings.
 */
export const amnesiacRelabelMethod: UnlearningMethod<AmnesiacRelabelOptions> = {
  contract: 1,
  id: "amnesiac-relabel",
  title: "Relabelling: training on wrong labels for the forget set, and on the retained data",
  citation: {
    authors: "Graves, Nagisetty, Ganesh",
    title: "Amnesiac Machine Learning",
    venue: "AAAI",
    year: 2021,
    url: "https://arxiv.org/abs/2010.10981",
  },
  guarantee: "approximate",
  needs: { retain: "samples", labels: "required", trace: "not-needed", recipe: "not-needed", layers: "any" },
  scenarios: ["random", "class", "sub-class", "poisoned"],
  options: optionsSchema,
  searchSpace,

  async unlearn(problem, _artifact, { epochs, rate, batchSize }, context) {
    const { model, data, forget, recipe, loss } = problem;
    const changes = wrongLabels(problem, context.random.split("wrong labels"));
    try {
      const { weights, losses } = await train({
        model,
        data: relabelled(data, changes),
        recipe: {
          seed: context.random.split("relabelling").integer(2 ** 32),
          epochs,
          batchSize,
          optimiser: { kind: "adam" },
          schedule: { kind: "constant", rate },
          loss,
          ...(recipe?.augmentation ? { augmentation: recipe.augmentation } : {}),
        },
        context,
        phase: "training on wrong labels",
      });
      const steps = epochs * Math.ceil(data.size / batchSize);
      const message = `The model was trained for ${plural(epochs, "epoch")} (${plural(steps, "step")}) with wrong labels for ${plural(forget.size, "sample")}.`;
      const report = { epochs, steps, finalLoss: losses.at(-1) ?? null };
      return { status: "completed", message, weights, artifact: undefined, report, cost: context.meter.read() };
    } catch (error) {
      if (!isLetheError(error) || error.code !== "train/non-finite") throw error;
      const message = `Training at rate ${rate} diverged and the model is unchanged: ${error.message} Try a rate of ${Number((rate / 10).toPrecision(2))}.`;
      return { status: "non-finite", message, weights: unchangedWeights(model), artifact: undefined, report: {}, cost: context.meter.read() };
    }
  },
};

/**
 * @throws LetheError `options/invalid`.
 * @example
 * const { status, message } = await unlearn({ model: network, data, forget: { class: 3 }, method: amnesiacRelabel({ batchSize: 8 }) });
 * message; // "The model was trained for 3 epochs (6 steps) with wrong labels for 4 samples."
 */
export function amnesiacRelabel(options: AmnesiacRelabelInput = {}): ConfiguredMethod<AmnesiacRelabelOptions, void> {
  return configure(amnesiacRelabelMethod, options);
}
