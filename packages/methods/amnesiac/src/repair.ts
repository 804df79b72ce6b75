import { train, type Context, type Problem, type Recipe, type Weights } from "@lethe/core";
import type { AmnesiacOptions } from "./options.ts";
import { StepLogger } from "./step-logger.ts";
import type { UpdateLog } from "./update-log.ts";

export interface Repaired {
  /** The caller's. */
  readonly weights: Weights;
  readonly steps: number;
  readonly epochs: number;
  readonly finalLoss: number | null;
}

/**
 * Trains on the retained data from the weights left by the subtraction, in the manner of the recipe that the log names. Its updates are appended to the log,
 * so that a later request can take them back as well; they count once the log is published.
 *
 * @throws LetheError what training and the storage throw; nothing that was appended is left then.
 */
export async function repair(problem: Problem, from: Weights, log: UpdateLog, options: AmnesiacOptions, context: Context): Promise<Repaired> {
  const { model, retain } = problem;
  const { steps, epochs } = log.head.finished!;
  const start = model.copy(from);
  const logger = new StepLogger(log, retain.ids, from, { steps, epochs });
  const recorder = { begin: async () => {}, step: logger.step.bind(logger), finish: async () => undefined };
  const recipe = repairRecipe(log.head.recipe, problem, options, context);
  try {
    const { weights, losses } = await train({ model: start, data: retain, recipe, context, phase: "repairing", recorder });
    const taken = recipe.epochs * Math.ceil(retain.size / recipe.batchSize);
    return { weights, steps: taken, epochs: recipe.epochs, finalLoss: losses.at(-1) ?? null };
  } catch (error) {
    // The first error is the one to tell; opening the log tries again.
    await log.drop(({ index }) => index >= steps).catch(() => {});
    throw error;
  } finally {
    logger.dispose();
    start.dispose();
  }
}

/** Optimiser, batches, loss and augmentation of the training; the samples in one shuffled order an epoch, the rate constant. */
export function repairRecipe(recorded: Recipe, { loss }: Pick<Problem, "loss">, options: AmnesiacOptions, context: Context): Recipe {
  const { batchSize, optimiser, schedule, augmentation } = recorded;
  return {
    seed: context.random.split("repair").integer(2 ** 32),
    epochs: options.repairEpochs,
    batchSize,
    optimiser,
    schedule: { kind: "constant", rate: options.repairRate ?? schedule.rate },
    loss: recorded.loss ?? loss,
    ...(augmentation ? { augmentation } : {}),
  };
}
