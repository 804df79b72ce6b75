import { LetheError } from "@lethe/core";

/** What is watched while a model learns the forget set again. Entry 0 is the value before any step, entry i the value after i steps. */
export type Curve = ArrayLike<number>;

export interface RelearnTime {
  /** Steps until the target was reached first; of a censored run, the steps it was given. */
  readonly steps: number;
  /** `"censored"`: the run ended before the target was reached, so the time is more than `steps`. */
  readonly status: "reached" | "censored";
}

/** Where relearning is complete. */
export type RelearnTarget = { readonly accuracyAtLeast: number } | { readonly lossAtMost: number };

/**
 * Relearn time: the number of training steps on the forget set until a model is back at a target.
 *
 * Comparable between models only under one protocol: copies of the models, a fresh optimiser, one learning rate, one order of batches, one target. Golatkar et al. 2020
 * stop at a loss of 0.1, Tarun et al. 2023 and ERASURE at the original model's accuracy. See {@link relearnCurve} for a run.
 *
 * @throws LetheError `metrics/bad-argument` for an empty curve or NaN.
 * @example
 * relearnTime([0.1, 0.5, 0.8, 0.9], { accuracyAtLeast: 0.75 }); // { steps: 2, status: "reached" }
 * relearnTime([2.3, 1.2, 0.6], { lossAtMost: 0.1 }); // { steps: 2, status: "censored" }
 */
export function relearnTime(curve: Curve, target: RelearnTarget): RelearnTime {
  const values = Array.from(curve);
  if (values.length === 0 || values.some(Number.isNaN)) {
    throw new LetheError("metrics/bad-argument", "A relearning curve needs numbers, the first of them from before any step.", {
      length: values.length,
    });
  }
  const reached = values.findIndex((value) => ("accuracyAtLeast" in target ? value >= target.accuracyAtLeast : value <= target.lossAtMost));
  return reached < 0 ? { steps: values.length - 1, status: "censored" } : { steps: reached, status: "reached" };
}
