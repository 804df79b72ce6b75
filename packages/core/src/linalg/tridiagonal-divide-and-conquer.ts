import { multiplyAddInPieces } from "./eigh-product.ts";
import type { Workspace } from "./eigh-workspace.ts";
import type { Pieces } from "./pieces.ts";
import { both, deflate, increasing, lower, upper, type Deflated } from "./tridiagonal-deflation.ts";
import { implicitQl } from "./tridiagonal-ql.ts";
import type { Tridiagonal } from "./tridiagonal-reduction.ts";
import { secularRoots, type RankOneUpdate, type SecularRoots } from "./tridiagonal-secular.ts";

/** Blocks that are solved by QL sweeps. */
const leafSize = 32;

/** Rows of the update's eigenvector matrix that exist at one time: the more, the fewer times the old vectors are packed. */
const stripRows = 512;

/** Numbers that {@link divideAndConquer} needs beside vectors, their copy and the packing space. */
export function conquestLength(size: number): number {
  return Math.min(stripRows, size) * stripStride(size) + 8;
}

const stripStride = (size: number): number => size + 4;

export interface Conquest {
  readonly tridiagonal: Tridiagonal;
  /** Where the eigenvectors go, one in each row, and room for a copy of them; both zeros at first, at least four numbers longer than the vectors. */
  readonly vectors: number;
  readonly copy: number;
  readonly stride: number;
  readonly packing: number;
}

/** Which vectors are wanted, once the eigenvalues are known: of these, in increasing order, those from `from` up to but not with `to`. */
export type Selection = (values: Float64Array) => { readonly from: number; readonly to: number };

/**
 * Eigenvalues and eigenvectors of a tridiagonal matrix, in no order: halves are solved on their own and joined by a rank-one update (Cuppen 1981), whose vectors
 * come from recomputed weights, which makes them orthogonal however close the eigenvalues (Gu and Eisenstat 1995). All but O(n^2) of the work, some
 * (4/3) n^3 operations, is matrix products; deflation saves part of it on most matrices.
 *
 * The eigenvalues replace the diagonal.
 *
 * @param select the vectors to make, by the order of their values; the rows of others hold anything. The last join, three quarters of the work, makes no others.
 */
export function* divideAndConquer(workspace: Workspace, conquest: Conquest, select?: Selection): Pieces<void> {
  const { diagonal } = conquest.tridiagonal;
  const strip = workspace.claim(conquestLength(diagonal.length));
  yield* solve({ ...conquest, workspace, strip }, 0, diagonal.length, select);
}

interface Solver extends Conquest {
  readonly workspace: Workspace;
  readonly strip: number;
}

function* solve(solver: Solver, from: number, to: number, select?: Selection): Pieces<void> {
  if (to - from <= leafSize) return solveLeaf(solver, from, to);
  const { diagonal, offDiagonal } = solver.tridiagonal;
  const middle = (from + to) >> 1;
  const coupling = offDiagonal[middle - 1];
  diagonal[middle - 1] -= Math.abs(coupling);
  diagonal[middle] -= Math.abs(coupling);
  yield* solve(solver, from, middle);
  yield* solve(solver, middle, to);
  yield* join(solver, { from, middle, to, coupling }, select);
}

function solveLeaf({ tridiagonal, vectors, stride, workspace: { heap } }: Solver, from: number, to: number): void {
  const size = to - from;
  const at = vectors + from * stride + from;
  for (let i = 0; i < size; i++) heap[at + i * stride + i] = 1;
  const diagonal = tridiagonal.diagonal.subarray(from, to);
  implicitQl({ diagonal, offDiagonal: tridiagonal.offDiagonal.slice(from, to) }, (first, second, cosine, sine) => {
    const [rowU, rowV] = [at + first * stride, at + second * stride];
    for (let k = 0; k < size; k++) {
      const [u, v] = [heap[rowU + k], heap[rowV + k]];
      heap[rowU + k] = cosine * u - sine * v;
      heap[rowV + k] = sine * u + cosine * v;
    }
  });
}

