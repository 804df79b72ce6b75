import { LetheError } from "../errors/index.ts";
import { apply, expectCount, expectNonNegative, expectSymmetricOperator, expectVector } from "./checks.ts";
import type { LinearOperator } from "./operator.ts";
import { addScaled, difference, divided, dot, machineEpsilon, norm } from "./vector.ts";

export interface ConjugateGradientsOptions {
  /** Where to start; default 0. */
  readonly initial?: Float64Array;
  /** An approximation of A^-1, symmetric and positive definite. */
  readonly preconditioner?: LinearOperator;
  /** Stop at `||b - A x|| <= relativeTolerance ||b||`; default 1e-8. */
  readonly relativeTolerance?: number;
  /** Default 2 d + 20. In exact arithmetic d suffice; with a large condition number rounding asks for more. */
  readonly maximumIterations?: number;
}

export interface ConjugateGradientsResult {
  readonly solution: Float64Array;
  /**
   * - `converged`: the true residual is within the tolerance.
   * - `indefinite`: a direction of curvature zero or below was met, see `negativeCurvature`; `solution` is the iterate before it. Use MINRES, more
   *   damping, or a cubic step.
   * - `budget-reached`: `maximumIterations` are used up; the residual says how far it came.
   * - `stagnated`: rounding keeps the true residual above the tolerance, whatever the recurrence says; the tolerance asks for more than float64
   *   holds.
   */
  readonly status: "converged" | "indefinite" | "budget-reached" | "stagnated";
  readonly iterations: number;
  /** `||b - A x||`, computed anew at the end. */
  readonly residualNorm: number;
  /** Norm of the residual as the recurrence carries it, before the first iteration and after each. */
  readonly residualHistory: readonly number[];
  /** The unit vector p with `curvature = p.A p <= 0` up to rounding; present with the status `indefinite`. */
  readonly negativeCurvature?: { readonly direction: Float64Array; readonly curvature: number };
}

/**
 * Solves `A x = b` for a symmetric positive definite A, `[d]`, by conjugate gradients (Hestenes and Stiefel 1952; preconditioned as in Golub and Van
 * Loan, section 11.5).
 *
 * Differs from the textbook in two ways. Curvature is looked at in every step, so that an indefinite A is told instead of silently giving a saddle
 * point. And convergence is believed only of the true residual: where the recurrence has drifted from it, the iteration starts again at the present
 * solution until the true residual converges too or stops improving. The attainable residual is about 1e-16 ||A|| ||x||; the error of x is up to the
 * condition number times larger.
 *
 * @throws LetheError `linalg/not-symmetric`, `linalg/not-positive-definite` for a preconditioner that is not, `linalg/dimension-mismatch`,
 * `linalg/non-finite`, `linalg/bad-option`.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[4, 1], [1, 3]]));
 * const { solution, status } = await conjugateGradients(operator, Float64Array.of(1, 2));
 * solution; // [1 / 11, 7 / 11]
 * status; // "converged"
 */
export async function conjugateGradients(
  operator: LinearOperator,
  rightHandSide: Float64Array,
  options: ConjugateGradientsOptions = {},
): Promise<ConjugateGradientsResult> {
  const { initial, preconditioner, relativeTolerance = 1e-8, maximumIterations = 2 * operator.dimension + 20 } = options;
  expectSymmetricOperator("conjugateGradients", operator);
  expectVector("The right-hand side", rightHandSide, operator.dimension);
  if (initial) expectVector("The initial vector", initial, operator.dimension);
  if (preconditioner) expectSymmetricOperator("conjugateGradients, as preconditioner,", preconditioner);
  expectNonNegative("relativeTolerance", relativeTolerance);
  expectCount("maximumIterations", maximumIterations, 0);

  const precondition = async (residual: Float64Array) => (preconditioner ? apply(preconditioner, residual) : residual);
  const trueResidual = async (x: Float64Array) => difference(rightHandSide, await apply(operator, x));
  const target = relativeTolerance * norm(rightHandSide);
  const solution = initial && target > 0 ? Float64Array.from(initial) : new Float64Array(operator.dimension);
  let residual = initial && target > 0 ? await trueResidual(solution) : Float64Array.from(rightHandSide);
  let residualNorm = norm(residual);
  const residualHistory = [residualNorm];
  let iterations = 0;
  const result = (status: ConjugateGradientsResult["status"]) => ({ solution, status, iterations, residualNorm, residualHistory });
  if (residualNorm <= target) return result("converged");

  for (;;) {
    let preconditioned = await precondition(residual);
    let product = positiveProduct(residual, preconditioned);
    let direction = Float64Array.from(preconditioned);
    while (iterations < maximumIterations) {
      const image = await apply(operator, direction);
      const curvature = dot(direction, image);
      if (curvature <= machineEpsilon * norm(direction) * norm(image)) {
        residualNorm = norm(await trueResidual(solution));
        const length = norm(direction);
        return { ...result("indefinite"), negativeCurvature: { direction: divided(direction, length), curvature: curvature / length / length } };
      }
      const step = product / curvature;
      addScaled(solution, step, direction);
      addScaled(residual, -step, image);
      iterations++;
      residualHistory.push(norm(residual));
      if (residualHistory[residualHistory.length - 1] <= target) break;
      preconditioned = await precondition(residual);
      const next = positiveProduct(residual, preconditioned);
      const conjugate = Float64Array.from(preconditioned);
      addScaled(conjugate, next / product, direction);
      direction = conjugate;
      product = next;
    }
    const before = residualNorm;
    residual = await trueResidual(solution);
    residualNorm = norm(residual);
    if (residualNorm <= target) return result("converged");
    if (iterations >= maximumIterations) return result("budget-reached");
    if (residualNorm > before / 2) return result("stagnated");
  }
}

/** r.M r, which a positive definite preconditioner M keeps above zero. */
function positiveProduct(residual: Float64Array, preconditioned: Float64Array): number {
  const product = dot(residual, preconditioned);
  if (product > 0) return product;
  throw new LetheError(
    "linalg/not-positive-definite",
    `The preconditioner is not positive definite: r.M r is ${product} for a residual r; give one that is, or none.`,
    { product },
  );
}
