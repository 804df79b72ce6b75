import { LetheError } from "../errors/index.ts";
import { expectVector } from "./checks.ts";
import { expectSymmetric, type Matrix } from "./matrix.ts";

/** `A = L L^T`, L lower triangular with a positive diagonal. */
export interface CholeskyFactor {
  readonly lower: Matrix;
}

/**
 * Cholesky factor of a symmetric positive definite matrix, `[d, d]`; d^3 / 3 multiplications. Backward stable: a solution by it solves a system whose
 * matrix is within about d * 1e-16 of the given one, so that its relative error is about that times the condition number.
 *
 * @throws LetheError `linalg/not-positive-definite` with the pivot that failed, `linalg/not-symmetric`, `linalg/not-square`, `linalg/non-finite`.
 *
 * @example
 * const factor = cholesky(matrixFromRows([[4, 2], [2, 5]]));
 * factor.lower.values; // [2, 0, 1, 2]
 * choleskySolve(factor, Float64Array.of(8, 12)); // [1, 2]
 */
export function cholesky(matrix: Matrix): CholeskyFactor {
  const dimension = expectSymmetric("The matrix", matrix);
  const { values } = matrix;
  const lower = new Float64Array(values.length);
  for (let j = 0; j < dimension; j++) {
    const pivot = values[j * dimension + j] - partialProduct(lower, dimension, j, j);
    if (!(pivot > 0)) {
      throw new LetheError(
        "linalg/not-positive-definite",
        `The matrix is not positive definite: pivot ${j} of ${dimension} is ${pivot}; add damping to its diagonal, or use a solver for indefinite matrices.`,
        { pivot: j, value: pivot, dimension },
      );
    }
    const root = Math.sqrt(pivot);
    lower[j * dimension + j] = root;
    for (let i = j + 1; i < dimension; i++) lower[i * dimension + j] = (values[i * dimension + j] - partialProduct(lower, dimension, i, j)) / root;
  }
  return { lower: { shape: [dimension, dimension], values: lower } };
}

/**
 * `A^-1 b` from the factor of A.
 *
 * @throws LetheError `linalg/dimension-mismatch`, `linalg/non-finite`.
 *
 * @example
 * choleskySolve(cholesky(matrixFromRows([[2, 0], [0, 4]])), Float64Array.of(1, 1)); // [0.5, 0.25]
 */
export function choleskySolve({ lower: { shape, values } }: CholeskyFactor, rightHandSide: Float64Array): Float64Array {
  const dimension = shape[0];
  expectVector("The right-hand side", rightHandSide, dimension);
  const solution = Float64Array.from(rightHandSide);
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < i; j++) solution[i] -= values[i * dimension + j] * solution[j];
    solution[i] /= values[i * dimension + i];
  }
  for (let i = dimension - 1; i >= 0; i--) {
    solution[i] /= values[i * dimension + i];
    for (let j = 0; j < i; j++) solution[j] -= values[i * dimension + j] * solution[i];
  }
  return solution;
}

/**
 * `log det A` from the factor of A.
 *
 * @example
 * logDeterminant(cholesky(matrixFromRows([[2, 0], [0, 3]]))); // Math.log(6)
 */
export function logDeterminant({ lower: { shape, values } }: CholeskyFactor): number {
  let sum = 0;
  for (let i = 0; i < shape[0]; i++) sum += 2 * Math.log(values[i * shape[0] + i]);
  return sum;
}

/** Sum over k < j of l_ik l_jk. */
function partialProduct(lower: Float64Array, dimension: number, i: number, j: number): number {
  let sum = 0;
  for (let k = 0; k < j; k++) sum += lower[i * dimension + k] * lower[j * dimension + k];
  return sum;
}
