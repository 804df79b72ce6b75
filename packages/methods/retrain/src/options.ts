import type { Recipe } from "@lethe/core";
import { z } from "zod";

export const optionsSchema = z.strictObject({
  seed: z
    .union([z.number(), z.string()])
    .optional()
    .describe("seed of the new initial weights, batch order, augmentation and dropout; default: the recipe's own. Other seeds give other oracles"),
  duration: z
    .enum(["epochs", "steps"])
    .default("epochs")
    .describe(
      "what is held fixed when D_r is smaller than D. epochs: as many passes over the data; steps: as many optimiser steps, to the nearest whole epoch",
    ),
});

export type RetrainInput = z.input<typeof optionsSchema>;
export type RetrainOptions = z.output<typeof optionsSchema>;

/**
 * The recipe for `retained` of `size` samples.
 *
 * With `duration: "steps"` the number of epochs becomes E' = round(E ceil(|D| / b) / ceil(|D_r| / b)), with batch size b, and the times of the
 * schedule are stretched by E' / E, so that the learning rate falls at the same step as in the original run.
 *
 * @example
 * recipeFor({ ...recipe, epochs: 10, batchSize: 10 }, { duration: "steps" }, 100, 50).epochs; // 20
 */
export function recipeFor(recipe: Recipe, { seed, duration }: RetrainOptions, size: number, retained: number): Recipe {
  const seeded = { ...recipe, seed: seed ?? recipe.seed };
  if (duration === "epochs" || recipe.epochs === 0) return seeded;
  const steps = recipe.epochs * Math.ceil(size / recipe.batchSize);
  const epochs = Math.round(steps / Math.ceil(retained / recipe.batchSize));
  return { ...seeded, epochs, schedule: stretched(recipe.schedule, epochs / recipe.epochs) };
}

function stretched(schedule: Recipe["schedule"], factor: number): Recipe["schedule"] {
  const warm = schedule.warmUp === undefined ? schedule : { ...schedule, warmUp: schedule.warmUp * factor };
  switch (warm.kind) {
    case "step":
      return { ...warm, milestones: warm.milestones.map((milestone) => milestone * factor) };
    case "exponential":
      return { ...warm, factor: warm.factor ** (1 / factor) };
    case "constant":
    case "cosine":
      return warm;
  }
}
