import { expectSymmetric, type Matrix } from "./matrix.ts";
import type { SymmetricEigen } from "./symmetric-eigen.ts";
import { machineEpsilon } from "./vector.ts";

/** Sweeps of a matrix of a thousand rows stay below fifteen. */
const maximumSweeps = 60;

/**
 * What `symmetricEigen` computes, by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 4th ed., section 8.5): slow, about 30 d^3
 * operations, and so simple that it is what the fast routine is checked against. The signs of the vectors are whatever comes out.
 *
 * @throws LetheError `linalg/not-symmetric`, `linalg/not-square`, `linalg/non-finite`.
 *
 * @example
 * jacobiEigen(matrixFromRows([[0, 1], [1, 0]])).values; // [-1, 1]
 */
export function jacobiEigen(matrix: Matrix): SymmetricEigen {
  const dimension = expectSymmetric("The matrix", matrix);
  const a = Float64Array.from(matrix.values);
  const vectors = new Float64Array(a.length);
  for (let i = 0; i < dimension; i++) vectors[i * dimension + i] = 1;
  for (let sweep = 0; sweep < maximumSweeps; sweep++) {
    let rotations = 0;
    for (let p = 0; p < dimension - 1; p++) for (let q = p + 1; q < dimension; q++) rotations += rotate(a, vectors, dimension, p, q);
    if (rotations === 0) break;
  }
  return sorted(a, vectors, dimension);
}

/** Makes entry (p, q) zero; 0 where it is negligible beside its diagonal already. */
function rotate(a: Float64Array, vectors: Float64Array, dimension: number, p: number, q: number): 0 | 1 {
  const off = a[p * dimension + q];
  const [app, aqq] = [a[p * dimension + p], a[q * dimension + q]];
  if (off === 0 || Math.abs(off) <= (machineEpsilon / 4) * Math.sqrt(Math.abs(app)) * Math.sqrt(Math.abs(aqq))) return 0;
  const ratio = (aqq - app) / (2 * off);
  const tangent = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = tangent * cosine;
  for (let k = 0; k < dimension; k++) turn(a, k * dimension + p, k * dimension + q, cosine, sine);
  for (let k = 0; k < dimension; k++) turn(a, p * dimension + k, q * dimension + k, cosine, sine);
  for (let k = 0; k < dimension; k++) turn(vectors, p * dimension + k, q * dimension + k, cosine, sine);
  a[p * dimension + p] = app - tangent * off;
  a[q * dimension + q] = aqq + tangent * off;
  a[p * dimension + q] = 0;
  a[q * dimension + p] = 0;
  return 1;
}

function turn(values: Float64Array, at: number, other: number, cosine: number, sine: number): void {
  const [x, y] = [values[at], values[other]];
  values[at] = cosine * x - sine * y;
  values[other] = sine * x + cosine * y;
}

function sorted(diagonalised: Float64Array, vectors: Float64Array, dimension: number): SymmetricEigen {
  const diagonal = Float64Array.from({ length: dimension }, (_, i) => diagonalised[i * (dimension + 1)]);
  const order = [...diagonal.keys()].toSorted((i, j) => diagonal[i] - diagonal[j]);
  const rows = new Float64Array(vectors.length);
  for (const [i, from] of order.entries()) rows.set(vectors.subarray(from * dimension, (from + 1) * dimension), i * dimension);
  return { values: Float64Array.from(order, (i) => diagonal[i]), vectors: { shape: [dimension, dimension], values: rows } };
}
