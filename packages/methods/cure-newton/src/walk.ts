import { isLetheError } from "@lethe/core";
import type { FlatLoss, SampleChoice } from "@lethe/core/curvature";

/** One outer step, in the units of the loss and of the parameters. */
export interface StepRecord {
  /** ||s||_2 */
  readonly length: number;
  /** M of this step. */
  readonly cubicConstant: number;
  /** lambda = M ||s|| / 2: the damping that the cubic term came to. */
  readonly damping: number;
  /** ||g||_2 where the step began. */
  readonly gradientNorm: number;
  /** -m(s): what the model promises. */
  readonly predictedDecrease: number;
  /** L(w) - L(w + s), on the samples that the gradient was taken on. */
  readonly actualDecrease: number;
  /** `rejected`: it did not keep what it promised (adaptation ratio only), and w stayed. */
  readonly taken: "taken" | "rejected";
  /** `cauchy`: the inner loop climbed, and the Cauchy point that it began at was the step. */
  readonly fallback?: "none" | "cauchy";
}

/** Where a sequence of steps led. */
export interface Walk {
  readonly parameters: Float64Array;
  readonly steps: readonly StepRecord[];
  /**
   * - `stationary`: its own rule found an (approximate) second-order stationary point.
   * - `budget-reached`: after the steps that it was allowed.
   */
  readonly ending: "stationary" | "budget-reached";
}

/** How M follows the steps. */
export type Adaptation = "fixed" | "ratio";

/**
 * ARC's rule (Cartis, Gould, Toint 2011, with the constants of Kohler and Lucchi's code), on M = 2 sigma: a step that keeps less than a tenth of its promise is
 * not taken and M doubles, one that keeps nine tenths halves it. An addition: the paper takes every step, with one M.
 */
export function adapted(cubicConstant: number, { predictedDecrease, actualDecrease }: Pick<StepRecord, "predictedDecrease" | "actualDecrease">) {
  // A perturbed step may promise nothing: it is taken if it does no harm.
  if (!(predictedDecrease > 0) && actualDecrease >= 0) return { taken: "taken", cubicConstant } as const;
  const ratio = predictedDecrease > 0 ? actualDecrease / predictedDecrease : -1;
  if (!(ratio >= 0.1)) return { taken: "rejected", cubicConstant: 2 * cubicConstant } as const;
  return { taken: "taken", cubicConstant: ratio >= 0.9 ? Math.max(2e-16, cubicConstant / 2) : cubicConstant } as const;
}

/** L(w), infinite where a step has left the numbers that float32 can hold. */
export async function valueAt(loss: FlatLoss, w: Float64Array, samples?: SampleChoice): Promise<number> {
  try {
    return await loss.value(w, samples);
  } catch (error) {
    if (isLetheError(error) && error.code === "pass/non-finite") return Number.POSITIVE_INFINITY;
    throw error;
  }
}

export function norm(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((total, value) => total + value * value, 0));
}

export function sum(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]);
}
