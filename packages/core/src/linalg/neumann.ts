import { apply, expectCount, expectNonNegative, expectPositive, expectVector } from "./checks.ts";
import type { LinearOperator } from "./operator.ts";
import { addScaled, divided, norm } from "./vector.ts";

export interface NeumannOptions {
  /** sigma, in units of A: above half the largest eigenvalue of A + lambda I, or the series diverges; a little above all of it is best. */
  readonly scale: number;
  /** lambda, in units of A; default 0. */
  readonly damping?: number;
  /** Stop at `||b - (A + lambda I) x|| <= relativeTolerance ||b||`; default 1e-6. */
  readonly relativeTolerance?: number;
  /** Default 1000. */
  readonly maximumIterations?: number;
}

export interface NeumannResult {
  /** The iterate of the smallest residual. */
  readonly solution: Float64Array;
  /**
   * - `converged`: the residual is within the tolerance.
   * - `diverged`: the residual grew to ten times its smallest, became infinite, or was growing when the budget ended. A + lambda I has an eigenvalue
   *   below 0 (take more damping) or above twice the scale (take a larger scale).
   * - `budget-reached`: it was still shrinking; take more iterations, or conjugate gradients, which need far fewer.
   */
  readonly status: "converged" | "diverged" | "budget-reached";
  readonly iterations: number;
  /** `||b - (A + lambda I) x||` of the solution. */
  readonly residualNorm: number;
  /** The same of every iterate, the first being b / sigma. */
  readonly residualHistory: readonly number[];
}

/**
 * Solves `(A + lambda I) x = b`, `[d]`, by the Neumann series `x = (1 / sigma) sum over j of (I - (A + lambda I) / sigma)^j b`, the iteration of
 * LiSSA (Agarwal, Bullins and Hazan 2017) as influence functions use it (Koh and Liang 2017). Each step shrinks the error along an eigenvector of
 * eigenvalue a by `1 - (a + lambda) / sigma`, so that it takes about scale / (smallest eigenvalue + damping) steps per factor of e.
 *
 * What a step adds is the residual over sigma: convergence is measured at no cost. An operator that draws another batch for each product makes the
 * same iteration stochastic; the residual is then that of the batch, noise included.
 *
 * @throws LetheError `linalg/bad-option`, `linalg/dimension-mismatch`, `linalg/non-finite`.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[1, 0], [0, 2]]));
 * const { solution } = await neumann(operator, Float64Array.of(1, 1), { scale: 2, relativeTolerance: 1e-9 });
 * solution; // [1, 0.5]
 * (await neumann(operator, Float64Array.of(1, 1), { scale: 0.5 })).status; // "diverged"
 */
export async function neumann(operator: LinearOperator, rightHandSide: Float64Array, options: NeumannOptions): Promise<NeumannResult> {
  const { scale, damping = 0, relativeTolerance = 1e-6, maximumIterations = 1000 } = options;
  expectPositive("scale", scale);
  expectNonNegative("damping", damping);
  expectNonNegative("relativeTolerance", relativeTolerance);
  expectCount("maximumIterations", maximumIterations);
  expectVector("The right-hand side", rightHandSide, operator.dimension);
  const target = relativeTolerance * norm(rightHandSide);
  const residualHistory: number[] = [];
  let iterate = divided(rightHandSide, scale);
  let best = { solution: iterate, residualNorm: Infinity };
  const result = (status: NeumannResult["status"]) => ({ ...best, status, iterations: residualHistory.length, residualHistory });
  for (;;) {
    const residual = Float64Array.from(rightHandSide);
    addScaled(residual, -damping, iterate);
    addScaled(residual, -1, await apply(operator, iterate));
    const residualNorm = norm(residual);
    const previous = residualHistory.at(-1) ?? Infinity;
    residualHistory.push(residualNorm);
    if (residualNorm < best.residualNorm) best = { solution: iterate, residualNorm };
    if (best.residualNorm <= target) return result("converged");
    if (!(residualNorm <= 10 * best.residualNorm) || residualNorm === Infinity) return result("diverged");
    if (residualHistory.length >= maximumIterations) return result(residualNorm > previous ? "diverged" : "budget-reached");
    iterate = Float64Array.from(iterate);
    addScaled(iterate, 1 / scale, residual);
  }
}
