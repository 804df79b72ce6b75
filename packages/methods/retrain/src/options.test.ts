import { learningRate, type Recipe, type ScheduleOptions } from "@lethe/core";
import { describe, expect, it } from "vitest";
import { recipeFor } from "./index.ts";

const recipe: Recipe = { seed: 1, epochs: 10, batchSize: 10, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.1 } };

describe("recipeFor", () => {
  it("keeps the recipe when epochs are held fixed", () => {
    expect(recipeFor(recipe, { duration: "epochs" }, 100, 50)).toEqual(recipe);
    expect(recipeFor(recipe, { duration: "epochs", seed: 0 }, 100, 50)).toEqual({ ...recipe, seed: 0 });
  });

  it.each([
    { size: 100, retained: 50, epochs: 20 },
    { size: 100, retained: 100, epochs: 10 },
    { size: 100, retained: 95, epochs: 10 },
    { size: 100, retained: 70, epochs: 14 },
    { size: 95, retained: 61, epochs: 14 },
    { size: 100, retained: 1, epochs: 100 },
  ])("takes $epochs epochs of $retained samples for 10 epochs of $size", ({ size, retained, epochs }) => {
    expect(recipeFor(recipe, { duration: "steps" }, size, retained).epochs).toBe(epochs);
  });

  it("has nothing to stretch in a recipe of no epochs", () => {
    expect(recipeFor({ ...recipe, epochs: 0 }, { duration: "steps" }, 100, 50).epochs).toBe(0);
  });

  const schedules: readonly ScheduleOptions[] = [
    { kind: "constant", rate: 0.1, warmUp: 2 },
    { kind: "cosine", rate: 0.1, final: 0.01 },
    { kind: "step", rate: 0.1, milestones: [5, 8], factor: 0.1, warmUp: 1 },
  ];

  it.each(schedules)("gives every step of a $kind schedule the rate of the same step of the original run", (schedule) => {
    const original = { ...recipe, schedule };
    const stretched = recipeFor(original, { duration: "steps" }, 100, 50);
    for (let step = 0; step < 100; step++) {
      const rate = learningRate(schedule, step / 10, original.epochs);
      expect(learningRate(stretched.schedule, step / 5, stretched.epochs)).toBeCloseTo(rate, 12);
    }
  });

  it("ends an exponential schedule at the rate of the original run", () => {
    const schedule: ScheduleOptions = { kind: "exponential", rate: 0.1, factor: 0.5 };
    const stretched = recipeFor({ ...recipe, schedule }, { duration: "steps" }, 100, 50);
    expect(learningRate(stretched.schedule, stretched.epochs, stretched.epochs)).toBeCloseTo(learningRate(schedule, 10, 10), 12);
  });
});
