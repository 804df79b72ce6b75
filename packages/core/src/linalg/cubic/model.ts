import { expectPositive, expectVector } from "../checks.ts";
import { addScaled, dot, norm } from "../vector.ts";

/**
 * What every solver of the cubic sub-problem returns: a step s for
 *
 *     m(s) = g.s + 1/2 s.H s + (M / 6) ||s||^3,
 *
 * M the `cubicConstant`, a Lipschitz constant of the Hessian, in units of loss per length cubed (Nesterov and Polyak 2006). A global minimiser is
 * exactly an s with `(H + lambda I) s = -g`, `lambda = M ||s|| / 2` and H + lambda I positive semidefinite. Elsewhere the term is written (sigma / 3)
 * ||s||^3; then M = 2 sigma.
 */
export interface CubicSolution<Status extends string> {
  readonly step: Float64Array;
  /** The damping that the cubic term amounts to, in units of H. */
  readonly lambda: number;
  /** m(step), on the gradient as given; at most m(0) = 0 unless a perturbation outweighed the gradient. */
  readonly modelValue: number;
  readonly residuals: CubicResiduals;
  readonly status: Status;
}

/** How far the step is from the three conditions of a global minimiser. */
export interface CubicResiduals {
  /** `||g + H s + lambda s|| / max(||g||, ||H s||)`, 0 where both are. */
  readonly stationarity: number;
  /** `|lambda - M ||s|| / 2| / max(lambda, M ||s|| / 2)`, 0 where both are. */
  readonly norm: number;
  /**
   * The smallest eigenvalue of H + lambda I, in units of H, where the solver knows H's; negative beyond rounding means that the step is no minimiser.
   */
  readonly definiteness?: number;
}

/**
 * m(s), given `product = H s`.
 *
 * @example
 * cubicModelValue(Float64Array.of(1), Float64Array.of(0), Float64Array.of(-1), 2); // -2 / 3
 */
export function cubicModelValue(gradient: Float64Array, product: Float64Array, step: Float64Array, cubicConstant: number): number {
  return dot(gradient, step) + dot(step, product) / 2 + (cubicConstant / 6) * norm(step) ** 3;
}

/** Puts lambda, the model's value and the residuals to a step, given `product = H s`; `lambda` defaults to `M ||s|| / 2`. */
export function describeStep(
  { gradient, product, step, cubicConstant }: StepDescription,
  lambda = (cubicConstant / 2) * norm(step),
): Omit<CubicSolution<never>, "status"> {
  const stationarity = Float64Array.from(gradient);
  addScaled(stationarity, 1, product);
  addScaled(stationarity, lambda, step);
  const fromStep = (cubicConstant / 2) * norm(step);
  const residuals = {
    stationarity: ratio(norm(stationarity), Math.max(norm(gradient), norm(product))),
    norm: ratio(Math.abs(lambda - fromStep), Math.max(lambda, fromStep)),
  };
  return { step, lambda, modelValue: cubicModelValue(gradient, product, step, cubicConstant), residuals };
}

interface StepDescription {
  readonly gradient: Float64Array;
  readonly product: Float64Array;
  readonly step: Float64Array;
  readonly cubicConstant: number;
}

function ratio(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole;
}

/** @throws LetheError `linalg/bad-option`, `linalg/dimension-mismatch`, `linalg/non-finite`. */
export function expectCubicProblem(gradient: Float64Array, dimension: number, cubicConstant: number): void {
  expectVector("The gradient", gradient, dimension);
  expectPositive("cubicConstant", cubicConstant);
}