interface Seam {
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  readonly coupling: number;
}

function* join(solver: Solver, { from, middle, to, coupling }: Seam, select?: Selection): Pieces<void> {
  const { tridiagonal, vectors, stride, workspace } = solver;
  const { heap } = workspace;
  const size = to - from;
  const at = vectors + from * stride + from;
  const split = middle - from;
  // T = diag(T1, T2) + 2 |coupling| z z^T in the basis of the halves' eigenvectors.
  const z = new Float64Array(size);
  const lowerSign = coupling < 0 ? -Math.SQRT1_2 : Math.SQRT1_2;
  for (let i = 0; i < size; i++) z[i] = i < split ? heap[at + i * stride + split - 1] * Math.SQRT1_2 : heap[at + i * stride + split] * lowerSign;
  const values = tridiagonal.diagonal.subarray(from, to);
  const weight = 2 * Math.abs(coupling);
  const deflated = deflate({ values, z, weight, split }, (i, j, cosine, sine) => {
    const [rowI, rowJ] = [at + i * stride, at + j * stride];
    for (let k = 0; k < size; k++) {
      const [u, v] = [heap[rowI + k], heap[rowJ + k]];
      heap[rowI + k] = cosine * u + sine * v;
      heap[rowJ + k] = cosine * v - sine * u;
    }
  });
  if (deflated.kept.length === 0) return;
  const update = updateOf(values, z, weight, deflated.kept);
  const roots = yield* secularRoots(update);
  const order = groupBySupport(deflated);
  regroup(solver, at, size, values, deflated, order);
  yield 0;
  for (let i = 0; i < roots.offset.length; i++) values[i] = update.poles[roots.origin[i]] + roots.offset[i];
  const exact = { ...update, z: recomputedWeights(update, roots) };
  yield 0;
  const wanted = select === undefined ? { first: 0, last: roots.offset.length } : wantedRoots(values, roots.offset.length, select);
  yield* multiplyVectors(solver, { at, size, split, update: exact, roots, order, ...wanted });
}

/** The roots lie before the settled values, by increasing value. */
function wantedRoots(values: Float64Array, count: number, select: Selection): { readonly first: number; readonly last: number } {
  const order = increasing(values);
  const { from, to } = select(values.toSorted());
  const chosen = order.slice(from, to).filter((position) => position < count);
  return chosen.length === 0 ? { first: 0, last: 0 } : { first: chosen[0], last: chosen[chosen.length - 1] + 1 };
}

function updateOf(values: Float64Array, z: Float64Array, weight: number, kept: readonly number[]): RankOneUpdate {
  const keptZ = Float64Array.from(kept, (i) => z[i]);
  const squares = keptZ.reduce((sum, value) => sum + value * value, 0);
  const length = Math.sqrt(squares);
  return { poles: Float64Array.from(kept, (i) => values[i]), z: keptZ.map((value) => value / length), weight: weight * squares };
}

/** Positions among the kept: first those of the upper half, then those of both, then those of the lower. */
interface Grouping {
  readonly positions: Int32Array;
  readonly upperCount: number;
  readonly bothCount: number;
}

function groupBySupport({ kept, support }: Deflated): Grouping {
  const group = (wanted: number): number[] => kept.flatMap((index, position) => (support[index] === wanted ? [position] : []));
  const [inUpper, inBoth, inLower] = [group(upper), group(both), group(lower)];
  return { positions: Int32Array.from([...inUpper, ...inBoth, ...inLower]), upperCount: inUpper.length, bothCount: inBoth.length };
}

