import { LetheError } from "../../errors/index.ts";
import { expectVector } from "../checks.ts";
import { expectSymmetric, multiply, multiplyTransposed, rowOf, type Matrix } from "../matrix.ts";
import { symmetricEigen, type SymmetricEigen } from "../symmetric-eigen.ts";
import { addScaled, divided, machineEpsilon, norm, scaled } from "../vector.ts";
import { describeStep, expectCubicProblem, type CubicSolution } from "./model.ts";
import { solveSecular } from "./secular.ts";

export interface CubicExactOptions {
  /** M, greater than 0. */
  readonly cubicConstant: number;
  /** Of the Hessian, where it is at hand: one decomposition serves any number of gradients and constants. */
  readonly eigen?: SymmetricEigen;
}

/** `stagnated`: the equation for lambda could not be solved to 1e-10, which only numbers near the ends of float64 bring about. */
export interface CubicExactSolution extends CubicSolution<"converged" | "stagnated"> {
  /** `one-of-several` in the hard case, where adding any vector of fitting length from the lowest eigenspace gives as low a value. */
  readonly minimiser: "unique" | "one-of-several";
}

/** Below this share of the whole, a component of the gradient or a gap between eigenvalues is taken for rounding. */
const negligible = 1e-12;

const acceptedResidual = 1e-10;

/**
 * The global minimiser of the cubic model (see {@link CubicSolution}) for a Hessian in memory, `[d, d]`: eigenvalues, then one equation in lambda.
 * The hard case, in which the gradient has no component on the lowest eigenspace of an indefinite Hessian, is solved too; of its two or more
 * minimisers the one is returned whose component along the lowest eigenvector has the sign that makes that vector's first entry of any size positive.
 *
 * Attainable: `||g + H s + lambda s||` of about d * 1e-16 of `||g|| + (||H|| + lambda) ||s||`, as for any float64 method. Relative to `||g||` that
 * may be larger by the condition number of H + lambda I, and so may the error of the step. Near the hard case lambda comes close to -lambda_min, and
 * the component along that eigenvector loses as many digits as they agree in. Components of the gradient below 1e-12 of its length count as none.
 *
 * Differs from the code published with CureNewton, which fails for positive definite and for singular Hessians, takes the wrong sign in the hard
 * case, and stops at an absolute error of 1e-4 in ||s||.
 *
 * @throws LetheError `linalg/not-symmetric`, `linalg/not-square`, `linalg/dimension-mismatch`, `linalg/non-finite`, `linalg/bad-option`,
 * `linalg/out-of-range`.
 *
 * @example
 * const hessian = matrixFromRows([[2, 0], [0, -1]]);
 * const { step, lambda } = cubicExact(hessian, Float64Array.of(1, 1), { cubicConstant: 6 });
 * step; // [-0.230353, -0.745618]
 * lambda; // 2.34117
 * cubicExact(hessian, Float64Array.of(1, 0), { cubicConstant: 1 }).minimiser; // "one-of-several"
 */
export function cubicExact(hessian: Matrix, gradient: Float64Array, { cubicConstant, eigen }: CubicExactOptions): CubicExactSolution {
  const dimension = expectSymmetric("The Hessian", hessian);
  expectCubicProblem(gradient, dimension, cubicConstant);
  if (eigen) expectVector("The list of eigenvalues", eigen.values, dimension);
  const decomposition = eigen ?? symmetricEigen(hessian);
  const { step, lambda, minimiser, residual } = minimise(decomposition, gradient, cubicConstant);
  if (!Number.isFinite(lambda) || !step.every(Number.isFinite)) throw outOfRange();
  const described = describeStep({ gradient, product: multiply(hessian, step), step, cubicConstant }, lambda);
  if (!Number.isFinite(described.modelValue)) throw outOfRange();
  return {
    ...described,
    residuals: { ...described.residuals, definiteness: decomposition.values[0] + lambda },
    minimiser,
    status: residual <= acceptedResidual ? "converged" : "stagnated",
  };
}

function outOfRange(): LetheError {
  return new LetheError(
    "linalg/out-of-range",
    "The cubic step leaves the numbers that float64 can hold; state the Hessian, the gradient and M in other units.",
  );
}

interface Minimiser {
  readonly step: Float64Array;
  readonly lambda: number;
  readonly minimiser: "unique" | "one-of-several";
  /** Of the equation for lambda. */
  readonly residual: number;
}

function minimise({ values, vectors }: SymmetricEigen, gradient: Float64Array, cubicConstant: number): Minimiser {
  const dimension = values.length;
  const spread = Math.max(Math.abs(values[0]), Math.abs(values[dimension - 1]));
  // An eigenvalue of zero comes out of the decomposition as this or less.
  const rounding = dimension * machineEpsilon * spread;
  const least = values[0] < -rounding ? -values[0] : 0;
  const lowest = (length: number): Float64Array => scaled(length, withPositiveStart(rowOf(vectors, 0)));
  const length = norm(gradient);
  if (length === 0) {
    const step = least > 0 ? lowest((2 * least) / cubicConstant) : new Float64Array(dimension);
    return { step, lambda: least, minimiser: least > 0 ? "one-of-several" : "unique", residual: 0 };
  }

  // In these units ||g|| = 1 and lambda = ||s||: they are lambda and ||s|| of the problem without H, and keep all squares within range.
  const unit = Math.sqrt(cubicConstant) * Math.sqrt(length / 2);
  const stepUnit = Math.sqrt(length / 2 / cubicConstant) * 2;
  const components = multiply(vectors, divided(gradient, length));
  const poles = values.map((value) => Math.max(0, (value + least) / unit));
  const stepOf = (inBasis: Float64Array): Float64Array => scaled(stepUnit, multiplyTransposed(vectors, inBasis));

  if (least > 0) {
    const isLow = values.map((value) => Number(value - values[0] <= negligible * spread));
    const onLowest = norm(components.map((component, i) => component * isLow[i]));
    if (onLowest <= Math.max(negligible, dimension * machineEpsilon)) {
      const above = components.map((component, i) => (isLow[i] ? 0 : -component / poles[i]));
      const [reached, wanted] = [norm(above), least / unit];
      if (reached <= wanted) {
        // At the boundary of the case the two are equal up to rounding, of which the root would make eight false digits.
        const along = wanted - reached <= 8 * machineEpsilon * wanted ? 0 : Math.sqrt((wanted - reached) * (wanted + reached));
        const step = stepOf(above);
        addScaled(step, 1, lowest(stepUnit * along));
        return { step, lambda: least, minimiser: along > 0 ? "one-of-several" : "unique", residual: 0 };
      }
    }
  }
  const { mu, residual } = solveSecular({ poles, components, least: least / unit });
  return { step: stepOf(components.map((component, i) => -component / (poles[i] + mu))), lambda: least + unit * mu, minimiser: "unique", residual };
}

/** An eigenvector's sign is arbitrary; this makes it the same whatever computed it. Entries that are rounding beside the largest have no say. */
function withPositiveStart(vector: Float64Array): Float64Array {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const first = vector.find((value) => Math.abs(value) > 1e-8 * largest) ?? 1;
  return first < 0 ? scaled(-1, vector) : vector;
}
