import { multiplyAdd, multiplyAddInPieces, type Block } from "./eigh-product.ts";
import type { Workspace } from "./eigh-workspace.ts";
import { atOnce, type Pieces } from "./pieces.ts";

/** Reflectors that are applied at once: the depth of the products that do most of the work. */
const blockRows = 96;

/** Numbers that {@link applyReflectors} needs beside its arguments, for `count` reflectors. */
export function reflectorLength(count: number, targetRows: number, stride: number): number {
  const block = Math.min(blockRows, count);
  return 2 * block * stride + (targetRows + 2 * block) * squareStride(block) + 48;
}

/** Of matrices with a number for each reflector of a block in a row, and the three beside them. */
const squareStride = (block: number): number => Math.ceil((block + 3) / 4) * 4;

export interface Reflectors {
  /** Row j holds, from column `j + shift` on, the Householder vector of `H_j = I - factors[j] v v^T`, its leading one included. */
  readonly at: number;
  readonly stride: number;
  readonly shift: number;
  readonly factors: Float64Array;
  readonly count: number;
  /** Length of the vectors H_j works on. */
  readonly length: number;
}

export interface ReflectedRows {
  readonly at: number;
  readonly stride: number;
  readonly rows: number;
  readonly packing: number;
}

/**
 * `z -> H_0 H_1 ... H_{count - 1} z` for every row z of the target, in blocks `H_j ... H_{j + b - 1} = I - V T V^T` (Schreiber and Van Loan 1989), so that all of the
 * work is matrix products: `2 rows length^2` operations where there are as many reflectors as entries.
 */
export function applyReflectors(workspace: Workspace, reflectors: Reflectors, target: ReflectedRows): void {
  atOnce(applyReflectorsInPieces(workspace, reflectors, target));
}

/** {@link applyReflectors}, a product of at most a block at a time. */
export function* applyReflectorsInPieces(workspace: Workspace, reflectors: Reflectors, target: ReflectedRows): Pieces<void> {
  const { stride, shift, count, length } = reflectors;
  const { heap } = workspace;
  const { packing } = target;
  const most = Math.min(blockRows, count);
  const narrow = squareStride(most);
  const room: Room = {
    v: { at: workspace.claim(most * stride), stride },
    scaled: { at: workspace.claim(most * stride), stride },
    gram: { at: workspace.claim(most * narrow), stride: narrow },
    triangle: { at: workspace.claim(most * narrow), stride: narrow },
    packing,
  };
  const projections = { at: workspace.claim(target.rows * narrow), stride: narrow };

  for (let start = Math.floor((count - 1) / blockRows) * blockRows; start >= 0; start -= blockRows) {
    const rows = Math.min(blockRows, count - start);
    const first = start + shift;
    const columns = length - first;
    gatherBlock(workspace, reflectors, room, start, rows);
    // z - ((z V^T) T^T) V, with T^T V at hand.
    const corner = { at: target.at + first, stride: target.stride };
    heap.fill(0, projections.at, projections.at + target.rows * narrow);
    const project = { a: corner, b: room.v, layout: "transposed", c: projections, columns: rows, depth: columns, factor: 1 } as const;
    yield* multiplyAddInPieces(workspace, { ...project, rows: target.rows, packing });
    const subtract = { a: projections, b: room.scaled, layout: "as-is", c: corner, columns, depth: rows, factor: -1 } as const;
    yield* multiplyAddInPieces(workspace, { ...subtract, rows: target.rows, packing });
  }
}

interface Room {
  readonly v: Block;
  readonly scaled: Block;
  readonly gram: Block;
  readonly triangle: Block;
  readonly packing: number;
}

/** The reflectors `start .. start + rows - 1` as `v = V`, with zeros before each leading one, and `scaled = T^T V`. */
function gatherBlock(workspace: Workspace, reflectors: Reflectors, { v, scaled, gram, triangle, packing }: Room, start: number, rows: number): void {
  const { heap } = workspace;
  const first = start + reflectors.shift;
  const columns = reflectors.length - first;
  for (let r = 0; r < rows; r++) {
    const [to, from] = [v.at + r * v.stride, reflectors.at + (start + r) * reflectors.stride];
    heap.fill(0, to, to + columns);
    heap.copyWithin(to + r, from + first + r, from + reflectors.length);
    heap.fill(0, scaled.at + r * scaled.stride, scaled.at + r * scaled.stride + columns);
  }
  heap.fill(0, gram.at, gram.at + rows * gram.stride);
  multiplyAdd(workspace, { a: v, b: v, layout: "transposed", c: gram, rows, columns: rows, depth: columns, factor: 1, packing });
  transposedTriangle(heap, gram.at, triangle.at, gram.stride, reflectors.factors.subarray(start, start + rows));
  multiplyAdd(workspace, { a: triangle, b: v, layout: "as-is", c: scaled, rows, columns, depth: rows, factor: 1, packing });
}

/** `T^T` of the block from the products of its vectors (LAPACK's dlarft), row-major; both matrices have the same stride. */
function transposedTriangle(heap: Float64Array, gram: number, triangle: number, stride: number, factors: Float64Array): void {
  heap.fill(0, triangle, triangle + factors.length * stride);
  for (let i = 0; i < factors.length; i++) {
    const row = triangle + i * stride;
    heap[row + i] = factors[i];
    // Column i of T above its diagonal is -factor_i T (V^T v_i); in T^T it is a row, and T[j, k] lies at [k, j].
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += heap[triangle + k * stride + j] * heap[gram + k * stride + i];
      heap[row + j] = -factors[i] * sum;
    }
  }
}
