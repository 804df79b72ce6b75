import { LetheError } from "../errors/index.ts";
import { applyReflectorsInPieces, reflectorLength } from "./eigh-block-reflector.ts";
import { packingLength } from "./eigh-product.ts";
import { powerOfTwoScale, signOfLargest, strideOf } from "./eigh-scaling.ts";
import { createWorkspace, slack, type Engine } from "./eigh-workspace.ts";
import { expectSymmetric, type Matrix } from "./matrix.ts";
import { atOnce, withPauses, type PauseOptions, type Pieces } from "./pieces.ts";
import { increasing } from "./tridiagonal-deflation.ts";
import { conquestLength, divideAndConquer, type Selection } from "./tridiagonal-divide-and-conquer.ts";
import { implicitQl } from "./tridiagonal-ql.ts";
import { reduceToTridiagonal, reductionLength } from "./tridiagonal-reduction.ts";

/** `A = V^T diag(values) V` of a symmetric matrix A `[n, n]`. */
export interface SymmetricEigen {
  /** n eigenvalues in increasing order. */
  readonly values: Float64Array;
  /**
   * V `[n, n]`, eigenvectors as rows: row i is the unit eigenvector of `values[i]`, its entry of largest magnitude positive. Where only some were selected, `[to - from, n]`,
   * and row i goes with `values[from + i]`.
   */
  readonly vectors: Matrix;
}

export interface EigenOptions {
  /**
   * Says, of the eigenvalues, which eigenvectors are wanted: k of them cost 3.3 k n^2 of the operations instead of 3.3 n^3. It may be called more than once, always with the
   * same values. Default: all.
   */
  readonly select?: Selection | undefined;
}

/**
 * All eigenvalues and eigenvectors of a dense symmetric matrix A `[n, n]`, in float64: `A = V^T diag(values) V`. Eigenvectors are the rows of V, not its columns.
 *
 * Householder tridiagonalisation, divide and conquer, and block reflectors back, in SIMD WebAssembly where there is any: some 4.7 n^3 operations on one thread, fewer
 * where eigenvalues cluster; at its peak `24 n^2` bytes beside the matrix, and `8 n^2` more for the answer: 0.7 GB at n = 4608.
 *
 * `|A V^T - V^T diag(values)| / |A|` and `|V V^T - I|` stay below `n 2^-52` or little more: eigenvalues are right to rounding of the largest, so that tiny ones
 * beside it may have no digits of their own. Entries that differ from their mirror image by less than 1e-10 of the largest are averaged with it.
 *
 * @throws LetheError `linalg/not-square`, `linalg/non-finite`, `linalg/not-symmetric`, `linalg/out-of-memory`, `linalg/no-convergence`, `linalg/no-such-vectors` (a selection
 * outside 0 .. n).
 *
 * @example
 * const { values, vectors } = symmetricEigen(matrixFromRows([[2, 1], [1, 2]]));
 * values; // [1, 3]
 * rowOf(vectors, 1); // [0.707107, 0.707107]
 */
export function symmetricEigen(matrix: Matrix, options: EigenOptions = {}): SymmetricEigen {
  return decompose(matrix, options);
}

/**
 * {@link symmetricEigen}, the same bits in the same time, with pauses in which the event loop runs: for matrices of a thousand rows and more, which take seconds to
 * minutes. At 4608 rows most pieces between two pauses take some hundredths of a second, the longest some tenths.
 *
 * @param options `pause` is awaited after every piece, and what it throws is thrown: take the context's, which throws once its signal fires. Default: one that only
 * lets the event loop run. `onProgress` is told the share of the work that is done, from 0 to 1; it may jump ahead where eigenvalues cluster.
 * @throws LetheError as {@link symmetricEigen}, and what `pause` throws.
 *
 * @example
 * const { values } = await symmetricEigenAsync(matrixFromRows([[2, 1], [1, 2]]), { pause: context.pause });
 * values; // [1, 3]
 */
export async function symmetricEigenAsync(matrix: Matrix, options: PauseOptions & EigenOptions = {}): Promise<SymmetricEigen> {
  const [size] = matrix.shape;
  // (4/3) n^3 for the reduction, as much for divide and conquer, 2 n^3 for the way back.
  return withPauses(decomposition(matrix, options), (14 / 3) * size ** 3, options);
}

/** {@link symmetricEigen} on an engine of the caller's choice. */
export function decompose(matrix: Matrix, options: EigenOptions = {}, engine?: Engine): SymmetricEigen {
  return atOnce(decomposition(matrix, options, engine));
}

