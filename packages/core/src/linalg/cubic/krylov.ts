import type { Random } from "../../random/index.ts";
import { apply, expectCount, expectNonNegative, expectSymmetricOperator } from "../checks.ts";
import { KrylovBasis } from "../krylov-basis.ts";
import { multiply } from "../matrix.ts";
import { extremeEigenpairs, type ExtremeEigenpairs } from "../lanczos.ts";
import type { LinearOperator } from "../operator.ts";
import { symmetricEigen } from "../symmetric-eigen.ts";
import { norm } from "../vector.ts";
import { cubicExact } from "./exact.ts";
import { describeStep, expectCubicProblem, type CubicSolution } from "./model.ts";

export interface CubicKrylovOptions {
  /** M, greater than 0. */
  readonly cubicConstant: number;
  /** Stop at `||g + H s + lambda s|| <= relativeTolerance max(||g||, ||H s||)`; default 1e-8. */
  readonly relativeTolerance?: number;
  /** Most products, and vectors kept, of the growing space, and again of the search for the lowest direction; default the smaller of d and 200. */
  readonly maximumSteps?: number;
  /**
   * Draws the direction from which curvature is looked for that the gradient does not lead to. Without it, negative curvature orthogonal to the
   * gradient's Krylov space stays unseen, and the status can only be `stationary` unless the space becomes the whole one.
   */
  readonly random?: Random;
}

/**
 * - `converged`: the step is stationary, and no curvature is below -lambda, either in the whole space or as far as a random direction leads, whose
 *   lowest Ritz value has settled: overwhelmingly likely the global minimiser.
 * - `stationary`: the step is stationary, but curvature is known in the Krylov space of the gradient alone (give `random`) or has not settled (allow
 *   more steps). In the hard case it is a saddle point.
 * - `budget-reached`: `maximumSteps` were not enough; the step is still the best in the space so far, and not above the Cauchy point.
 */
export type CubicKrylovStatus = "converged" | "stationary" | "budget-reached";

export interface CubicKrylovSolution extends CubicSolution<CubicKrylovStatus> {
  /** Products with H, the last of which measured the residual. */
  readonly products: number;
  /** An upper bound of the smallest eigenvalue of H, infinite where no product was needed. */
  readonly smallestRitzValue: number;
}

/**
 * The minimiser of the cubic model (see {@link CubicSolution}) over a growing Krylov space, for a Hessian known by its products (Cartis, Gould and
 * Toint 2011, section 6.2): the projected problem is solved exactly, which gives the best step in the space, and the residual of the whole one needs
 * no product.
 *
 * With `random`, once the step is stationary, the lowest eigenpair is looked for from a random direction. Where its value is below -lambda, the step
 * is at a saddle point, the eigenvector joins the space, and the growing goes on: that finds the hard case too, with no perturbation of the gradient
 * and so no bias.
 *
 * Memory: d float64 numbers per step.
 *
 * @throws LetheError `linalg/not-symmetric`, `linalg/bad-option`, `linalg/dimension-mismatch`, `linalg/non-finite`.
 *
 * @example
 * const hessian = denseOperator(matrixFromRows([[2, 0], [0, -1]]));
 * const gradient = Float64Array.of(1, 0);
 * const blind = await cubicKrylov(hessian, gradient, { cubicConstant: 1 });
 * blind.status; // "stationary"
 * blind.modelValue; // -0.232313
 * const { modelValue } = await cubicKrylov(hessian, gradient, { cubicConstant: 1, random: createRandom(1) });
 * modelValue; // -5 / 6
 */
export async function cubicKrylov(operator: LinearOperator, gradient: Float64Array, options: CubicKrylovOptions): Promise<CubicKrylovSolution> {
  const { dimension } = operator;
  const { cubicConstant, relativeTolerance = 1e-8, maximumSteps = Math.min(dimension, 200), random } = options;
  expectSymmetricOperator("cubicKrylov", operator);
  expectCubicProblem(gradient, dimension, cubicConstant);
  expectNonNegative("relativeTolerance", relativeTolerance);
  expectCount("maximumSteps", maximumSteps);

  const basis = new KrylovBasis(operator, norm(gradient) > 0 ? [gradient] : []);
  let limit = Math.min(maximumSteps, dimension);
  let nextLook = 1;
  let lowest: ExtremeEigenpairs | undefined;
  for (;;) {
    const ended = !(basis.size < limit && (await basis.grow()));
    // Each look costs size^3, so that looks are made ever more rarely.
    if (!ended && basis.size < nextLook) continue;
    nextLook = Math.ceil(1.15 * basis.size + 1);
    const reduced = solveReduced(basis, norm(gradient), cubicConstant);
    const stationary = reduced.residual <= relativeTolerance;
    if (stationary && random && !lowest && basis.size < dimension) {
      // In a space of its own: in one shared with the gradient's, an eigenvalue that the gradient leads to could have settled, and pass for the
      // lowest, before the random direction has led anywhere.
      lowest = await extremeEigenpairs(operator, { bottom: 1, random, relativeTolerance, maximumSteps: Math.min(maximumSteps, dimension) });
      const [{ value, vector }] = lowest.bottom;
      if (value + reduced.lambda < 0) {
        basis.addStart(vector);
        limit = Math.max(limit, basis.size + 1);
        nextLook = basis.size + 1;
        continue;
      }
    }
    const seen = basis.size === dimension || (lowest !== undefined && leastCurvature(lowest) + reduced.lambda >= -relativeTolerance * lowest.scale);
    if (ended || stationary) return finish(reduced, !stationary ? "budget-reached" : seen ? "converged" : "stationary");
  }

  async function finish({ coefficients, lambda, smallestRitzValue }: Reduced, status: CubicKrylovStatus): Promise<CubicKrylovSolution> {
    const step = basis.combine(coefficients);
    const product = await apply(operator, step);
    const products = basis.size + (lowest?.steps ?? 0) + 1;
    return { ...describeStep({ gradient, product, step, cubicConstant }, lambda), status, products, smallestRitzValue };
  }
}

function leastCurvature({ bottom: [{ value, residualBound }] }: ExtremeEigenpairs): number {
  return value - residualBound;
}

interface Reduced {
  /** The step in the basis. */
  readonly coefficients: Float64Array;
  readonly lambda: number;
  /** Of the whole problem, relative. */
  readonly residual: number;
  readonly smallestRitzValue: number;
}

function solveReduced(basis: KrylovBasis, gradientNorm: number, cubicConstant: number): Reduced {
  if (basis.size === 0) return { coefficients: new Float64Array(0), lambda: 0, residual: 0, smallestRitzValue: Infinity };
  const projection = basis.projection();
  const eigen = symmetricEigen(projection);
  // The gradient, where there is one, is the first start.
  const gradient = new Float64Array(basis.size);
  gradient[0] = gradientNorm;
  const { step, lambda } = cubicExact(projection, gradient, { cubicConstant, eigen });
  const size = Math.max(gradientNorm, norm(multiply(projection, step)));
  return {
    coefficients: step,
    lambda,
    residual: size === 0 ? 0 : basis.residualNorm(step) / size,
    smallestRitzValue: eigen.values[0],
  };
}