/** Copies the kept vectors, grouped; moves the settled ones, with their values, behind the rows that the kept will take, and clears those. */
function regroup(
  { vectors, copy, stride, workspace: { heap } }: Solver,
  at: number,
  size: number,
  values: Float64Array,
  deflated: Deflated,
  order: Grouping,
) {
  const { kept, settled } = deflated;
  const shift = copy - vectors;
  const rows = [...Array.from(order.positions, (position) => kept[position]), ...settled];
  for (const [to, row] of rows.entries()) heap.copyWithin(at + shift + to * stride, at + row * stride, at + row * stride + size);
  for (let i = 0; i < size; i++) {
    const row = at + i * stride;
    if (i < kept.length) heap.fill(0, row, row + size);
    else heap.copyWithin(row, row + shift, row + shift + size);
  }
  const settledValues = settled.map((index) => values[index]);
  values.set(settledValues, kept.length);
}

/**
 * The z for which the computed roots are exact (Löwner's formula), with the given signs: its eigenvectors are orthogonal to rounding.
 */
function recomputedWeights({ poles, z }: RankOneUpdate, { origin, offset }: SecularRoots): Float64Array {
  const count = poles.length;
  const squares = new Float64Array(count).fill(1);
  for (let i = 0; i < count; i++) {
    const [own, centre, away] = [poles[i], poles[origin[i]], offset[i]];
    for (let j = 0; j < i; j++) squares[j] *= (poles[j] - centre - away) / (poles[j] - own);
    squares[i] *= centre - own + away;
    for (let j = i + 1; j < count; j++) squares[j] *= (poles[j] - centre - away) / (poles[j] - own);
  }
  return squares.map((square, j) => (z[j] < 0 ? -Math.sqrt(Math.abs(square)) : Math.sqrt(Math.abs(square))));
}

interface Join {
  readonly at: number;
  readonly size: number;
  readonly split: number;
  readonly update: RankOneUpdate;
  readonly roots: SecularRoots;
  readonly order: Grouping;
  /** The roots whose vectors are made, from `first` up to but not with `last`. */
  readonly first: number;
  readonly last: number;
}

/** New vectors = eigenvectors of the update times old vectors, one product for each half of the columns, strip by strip. */
function* multiplyVectors(solver: Solver, { at, size, split, update, roots, order, first, last }: Join): Pieces<void> {
  const { vectors, copy, stride, strip, packing, workspace } = solver;
  const { positions, upperCount, bothCount } = order;
  const count = positions.length;
  const widths = stripStride(size);
  const old = at + copy - vectors;
  const shared = { layout: "as-is", factor: 1, packing } as const;
  for (let start = first; start < last; start += stripRows) {
    const rows = Math.min(stripRows, last - start);
    for (let r = 0; r < rows; r++) updateVector(workspace.heap, strip + r * widths, update, roots, start + r, positions);
    const target = at + start * stride;
    yield* multiplyAddInPieces(workspace, {
      ...shared,
      a: { at: strip, stride: widths },
      b: { at: old, stride },
      c: { at: target, stride },
      rows,
      columns: split,
      depth: upperCount + bothCount,
    });
    yield* multiplyAddInPieces(workspace, {
      ...shared,
      a: { at: strip + upperCount, stride: widths },
      b: { at: old + upperCount * stride + split, stride },
      c: { at: target + split, stride },
      rows,
      columns: size - split,
      depth: count - upperCount,
    });
  }
}

/** Eigenvector i of the update, `z_j / (poles_j - root_i)`, of length one. */
function updateVector(
  heap: Float64Array,
  at: number,
  { poles, z }: RankOneUpdate,
  { origin, offset }: SecularRoots,
  i: number,
  positions: Int32Array,
): void {
  const [centre, away] = [poles[origin[i]], offset[i]];
  let squares = 0;
  for (let j = 0; j < positions.length; j++) {
    const position = positions[j];
    const entry = z[position] / (poles[position] - centre - away);
    heap[at + j] = entry;
    squares += entry * entry;
  }
  const scale = 1 / Math.sqrt(squares);
  for (let j = 0; j < positions.length; j++) heap[at + j] *= scale;
}
