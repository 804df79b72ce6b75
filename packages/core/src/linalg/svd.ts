import { LetheError } from "../errors/index.ts";
import { applyReflectors, reflectorLength } from "./eigh-block-reflector.ts";
import { packingLength } from "./eigh-product.ts";
import { powerOfTwoScale, signOfLargest, strideOf } from "./eigh-scaling.ts";
import { createWorkspace, slack, type Engine } from "./eigh-workspace.ts";
import { bidiagonalQr } from "./svd-bidiagonal-qr.ts";
import { bidiagonalisationLength, bidiagonalise } from "./svd-bidiagonalisation.ts";
import { RotationQueue, rotationLength } from "./svd-rotations.ts";
import { expectFinite, type Matrix } from "./matrix.ts";
import { increasing } from "./tridiagonal-deflation.ts";

/** `A = L^T diag(values) R` of a matrix A `[m, n]`, with `k = min(m, n)` singular values. */
export interface SingularValueDecomposition {
  /** k numbers in decreasing order, none negative. */
  readonly values: Float64Array;
  /** L `[k, m]`, vectors as rows: row i is the unit left singular vector of `values[i]`. */
  readonly left: Matrix;
  /** R `[k, n]`, vectors as rows: row i is the unit right singular vector of `values[i]`, its entry of largest magnitude positive. */
  readonly right: Matrix;
}

/**
 * The thin singular value decomposition of a dense matrix A `[m, n]`, in float64, `A = L^T diag(values) R` with singular vectors as rows, through Householder bidiagonalisation and implicit QR sweeps, never the Gram matrix.
 *
 * `|A - L^T diag(values) R| / |A|` is a small multiple of `max(m, n) 2^-52`, and so, relative to the largest, is the error of every singular value; the
 * vectors are orthonormal to the same degree, those of zeros too. With m >= n, `8 m n^2 - (4/3) n^3` operations for the reduction and the way back and about `12 n^3` for the
 * sweeps: of a large square matrix it takes several times as long as `symmetricEigen`. At its peak `8 (3 m n + n^2)` bytes beside matrix and answer.
 *
 * @throws LetheError `linalg/dimension-mismatch`, `linalg/non-finite`, `linalg/out-of-memory`, `linalg/no-convergence`.
 *
 * @example
 * const { values, left, right } = singularValueDecomposition(matrixFromRows([[0, 2], [-1, 0]]));
 * values; // [2, 1]
 * left.values; // [1, 0, 0, -1]
 * right.values; // [0, 1, 1, 0]
 */
export function singularValueDecomposition(matrix: Matrix): SingularValueDecomposition {
  return decomposeRectangular(matrix);
}

/** {@link singularValueDecomposition} on an engine of the caller's choice. */
export function decomposeRectangular(matrix: Matrix, engine?: Engine): SingularValueDecomposition {
  const [height, width] = expectFilled(matrix);
  const tall = height >= width;
  const [rows, columns] = tall ? [height, width] : [width, height];
  if (columns === 0) return { values: new Float64Array(0), left: empty(height), right: empty(width) };
  const scale = powerOfTwoScale(matrix.values);
  const [stride, longStride] = [strideOf(columns), strideOf(rows)];
  const matrices = rows * stride + 2 * columns * longStride + columns * stride;
  const steps = bidiagonalisationLength(rows, columns, stride, longStride) + 2 * rotationLength(columns);
  const returning = reflectorLength(columns, columns, longStride) + reflectorLength(columns, columns, stride);
  const packed = packingLength(2 * rows, rows);
  const workspace = createWorkspace(matrices + steps + returning + packed + slack, engine);
  const { heap } = workspace;
  const packing = workspace.claim(packed);
  const a = workspace.claim(rows * stride);
  const [long, left] = [workspace.claim(columns * longStride), workspace.claim(columns * longStride)];
  const right = workspace.claim(columns * stride);
  const [byRow, byColumn] = tall ? [width, 1] : [1, width];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) heap[a + i * stride + j] = scale * matrix.values[i * byRow + j * byColumn];
  }

  const bidiagonal = bidiagonalise(workspace, { a, stride, left: long, leftStride: longStride, rows, columns, packing });
  for (let i = 0; i < columns; i++) heap[left + i * longStride + i] = heap[right + i * stride + i] = 1;
  const leftRows = new RotationQueue(workspace, { at: left, stride: longStride, rows: columns, columns });
  const rightRows = new RotationQueue(workspace, { at: right, stride, rows: columns, columns });
  bidiagonalQr({
    ...bidiagonal,
    rotateLeft: (u, v, cosine, sine) => leftRows.rotate(u, v, cosine, sine),
    rotateRight: (u, v, cosine, sine) => rightRows.rotate(u, v, cosine, sine),
  });
  leftRows.flush();
  rightRows.flush();
  const downward = { at: long, stride: longStride, shift: 0, factors: bidiagonal.leftFactors, count: columns, length: rows };
  applyReflectors(workspace, downward, { at: left, stride: longStride, rows: columns, packing });
  const along = { at: a, stride, shift: 1, factors: bidiagonal.rightFactors, count: columns - 1, length: columns };
  applyReflectors(workspace, along, { at: right, stride, rows: columns, packing });

  const lines = [
    { at: left, stride: longStride, length: rows },
    { at: right, stride, length: columns },
  ] as const;
  const [first, second] = tall ? lines : ([lines[1], lines[0]] as const);
  return collect(heap, bidiagonal.diagonal, scale, first, second);
}

interface Rows {
  readonly at: number;
  readonly stride: number;
  readonly length: number;
}

function collect(heap: Float64Array, signed: Float64Array, scale: number, left: Rows, right: Rows): SingularValueDecomposition {
  const count = signed.length;
  const values = new Float64Array(count);
  const [lefts, rights] = [new Float64Array(count * left.length), new Float64Array(count * right.length)];
  const order = increasing(signed.map((value) => -Math.abs(value)));
  for (const [i, row] of order.entries()) {
    values[i] = Math.abs(signed[row]) / scale;
    const vector = heap.subarray(right.at + row * right.stride, right.at + row * right.stride + right.length);
    const sign = signOfLargest(vector);
    const leftSign = signed[row] < 0 ? -sign : sign;
    for (let k = 0; k < right.length; k++) rights[i * right.length + k] = sign * vector[k];
    for (let k = 0; k < left.length; k++) lefts[i * left.length + k] = leftSign * heap[left.at + row * left.stride + k];
  }
  return { values, left: { shape: [count, left.length], values: lefts }, right: { shape: [count, right.length], values: rights } };
}

function empty(columns: number): Matrix {
  return { shape: [0, columns], values: new Float64Array(0) };
}

function expectFilled(matrix: Matrix): readonly [rows: number, columns: number] {
  const {
    shape: [rows, columns],
    values,
  } = matrix;
  if (values.length !== rows * columns) {
    const sentence = `The matrix has ${values.length} values where ${rows} rows and ${columns} columns need ${rows * columns}; give as many.`;
    throw new LetheError("linalg/dimension-mismatch", sentence, { rows, columns, values: values.length });
  }
  expectFinite("The matrix", matrix);
  return matrix.shape;
}
