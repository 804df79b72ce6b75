import { apply, expectCount, expectNonNegative, expectSymmetricOperator, expectVector } from "./checks.ts";
import type { LinearOperator } from "./operator.ts";
import { addScaled, difference, divided, dot, norm } from "./vector.ts";

export interface MinresOptions {
  /** Stop at `||b - A x|| <= relativeTolerance ||b||`; default 1e-8. */
  readonly relativeTolerance?: number;
  /** Stop as unsolvable at `||A r|| <= normalTolerance ||A|| ||r||`; default 1e-12. */
  readonly normalTolerance?: number;
  /** Default 4 d + 20. */
  readonly maximumIterations?: number;
}

export interface MinresResult {
  readonly solution: Float64Array;
  /**
   * - `converged`: the true residual is within the tolerance.
   * - `least-squares`: A is singular and b is not in its range; x makes the residual as small as it can be. A solvable system whose condition number
   *   is above 1 / normalTolerance cannot be told from one.
   * - `budget-reached`: `maximumIterations` are used up.
   * - `stagnated`: rounding keeps the true residual above the tolerance.
   */
  readonly status: "converged" | "least-squares" | "budget-reached" | "stagnated";
  readonly iterations: number;
  /** `||b - A x||`, computed anew at the end. */
  readonly residualNorm: number;
  /** The same norm as the recurrence estimates it, before the first iteration and after each; it never rises. */
  readonly residualHistory: readonly number[];
}

/** What one run of the recurrence adds to the solution, and why it ended. */
interface Pass {
  readonly correction: Float64Array;
  readonly ended: "residual" | "normal-residual" | "budget";
}

/**
 * Solves `A x = b` for a symmetric A, `[d]`, that may be indefinite or singular, by making the residual over the Krylov space of b as small as
 * possible (MINRES: Paige and Saunders 1975). Of a singular system that has solutions it gives the shortest one.
 *
 * The recurrence is short, so rounding lets its estimate of the residual fall below the true one. As in {@link conjugateGradients}, convergence is
 * believed only of the true residual; while that still improves, the recurrence starts again at the present solution.
 *
 * @throws LetheError `linalg/not-symmetric`, `linalg/dimension-mismatch`, `linalg/non-finite`, `linalg/bad-option`.
 *
 * @example
 * const indefinite = denseOperator(matrixFromRows([[2, 0], [0, -1]]));
 * const { solution } = await minres(indefinite, Float64Array.of(2, 3));
 * solution; // [1, -3]
 */
export async function minres(operator: LinearOperator, rightHandSide: Float64Array, options: MinresOptions = {}): Promise<MinresResult> {
  const { relativeTolerance = 1e-8, normalTolerance = 1e-12, maximumIterations = 4 * operator.dimension + 20 } = options;
  expectSymmetricOperator("minres", operator);
  expectVector("The right-hand side", rightHandSide, operator.dimension);
  expectNonNegative("relativeTolerance", relativeTolerance);
  expectNonNegative("normalTolerance", normalTolerance);
  expectCount("maximumIterations", maximumIterations, 0);

  const solution = new Float64Array(operator.dimension);
  let residual: Float64Array = Float64Array.from(rightHandSide);
  let residualNorm = norm(residual);
  const target = relativeTolerance * residualNorm;
  const recurrence: Recurrence = { operator, target, normalTolerance, maximumIterations, residualHistory: [residualNorm], operatorNorm: 0 };
  const { residualHistory } = recurrence;
  const result = (status: MinresResult["status"]) => ({ solution, status, iterations: residualHistory.length - 1, residualNorm, residualHistory });
  if (residualNorm <= target) return result("converged");

  for (;;) {
    const { correction, ended } = await runRecurrence(recurrence, residual);
    addScaled(solution, 1, correction);
    const before = residualNorm;
    residual = difference(rightHandSide, await apply(operator, solution));
    residualNorm = norm(residual);
    if (residualNorm <= target) return result("converged");
    if (ended === "budget") return result("budget-reached");
    if (ended === "normal-residual") {
      const normal = norm(await apply(operator, residual));
      if (normal <= 10 * normalTolerance * recurrence.operatorNorm * residualNorm) return result("least-squares");
    }
    if (residualNorm > before / 2) return result("stagnated");
  }
}

interface Recurrence {
  readonly operator: LinearOperator;
  readonly target: number;
  readonly normalTolerance: number;
  readonly maximumIterations: number;
  readonly residualHistory: number[];
  /** Frobenius norm of the largest tridiagonal matrix so far: a lower estimate of ||A|| that soon is a good one. */
  operatorNorm: number;
}

/**
 * Lanczos on `residual`, and the QR factorisation of its tridiagonal matrix by one rotation (cosine, sine) per step. Names follow Paige and Saunders:
 * alpha and beta are the tridiagonal's entries, delta, epsilon and gamma those of R, phi those of the rotated right-hand side.
 */
async function runRecurrence(recurrence: Recurrence, residual: Float64Array): Promise<Pass> {
  const { operator, target, normalTolerance, maximumIterations, residualHistory } = recurrence;
  const correction = new Float64Array(residual.length);
  const zeros = new Float64Array(residual.length);
  let [previous, current]: [Float64Array, Float64Array] = [zeros, residual];
  let [direction, directionBefore]: [Float64Array, Float64Array] = [zeros, zeros];
  let [betaBefore, beta] = [0, norm(residual)];
  let [cosine, sine, deltaBar, epsilon] = [-1, 0, 0, 0];
  let phiBar = beta;
  let squaredNorm = 0;
  while (residualHistory.length <= maximumIterations) {
    const basis = divided(current, beta);
    const image = Float64Array.from(await apply(operator, basis));
    if (betaBefore > 0) addScaled(image, -beta / betaBefore, previous);
    const alpha = dot(basis, image);
    addScaled(image, -alpha / beta, current);
    [previous, current] = [current, image];
    [betaBefore, beta] = [beta, norm(image)];
    // The first beta is the length of the residual, no entry of the tridiagonal matrix.
    squaredNorm += alpha ** 2 + beta ** 2 + (squaredNorm === 0 ? 0 : betaBefore ** 2);
    recurrence.operatorNorm = Math.max(recurrence.operatorNorm, Math.sqrt(squaredNorm));

    const epsilonBefore = epsilon;
    const delta = cosine * deltaBar + sine * alpha;
    const gammaBar = sine * deltaBar - cosine * alpha;
    epsilon = sine * beta;
    deltaBar = -cosine * beta;
    // ||A r|| / ||r|| of the residual before this step.
    if (Math.hypot(gammaBar, deltaBar) <= normalTolerance * recurrence.operatorNorm) return { correction, ended: "normal-residual" };
    const gamma = Math.hypot(gammaBar, beta);
    cosine = gammaBar / gamma;
    sine = beta / gamma;
    const phi = cosine * phiBar;
    phiBar *= sine;

    const next = Float64Array.from(basis);
    addScaled(next, -epsilonBefore, directionBefore);
    addScaled(next, -delta, direction);
    [directionBefore, direction] = [direction, divided(next, gamma)];
    addScaled(correction, phi, direction);
    residualHistory.push(Math.abs(phiBar));
    if (Math.abs(phiBar) <= target) return { correction, ended: "residual" };
  }
  return { correction, ended: "budget" };
}
