import { LetheError } from "../errors/index.ts";

/**
 * Float64 numbers in host memory, row-major: entry (i, j) is `values[i * shape[1] + j]`. A host tensor of two axes is one.
 *
 * Where a matrix is a list of vectors (eigenvectors, singular vectors), they are its rows, each in one piece of memory: {@link rowOf}.
 */
export interface Matrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly values: Float64Array;
}

/**
 * How far `|a_ij - a_ji|` may be from zero, relative to the largest entry, in a matrix that a symmetric solver takes: rounding in float64 passes, a
 * Hessian whose columns were computed in float32 does not, and is to be symmetrised first.
 */
export const symmetryTolerance = 1e-10;

/**
 * A matrix from its rows.
 *
 * @throws LetheError `linalg/dimension-mismatch` where the rows differ in length.
 *
 * @example
 * const hessian = matrixFromRows([[2, 0], [0, -1]]);
 * hessian.shape; // [2, 2]
 */
export function matrixFromRows(rows: readonly ArrayLike<number>[]): Matrix {
  const columns = rows[0]?.length ?? 0;
  const values = new Float64Array(rows.length * columns);
  for (const [i, row] of rows.entries()) {
    if (row.length !== columns) {
      throw new LetheError("linalg/dimension-mismatch", `Row ${i} has ${row.length} entries where row 0 has ${columns}; give every row as many.`, {
        row: i,
        length: row.length,
        columns,
      });
    }
    values.set(row, i * columns);
  }
  return { shape: [rows.length, columns], values };
}

/**
 * Row i, `shape[1]` numbers: a view of the matrix's memory and no copy.
 *
 * @example
 * rowOf(matrixFromRows([[1, 2], [3, 4]]), 1); // [3, 4]
 */
export function rowOf({ shape: [, columns], values }: Matrix, i: number): Float64Array {
  return values.subarray(i * columns, (i + 1) * columns);
}

/**
 * `(A + A^T) / 2`, for a matrix that is symmetric but for the errors of whoever computed it.
 *
 * @throws LetheError `linalg/not-square`, `linalg/non-finite`.
 *
 * @example
 * symmetrise(matrixFromRows([[1, 2], [4, 3]])).values; // [1, 3, 3, 3]
 */
export function symmetrise(matrix: Matrix): Matrix {
  const dimension = expectSquare("The matrix", matrix);
  const values = new Float64Array(matrix.values.length);
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < dimension; j++) values[i * dimension + j] = (matrix.values[i * dimension + j] + matrix.values[j * dimension + i]) / 2;
  }
  return { shape: [dimension, dimension], values };
}

/**
 * The dimension of a finite square matrix.
 *
 * @throws LetheError `linalg/not-square`, `linalg/non-finite`.
 */
export function expectSquare(what: string, matrix: Matrix): number {
  const {
    shape: [rows, columns],
    values,
  } = matrix;
  if (rows !== columns || values.length !== rows * columns) {
    throw new LetheError("linalg/not-square", `${what} has shape [${rows}, ${columns}] and ${values.length} values; a square matrix is needed.`, {
      shape: [rows, columns],
      values: values.length,
    });
  }
  expectFinite(what, matrix);
  return rows;
}

/** @throws LetheError `linalg/non-finite` with the first entry that is not. */
export function expectFinite(what: string, { shape: [, columns], values }: Matrix): void {
  // A loop: a callback for each of millions of entries takes three times as long.
  let bad = 0;
  while (bad < values.length && Number.isFinite(values[bad])) bad++;
  if (bad === values.length) return;
  const entry = [Math.floor(bad / columns), bad % columns];
  throw new LetheError("linalg/non-finite", `${what} holds ${values[bad]} at row ${entry[0]}, column ${entry[1]}; mend what computed it.`, {
    entry,
    value: values[bad],
  });
}

/**
 * The dimension of a finite symmetric matrix.
 *
 * @throws LetheError `linalg/not-square`, `linalg/non-finite`, `linalg/not-symmetric` beyond {@link symmetryTolerance}.
 */
export function expectSymmetric(what: string, matrix: Matrix): number {
  const dimension = expectSquare(what, matrix);
  const asymmetry = relativeAsymmetry(matrix);
  if (asymmetry <= symmetryTolerance) return dimension;
  throw new LetheError(
    "linalg/not-symmetric",
    `${what} differs from its transpose by ${asymmetry.toExponential(1)} of its largest entry, more than ${symmetryTolerance}; symmetrise it if that is noise.`,
    { asymmetry, tolerance: symmetryTolerance },
  );
}

/** `max |a_ij - a_ji| / max |a_ij|`, 0 for the zero matrix. */
export function relativeAsymmetry({ shape: [dimension], values }: Matrix): number {
  let largest = 0;
  let difference = 0;
  const tile = 64;
  // In tiles, since one of the two triangles is read down its columns.
  for (let top = 0; top < dimension; top += tile) {
    for (let side = 0; side <= top; side += tile) {
      for (let i = top; i < Math.min(top + tile, dimension); i++) {
        for (let j = side; j < Math.min(side + tile, i + 1); j++) {
          const [lower, upper] = [values[i * dimension + j], values[j * dimension + i]];
          largest = Math.max(largest, Math.abs(lower), Math.abs(upper));
          difference = Math.max(difference, Math.abs(lower - upper));
        }
      }
    }
  }
  return largest === 0 ? 0 : difference / largest;
}

/** `A v`, fresh. */
export function multiply({ shape: [rows, columns], values }: Matrix, vector: Float64Array): Float64Array {
  const product = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += values[i * columns + j] * vector[j];
    product[i] = sum;
  }
  return product;
}

/** `A^T v`, fresh. */
export function multiplyTransposed({ shape: [rows, columns], values }: Matrix, vector: Float64Array): Float64Array {
  const product = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) product[j] += values[i * columns + j] * vector[i];
  return product;
}
