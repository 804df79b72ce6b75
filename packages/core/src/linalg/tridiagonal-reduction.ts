import { multiplySubtractUpperInPieces } from "./eigh-product.ts";
import { reflect } from "./eigh-reflector.ts";
import type { Workspace } from "./eigh-workspace.ts";
import type { Pieces } from "./pieces.ts";

/** A real symmetric tridiagonal matrix: `diagonal` [n], `offDiagonal` [n - 1] or longer. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
}

/** `A = Q T Q^T`. Row j of A now holds the Householder vector v of `H_j = I - factors[j] v v^T` from column j + 1 on; `Q = H_0 H_1 ... H_{n-2}`. */
export interface Reduced extends Tridiagonal {
  readonly factors: Float64Array;
}

/** Reflectors that are gathered before the rest of the matrix sees them: more of them make the product faster and the panel slower. */
const panelRows = 32;

/** Numbers that {@link reduceToTridiagonal} needs beside the matrix and the packing space. */
export function reductionLength(size: number, stride: number): number {
  const panel = Math.min(panelRows, size);
  return panel * stride + 2 * panel * size + 2 * panel * stride + stride + panel + 40;
}

/**
 * Householder reduction of a symmetric matrix to tridiagonal form, a panel of rows at a time (Dongarra, Sorensen and Hammarling 1989; LAPACK's dsytrd). Half of
 * its (4/3) n^3 operations are products of the remaining matrix with a vector, bounded by memory; the other half is one matrix product for each panel.
 *
 * @param a where the matrix begins; only its upper triangle is read, and at least four zeros follow each row
 */
export function* reduceToTridiagonal(workspace: Workspace, a: number, stride: number, size: number, packing: number): Pieces<Reduced> {
  const diagonal = new Float64Array(size);
  const offDiagonal = new Float64Array(size);
  const factors = new Float64Array(size);
  const reduced = { diagonal, offDiagonal, factors };
  const most = Math.min(panelRows, size);
  const w = workspace.claim(most * stride);
  const left = workspace.claim(2 * most * size);
  const right = workspace.claim(2 * most * stride);
  const vector = workspace.claim(stride);
  const short = workspace.claim(most);

  for (let start = 0; start < size; start += panelRows) {
    const rows = Math.min(panelRows, size - start);
    const panel = { at: a + start * stride, start, w, vector, short, stride };
    for (let r = 0; r < rows; r++) {
      reduceRow(workspace, panel, r, reduced);
      yield 2 * (size - start - r) ** 2;
    }
    const next = start + rows;
    if (next >= size) break;
    gather(workspace.heap, { v: panel.at + next, w: w + next, stride, left, right, rows, columns: size - next });
    const corner = { at: a + next * stride + next, stride };
    const [sides, lines] = [
      { at: left, stride: 2 * panelRows },
      { at: right, stride },
    ];
    yield* multiplySubtractUpperInPieces(workspace, { a: sides, b: lines, c: corner, depth: 2 * rows, packing }, size - next);
  }
  return reduced;
}

interface Panel {
  /** Where its first row begins, which is row `start` of the matrix. */
  readonly at: number;
  readonly start: number;
  /** What its reflectors have to do to the rest of the matrix, one in each row. */
  readonly w: number;
  readonly vector: number;
  readonly short: number;
  readonly stride: number;
}

/** Row r of a panel: its entries of the tridiagonal matrix, its reflector, and the row of W that goes with it. */
function reduceRow({ heap, kernels }: Workspace, { at: panel, start, w, vector, short, stride }: Panel, r: number, reduced: Reduced): void {
  const { diagonal, offDiagonal, factors } = reduced;
  const j = start + r;
  const row = panel + r * stride + j;
  const length = diagonal.length - j;
  // What the panel's earlier reflectors do to row j.
  for (let q = 0; q < r; q++) heap[short + q] = -heap[w + q * stride + j];
  kernels.combine(panel + j, stride, short, row, r, length);
  for (let q = 0; q < r; q++) heap[short + q] = -heap[panel + q * stride + j];
  kernels.combine(w + j, stride, short, row, r, length);
  diagonal[j] = heap[row];
  if (length === 1) return;

  const reflector = reflect(heap, row + 1, length - 1);
  offDiagonal[j] = reflector.length;
  factors[j] = reflector.factor;
  const target = w + r * stride + j + 1;
  heap.fill(0, target, target + length - 1);
  if (reflector.factor === 0) return;
  // w = factor (A - V^T W - W^T V) v, then less its part along v, so that the update is A - v w^T - w v^T.
  heap.fill(0, vector, vector + length + 3);
  heap.copyWithin(vector, row + 1, row + length);
  kernels.triangle(row + stride + 1, stride, vector, target, length - 1);
  kernels.dots(w + j + 1, stride, short, vector, r, length - 1);
  negate(heap, short, r);
  kernels.combine(panel + j + 1, stride, short, target, r, length - 1);
  kernels.dots(panel + j + 1, stride, short, vector, r, length - 1);
  negate(heap, short, r);
  kernels.combine(w + j + 1, stride, short, target, r, length - 1);
  kernels.dots(target, stride, short, vector, 1, length - 1);
  const along = (-reflector.factor * reflector.factor * heap[short]) / 2;
  for (let i = 0; i < length - 1; i++) heap[target + i] = reflector.factor * heap[target + i] + along * heap[vector + i];
}

function negate(heap: Float64Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) heap[at + i] = -heap[at + i];
}

interface Sides {
  readonly v: number;
  readonly w: number;
  readonly stride: number;
  readonly left: number;
  readonly right: number;
  readonly rows: number;
  readonly columns: number;
}

/** `left = [V^T W^T]` and `right = [W; V]`, whose product is the update of the rest of the matrix. */
function gather(heap: Float64Array, { v, w, stride, left, right, rows, columns }: Sides): void {
  for (let r = 0; r < rows; r++) {
    const [vRow, wRow] = [v + r * stride, w + r * stride];
    for (let i = 0; i < columns; i++) {
      heap[left + i * 2 * panelRows + r] = heap[vRow + i];
      heap[left + i * 2 * panelRows + rows + r] = heap[wRow + i];
    }
    heap.copyWithin(right + r * stride, wRow, wRow + columns);
    heap.copyWithin(right + (rows + r) * stride, vRow, vRow + columns);
  }
}
