import type { Direction } from "./direction.ts";
import type { InfluenceOptions } from "./options.ts";
import type { InfluenceStep } from "./step.ts";
import { norm } from "./vector.ts";

/** Above it, more than a tenth of Newton's right-hand side is missing from the form's, and the message says so. */
const stationarityThreshold = 0.1;
/** Relative residual above which the message says so. */
const residualThreshold = 0.1;

/** JSON has no infinity: what is not finite, or does not exist for the form, is null. */
export interface InfluenceReport {
  readonly form: InfluenceOptions["form"];
  readonly updateNorm: number | null;
  /** Mean loss of what is left: the retained samples, and the corrected ones. */
  readonly retainLossBefore: number;
  readonly retainLossAfter: number | null;
  readonly predictedDecrease: number | null;
  readonly actualDecrease: number | null;
  /** Mean loss of the forget set as it was trained on. */
  readonly erasedLossBefore: number;
  readonly erasedLossAfter: number | null;
  /** ||n g(w)|| / ||G||, for removal ||g(w)|| / ((n_e / n) ||g_e||): 0 where the training loss is stationary, as the forms assume. */
  readonly stationarity: number | null;
  readonly solver: InfluenceOptions["solver"] | null;
  readonly ending: NonNullable<InfluenceStep["solution"]>["ending"] | null;
  /** ||v - (H + gamma I) x|| / ||v|| with the true H. */
  readonly residual: number | null;
  /** x.(H + gamma I) x / x.x, or where conjugate gradients stopped. */
  readonly curvature: number | null;
  /** Products with a Hessian, of all samples or of a batch. */
  readonly products: number;
  readonly dimension: number;
}

export interface Measured {
  readonly direction: Direction;
  readonly found: InfluenceStep;
  readonly retainLossAfter: number;
  readonly erasedLossAfter: number;
  readonly options: InfluenceOptions;
}

export function reportOf({ direction, found, retainLossAfter, erasedLossAfter, options }: Measured): InfluenceReport {
  const { solution, step, predictedDecrease, products } = found;
  return {
    form: options.form,
    updateNorm: finite(norm(step)),
    retainLossBefore: direction.lossBefore,
    retainLossAfter: finite(retainLossAfter),
    predictedDecrease: finite(predictedDecrease),
    actualDecrease: finite(direction.lossBefore - retainLossAfter),
    erasedLossBefore: direction.erasedLossBefore,
    erasedLossAfter: finite(erasedLossAfter),
    stationarity: finite(direction.stationarity),
    solver: solution ? options.solver : null,
    ending: solution?.ending ?? null,
    residual: finite(solution?.residual ?? NaN),
    curvature: finite(solution?.curvature ?? NaN),
    products,
    dimension: step.length,
  };
}

/** Why nothing was done, where the solver left nothing to step along. */
export function refusalOf({ solution }: InfluenceStep, { damping, solver }: InfluenceOptions): string | undefined {
  if (solution?.ending === "indefinite") {
    const more = damping - Math.min(solution.curvature, 0);
    return `Conjugate gradients met a direction of curvature ${short(solution.curvature)}: H + gamma I is not positive definite, and the model is unchanged; take a damping well above ${short(more)}, or solver minres.`;
  }
  if (solution?.ending === "diverged") {
    const remedy = solver === "lissa" ? "take more damping, or a larger scale" : "take more damping";
    return `The solver diverged and the model is unchanged; ${remedy}.`;
  }
  return undefined;
}

export function messageOf(report: InfluenceReport): string {
  const { form, updateNorm, retainLossBefore, retainLossAfter, stationarity, residual, curvature } = report;
  if (updateNorm === 0) return "Erasing or correcting these samples changes no gradient in what may move, so that nothing moved.";
  const figures = `moved the weights by ${short(updateNorm)}; the retain loss went from ${short(retainLossBefore)} to ${short(retainLossAfter)}`;
  const cautions = [
    retainLossAfter === null || retainLossAfter > retainLossBefore ? `It rose: the step is not to be trusted here; ${remedies[form]}.` : "",
    stationarity === null || stationarity > stationarityThreshold
      ? `The training loss is not stationary (ratio ${short(stationarity)}; up to ${stationarityThreshold} would pass): this is not Newton's step on what is left.`
      : "",
    residual !== null && residual > residualThreshold ? `H^-1 v is only known to a relative residual of ${short(residual)}.` : "",
    curvature !== null && curvature < 0 ? "The loss curves downwards along the step, which may lead away from a minimum." : "",
  ];
  return [`The ${names[form]} ${figures}.`, ...cautions.filter((caution) => caution !== "")].join(" ");
}

const names = {
  erased: "influence of the erased samples",
  iu: "IU step",
  "first-order": "first-order update",
  "second-order": "second-order update",
} as const;

/** Where the step was too long. */
export const remedies = {
  erased: "try more damping, or cure-newton",
  iu: "try a smaller alpha",
  "first-order": "try a smaller tau",
  "second-order": "try more damping, or cure-newton",
} as const;

function short(value: number | null): string {
  return value === null ? "infinity" : value.toPrecision(3);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