function* decomposition(matrix: Matrix, { select: chosen }: EigenOptions, engine?: Engine): Pieces<SymmetricEigen> {
  const size = expectSymmetric("The matrix", matrix);
  if (size === 0) return { values: new Float64Array(0), vectors: { shape: [0, 0], values: new Float64Array(0) } };
  const scale = powerOfTwoScale(matrix.values);
  const stride = strideOf(size);
  const steps = reductionLength(size, stride) + conquestLength(size) + reflectorLength(size - 1, size, stride);
  const packed = packingLength(2 * size, size);
  const numbers = 3 * size * stride + steps + packed + slack;
  const workspace = createWorkspace(numbers, engine);
  const { heap } = workspace;
  const packing = workspace.claim(packed);
  const [a, vectors, copy] = [workspace.claim(size * stride), workspace.claim(size * stride), workspace.claim(size * stride)];
  yield 0;
  load(heap, a, stride, matrix, scale);
  yield 0;
  const tridiagonal = yield* reduceToTridiagonal(workspace, a, stride, size, packing);
  const select: Selection = (scaled) => expectRange(chosen?.(scaled.map((value) => value / scale)) ?? { from: 0, to: size }, size);
  yield* divideAndConquer(workspace, { tridiagonal, vectors, copy, stride, packing }, chosen && select);
  const order = increasing(tridiagonal.diagonal);
  const values = Float64Array.from(order, (row) => tridiagonal.diagonal[row]);
  const { from, to } = select(values);
  const wanted = order.slice(from, to);
  const rows = wanted.toSorted();
  if (rows.length < size) rows.forEach((row, i) => heap.copyWithin(vectors + i * stride, vectors + row * stride, vectors + row * stride + size));
  const reflectors = { at: a, stride, shift: 1, factors: tridiagonal.factors, count: size - 1, length: size };
  yield* applyReflectorsInPieces(workspace, reflectors, { at: vectors, stride, rows: rows.length, packing });
  const place = new Map(Array.from(rows, (row, i) => [row, i]));
  const places = Array.from(wanted, (row) => vectors + place.get(row)! * stride);
  return { values: values.map((value) => value / scale), vectors: yield* collect(heap, places, size) };
}

function expectRange(range: { readonly from: number; readonly to: number }, size: number) {
  const { from, to } = range;
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= size) return range;
  const sentence = `Eigenvectors ${from} to ${to} were selected of a matrix of ${size} rows; select from 0 to at most ${size}.`;
  throw new LetheError("linalg/no-such-vectors", sentence, { from, to, size });
}

/**
 * The eigenvalues alone, in increasing order: (4/3) n^3 operations and 8 n^2 bytes, less than a third of {@link symmetricEigen}'s; equal to its values up to rounding.
 *
 * @throws LetheError as {@link symmetricEigen}.
 *
 * @example
 * symmetricEigenvalues(matrixFromRows([[0, 1], [1, 0]])); // [-1, 1]
 */
export function symmetricEigenvalues(matrix: Matrix): Float64Array {
  const size = expectSymmetric("The matrix", matrix);
  if (size === 0) return new Float64Array(0);
  const scale = powerOfTwoScale(matrix.values);
  const stride = strideOf(size);
  const packed = packingLength(2 * size, size);
  const workspace = createWorkspace(size * stride + reductionLength(size, stride) + packed + slack);
  const packing = workspace.claim(packed);
  const a = workspace.claim(size * stride);
  load(workspace.heap, a, stride, matrix, scale);
  const tridiagonal = atOnce(reduceToTridiagonal(workspace, a, stride, size, packing));
  implicitQl(tridiagonal, () => undefined);
  return tridiagonal.diagonal.map((value) => value / scale).toSorted();
}

/** Rows that are moved at once. */
const tile = 64;

/** The upper triangle, symmetrised and scaled. */
function load(heap: Float64Array, a: number, stride: number, { shape: [size], values }: Matrix, scale: number): void {
  const half = scale / 2;
  // In tiles, since one of the two triangles is read down its columns.
  for (let top = 0; top < size; top += tile) {
    for (let side = top; side < size; side += tile) {
      for (let i = top; i < Math.min(top + tile, size); i++) {
        for (let j = Math.max(side, i); j < Math.min(side + tile, size); j++) {
          heap[a + i * stride + j] = values[i * size + j] * half + values[j * size + i] * half;
        }
      }
    }
  }
}

/** @param places of the vectors, in the order of their values. */
function* collect(heap: Float64Array, places: readonly number[], size: number): Pieces<Matrix> {
  const values = new Float64Array(places.length * size);
  for (const [i, at] of places.entries()) {
    const vector = heap.subarray(at, at + size);
    const sign = signOfLargest(vector);
    for (let k = 0; k < size; k++) values[i * size + k] = sign * vector[k];
    if (i % tile === tile - 1) yield 0;
  }
  return { shape: [places.length, size], values };
}
