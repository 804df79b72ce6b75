import { plural } from "@lethe/core";
import type { CureNewtonOptions } from "./options.ts";
import { norm, type Walk } from "./walk.ts";

interface Around {
  readonly before: number;
  readonly after: number;
  readonly start: Float64Array;
  readonly retainSize: number;
  readonly options: CureNewtonOptions;
}

/** What the request's report says: lists have one entry for each outer step. */
export interface CureNewtonReport {
  /** ||w - w*||_2 */
  readonly updateNorm: number;
  readonly stepNorms: readonly number[];
  readonly gradientNorms: readonly number[];
  /** lambda, which the method solved for. */
  readonly dampings: readonly number[];
  readonly cubicConstants: readonly number[];
  readonly predictedDecreases: readonly number[];
  /** Null where the loss became infinite. */
  readonly actualDecreases: readonly (number | null)[];
  readonly rejectedSteps: number;
  /** Steps whose inner loop climbed, at a rate too high for the curvature, so that the Cauchy point was taken. */
  readonly cauchySteps: number;
  /** Mean loss over D_r. */
  readonly retainLossBefore: number;
  readonly retainLossAfter: number;
  /** sigma / ||g|| of the first step; null where the gradient was not perturbed. */
  readonly perturbationShare: number | null;
  /** Of the last Hessian, exact variant only. */
  readonly smallestEigenvalue: number | null;
  /** d: how many parameters were free to move. */
  readonly dimension: number;
  /** Samples of D_r that the steps' gradients were taken over; products with the Hessian are counted in the cost, each worth two to three gradients. */
  readonly gradientSamples: number;
}

export function reportOf(
  walk: Walk & { readonly smallestEigenvalue?: number },
  { before, after, start, retainSize, options }: Around,
): CureNewtonReport {
  const { steps, parameters } = walk;
  const perturbed = options.variant === "stochastic" && options.mode === "paper" && options.solver === "gradient-descent" && options.perturbation > 0;
  const perBatch = options.variant === "exact" ? retainSize : Math.min(options.gradientBatch, retainSize);
  const each = (pick: (step: (typeof steps)[number]) => number) => steps.map(pick);
  return {
    updateNorm: norm(parameters.map((value, i) => value - start[i])),
    stepNorms: each(({ length }) => length),
    gradientNorms: each(({ gradientNorm }) => gradientNorm),
    dampings: each(({ damping }) => damping),
    cubicConstants: each(({ cubicConstant }) => cubicConstant),
    predictedDecreases: each(({ predictedDecrease }) => predictedDecrease),
    actualDecreases: each(({ actualDecrease }) => actualDecrease).map(finite),
    rejectedSteps: steps.filter(({ taken }) => taken === "rejected").length,
    cauchySteps: steps.filter(({ fallback }) => fallback === "cauchy").length,
    retainLossBefore: before,
    retainLossAfter: after,
    perturbationShare: perturbed && steps.length > 0 ? finite(options.perturbation / steps[0].gradientNorm) : null,
    smallestEigenvalue: walk.smallestEigenvalue ?? null,
    dimension: start.length,
    gradientSamples: steps.length * perBatch,
  };
}

/** One sentence or two: what happened and, where the retain loss rose, what to try. */
export function messageOf(
  { ending, steps }: Walk,
  { updateNorm, retainLossBefore, retainLossAfter, perturbationShare, cauchySteps }: CureNewtonReport,
  options: CureNewtonOptions,
): string {
  if (steps.length > 0 && steps.every(({ taken }) => taken === "rejected")) {
    return `None of ${plural(steps.length, "step")} kept a tenth of its promise, so that none was taken; allow more steps, or begin with an M above ${steps.at(-1)?.cubicConstant}.`;
  }
  if (updateNorm === 0) return "The retain loss is already stationary in what may move, so that no step was taken; there was nothing to do.";
  const rest = ending === "stationary" ? " and ended at a stationary point" : "";
  const figures = `moved the weights by ${updateNorm.toPrecision(3)}; the retain loss went from ${retainLossBefore.toPrecision(3)} to ${retainLossAfter.toPrecision(3)}`;
  const hint =
    retainLossAfter > retainLossBefore
      ? ` It rose: try an M above ${options.cubicConstant}${perturbationShare === null ? "" : ", or a smaller perturbation"}.`
      : "";
  const climbed =
    cauchySteps > 0 ? ` In ${cauchySteps} the inner loop climbed and its start was taken: try an innerRate below ${options.innerRate}.` : "";
  return `${plural(steps.length, "step")}${rest} ${figures}.${hint}${climbed}`;
}

/** JSON has no infinity. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
