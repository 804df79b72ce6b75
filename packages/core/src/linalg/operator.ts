import { LetheError } from "../errors/index.ts";
import { expectNonNegative, expectVector } from "./checks.ts";
import { expectSquare, multiply, relativeAsymmetry, symmetryTolerance, type Matrix } from "./matrix.ts";
import { addScaled, scaled } from "./vector.ts";

/**
 * A square matrix that is known by what it does to a vector: a Hessian, a Gauss-Newton matrix, a Fisher matrix, or a matrix in memory.
 *
 * `symmetric` and `definiteness` are promises of whoever made it, which solvers rely on and check as far as they can for free. `apply` never changes
 * its argument and returns a fresh vector; what it throws (the interruption of a run, say) passes through every solver.
 *
 * @example
 * const twice: LinearOperator = {
 *   dimension: 2,
 *   symmetric: "yes",
 *   definiteness: "positive-semidefinite",
 *   apply: (vector) => vector.map((value) => 2 * value),
 * };
 * const { solution } = await conjugateGradients(twice, Float64Array.of(2, 4));
 * solution; // [1, 2]
 */
export interface LinearOperator {
  readonly dimension: number;
  readonly symmetric: "yes" | "no";
  readonly definiteness: "positive-semidefinite" | "unknown";
  apply(vector: Float64Array): Float64Array | Promise<Float64Array>;
}

/**
 * A matrix in memory as an operator; it is symmetric if it equals its transpose to 1e-10 of its largest entry.
 *
 * @param definiteness is taken at its word.
 * @throws LetheError `linalg/not-square`, `linalg/non-finite`; from `apply`, `linalg/dimension-mismatch` and `linalg/non-finite`.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[2, 1], [1, 3]]));
 * operator.symmetric; // "yes"
 * operator.apply(Float64Array.of(1, 1)); // [3, 4]
 */
export function denseOperator(matrix: Matrix, definiteness: LinearOperator["definiteness"] = "unknown"): LinearOperator {
  const dimension = expectSquare("The matrix", matrix);
  return {
    dimension,
    symmetric: relativeAsymmetry(matrix) <= symmetryTolerance ? "yes" : "no",
    definiteness,
    apply(vector) {
      expectVector("The vector", vector, dimension);
      return multiply(matrix, vector);
    },
  };
}

/**
 * `A_1 + A_2 + ...`; symmetric or positive semidefinite where all of them are.
 *
 * @throws LetheError `linalg/dimension-mismatch` unless there is at least one and all have one dimension.
 *
 * @example
 * const one = denseOperator(matrixFromRows([[1]]));
 * await sumOperator([one, one]).apply(Float64Array.of(3)); // [6]
 */
export function sumOperator(terms: readonly LinearOperator[]): LinearOperator {
  const dimensions = terms.map(({ dimension }) => dimension);
  if (new Set(dimensions).size !== 1) {
    throw new LetheError(
      "linalg/dimension-mismatch",
      `The terms of a sum have the dimensions [${dimensions.join(", ")}]; they must have one in common.`,
      {
        dimensions,
      },
    );
  }
  return {
    dimension: dimensions[0],
    symmetric: terms.every(({ symmetric }) => symmetric === "yes") ? "yes" : "no",
    definiteness: terms.every(({ definiteness }) => definiteness === "positive-semidefinite") ? "positive-semidefinite" : "unknown",
    async apply(vector) {
      const sum = new Float64Array(vector.length);
      for (const term of terms) addScaled(sum, 1, await term.apply(vector));
      return sum;
    },
  };
}

/**
 * `factor A`.
 *
 * @throws LetheError `linalg/non-finite` for a factor that is no finite number.
 *
 * @example
 * const one = denseOperator(matrixFromRows([[1]]));
 * await scaledOperator(one, -2).apply(Float64Array.of(3)); // [-6]
 */
export function scaledOperator(operator: LinearOperator, factor: number): LinearOperator {
  if (!Number.isFinite(factor)) throw new LetheError("linalg/non-finite", `The factor is ${factor}; it must be a finite number.`, { factor });
  return {
    dimension: operator.dimension,
    symmetric: operator.symmetric,
    definiteness: factor >= 0 ? operator.definiteness : "unknown",
    apply: async (vector) => scaled(factor, await operator.apply(vector)),
  };
}

/**
 * `A + lambda I`.
 *
 * @param lambda in units of A, at least 0.
 * @throws LetheError `linalg/bad-option`.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[2, 0], [0, -1]]));
 * await damped(operator, 3).apply(Float64Array.of(1, 1)); // [5, 2]
 */
export function damped(operator: LinearOperator, lambda: number): LinearOperator {
  expectNonNegative("lambda", lambda);
  return {
    dimension: operator.dimension,
    symmetric: operator.symmetric,
    definiteness: operator.definiteness,
    async apply(vector) {
      const sum = scaled(lambda, vector);
      addScaled(sum, 1, await operator.apply(vector));
      return sum;
    },
  };
}
