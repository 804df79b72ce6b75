import type { Random } from "../../random/index.ts";
import { expectCount, expectNonNegative, expectPositive, expectSymmetricOperator, expectVector } from "../checks.ts";
import type { LinearOperator } from "../operator.ts";
import { addScaled, norm, scaled, unitVector } from "../vector.ts";
import { cauchyPoint } from "./cauchy.ts";
import { cubicModelValue, describeStep, expectCubicProblem, type CubicSolution } from "./model.ts";

export interface CubicGradientDescentOptions {
  /** M, greater than 0. */
  readonly cubicConstant: number;
  /** eta, in units of 1 / H; below 1 / (4 (||H|| + M ||s||)) the descent is monotone. */
  readonly stepSize: number;
  /** T, steps of one product each. */
  readonly iterations: number;
  /** Where to begin; default the Cauchy point, as CureNewton does. */
  readonly start?: "cauchy" | "zero";
  /** Adds `size` times a random unit vector to the gradient that is descended, so that a saddle point is left; default none. */
  readonly perturbation?: { readonly size: number; readonly random: Random };
  /** Stop early at `||g + H s + lambda s|| <= relativeTolerance max(||g||, ||H s||)`, g perturbed; default 0, never. */
  readonly relativeTolerance?: number;
}

/**
 * - `stationary`: the tolerance is met. Descent cannot see whether that is a minimiser or a saddle point.
 * - `budget-reached`: all iterations were made, as the released algorithm does.
 * - `diverged`: the descended function ended above its start, or left the finite numbers; `step` is the start. Take a smaller step size.
 */
export type CubicGradientDescentStatus = "stationary" | "budget-reached" | "diverged";

export interface CubicGradientDescentSolution extends CubicSolution<CubicGradientDescentStatus> {
  /** Steps made. */
  readonly iterations: number;
}

/**
 * The cubic model (see {@link CubicSolution}) by gradient descent, `s <- s - eta (g + sigma z + H s + (M / 2) ||s|| s)` with z drawn once from the
 * unit sphere: the inner loop of CureNewton's stochastic variant, and with `start: "zero"` that of Tripuraneni et al. 2018. What is returned is
 * measured on the unperturbed model, of which a perturbation of size sigma misses the minimiser by as much as sigma moves it.
 *
 * One product per step, and one for the Cauchy point.
 *
 * @throws LetheError `linalg/not-symmetric`, `linalg/bad-option`, `linalg/dimension-mismatch`, `linalg/non-finite`.
 *
 * @example
 * const hessian = denseOperator(matrixFromRows([[2, 0], [0, 1]]));
 * const options = { cubicConstant: 6, stepSize: 0.05, iterations: 5 };
 * const { step } = await cubicGradientDescent(hessian, Float64Array.of(1, 1), options);
 * step; // [-0.309494, -0.372923]
 */
export async function cubicGradientDescent(
  operator: LinearOperator,
  gradient: Float64Array,
  options: CubicGradientDescentOptions,
): Promise<CubicGradientDescentSolution> {
  const { cubicConstant, stepSize, iterations, start = "cauchy", perturbation, relativeTolerance = 0 } = options;
  const { dimension } = operator;
  expectSymmetricOperator("cubicGradientDescent", operator);
  expectCubicProblem(gradient, dimension, cubicConstant);
  expectPositive("stepSize", stepSize);
  expectCount("iterations", iterations, 0);
  expectNonNegative("perturbation.size", perturbation?.size ?? 0);
  expectNonNegative("relativeTolerance", relativeTolerance);

  const zero: Point = { step: new Float64Array(dimension), product: new Float64Array(dimension) };
  // From the clean gradient: the perturbation comes after the Cauchy point.
  const begin: Point = start === "cauchy" ? await cauchyPoint(operator, gradient, { cubicConstant }) : zero;
  const perturbed = Float64Array.from(gradient);
  if (perturbation) addScaled(perturbed, perturbation.size, unitVector(dimension, perturbation.random));

  const heightOf = (product: Float64Array, step: Float64Array) => cubicModelValue(perturbed, product, step, cubicConstant);
  const beginHeight = heightOf(begin.product, begin.step);
  let { step, product } = begin;
  let height = beginHeight;
  let made = 0;
  const result = (status: CubicGradientDescentStatus, from: Point) => ({
    ...describeStep({ gradient, product: from.product, step: from.step, cubicConstant }),
    status,
    iterations: made,
  });
  for (;;) {
    const descent = modelGradient(perturbed, product, step, cubicConstant);
    const stationary = norm(descent) <= relativeTolerance * Math.max(norm(perturbed), norm(product));
    if (stationary || made === iterations) {
      const descended = height <= beginHeight + 1e-12 * Math.abs(beginHeight);
      if (!descended) return result("diverged", begin);
      return result(stationary ? "stationary" : "budget-reached", { step, product });
    }
    const next = Float64Array.from(step);
    addScaled(next, -stepSize, descent);
    if (!next.every(Number.isFinite)) return result("diverged", begin);
    const image = await operator.apply(next);
    // Of a point that was climbed to, the operator may well know no product; of any other, a NaN is its own fault.
    if (!(height <= beginHeight) && !image.every(Number.isFinite)) return result("diverged", begin);
    expectVector("The operator's product", image, dimension);
    [step, product] = [next, image];
    height = heightOf(product, step);
    made++;
  }
}

interface Point {
  readonly step: Float64Array;
  /** H step. */
  readonly product: Float64Array;
}

function modelGradient(gradient: Float64Array, product: Float64Array, step: Float64Array, cubicConstant: number): Float64Array {
  const sum = scaled((cubicConstant / 2) * norm(step), step);
  addScaled(sum, 1, gradient);
  addScaled(sum, 1, product);
  return sum;
}
