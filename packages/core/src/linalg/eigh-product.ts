import type { Workspace } from "./eigh-workspace.ts";
import { atOnce, type Pieces } from "./pieces.ts";

/** Part of a matrix in a workspace: entry (i, j) is `heap[at + i * stride + j]`. */
export interface Block {
  readonly at: number;
  readonly stride: number;
}

/** How B lies in the heap: `"as-is"` row k holds `B[k, :]`, `"transposed"` row j holds `B[:, j]`. */
export type Layout = "as-is" | "transposed";

/**
 * Sizes of a packed piece of B, 256 x 512 numbers or 1 MB: it stays in a second-level cache while all rows of A stream past it (Goto and van de Geijn 2008,
 * Anatomy of high-performance matrix multiplication).
 */
const depthPerPiece = 256;
const columnsPerPiece = 512;

/** Numbers that {@link multiplyAdd} needs to pack pieces of a B of up to `depth` rows and `columns` columns. */
export function packingLength(depth: number, columns: number): number {
  return Math.min(depthPerPiece, depth) * Math.min(columnsPerPiece, columns + 3);
}

export interface Product {
  readonly a: Block;
  readonly b: Block;
  readonly layout: Layout;
  /** Up to three numbers after each of its rows are rewritten as they are, so they must exist. */
  readonly c: Block;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly factor: 1 | -1;
  /** Index of {@link packingLength} numbers to pack B into. */
  readonly packing: number;
}

/** `C += factor A B` with A `[rows, depth]` and B `[depth, columns]`. */
export function multiplyAdd(workspace: Workspace, product: Product): void {
  atOnce(multiplyAddInPieces(workspace, product));
}

/** {@link multiplyAdd}, a packed piece of B at a time. */
export function* multiplyAddInPieces(workspace: Workspace, { a, b, layout, c, rows, columns, depth, factor, packing }: Product): Pieces<void> {
  const pack = layout === "as-is" ? packRows : packColumns;
  for (let k = 0; k < depth; k += depthPerPiece) {
    const deep = Math.min(depthPerPiece, depth - k);
    for (let j = 0; j < columns; j += columnsPerPiece) {
      const wide = Math.min(columnsPerPiece, columns - j);
      const piece = layout === "as-is" ? b.at + k * b.stride + j : b.at + j * b.stride + k;
      pack(workspace.heap, { at: piece, stride: b.stride }, packing, deep, wide, factor);
      workspace.kernels.product(a.at + k, a.stride, packing, c.at + j, c.stride, rows, Math.ceil(wide / 4), deep);
      yield 2 * rows * wide * deep;
    }
  }
}

/**
 * The upper triangle of `C -= A B`, C `[size, size]`; inside the blocks on the diagonal, entries below it change too.
 */
export function* multiplySubtractUpperInPieces(
  workspace: Workspace,
  { a, b, c, depth, packing }: Pick<Product, "a" | "b" | "c" | "depth" | "packing">,
  size: number,
): Pieces<void> {
  // The depth is that of a panel of reflectors and fits a piece.
  for (let j = 0; j < size; j += columnsPerPiece) {
    const wide = Math.min(columnsPerPiece, size - j);
    packRows(workspace.heap, { at: b.at + j, stride: b.stride }, packing, depth, wide, -1);
    workspace.kernels.product(a.at, a.stride, packing, c.at + j, c.stride, j, Math.ceil(wide / 4), depth);
    for (let i = 0; i < wide; i += diagonalRows) {
      const [atA, atC] = [a.at + (j + i) * a.stride, c.at + (j + i) * c.stride + j + i];
      const panels = Math.ceil((wide - i) / 4);
      workspace.kernels.product(atA, a.stride, packing + i * depth, atC, c.stride, Math.min(diagonalRows, wide - i), panels, depth);
    }
    yield 2 * (j + wide / 2) * wide * depth;
  }
}

/** Rows between steps of the staircase that follows the diagonal; a multiple of a panel's four columns. */
const diagonalRows = 16;

function packRows(heap: Float64Array, b: Block, packing: number, depth: number, columns: number, factor: number): void {
  let to = packing;
  for (let j = 0; j < columns; j += 4) {
    const wide = Math.min(4, columns - j);
    let from = b.at + j;
    for (let k = 0; k < depth; k++, from += b.stride, to += 4) {
      heap[to] = factor * heap[from];
      heap[to + 1] = wide > 1 ? factor * heap[from + 1] : 0;
      heap[to + 2] = wide > 2 ? factor * heap[from + 2] : 0;
      heap[to + 3] = wide > 3 ? factor * heap[from + 3] : 0;
    }
  }
}

function packColumns(heap: Float64Array, b: Block, packing: number, depth: number, columns: number, factor: number): void {
  for (let j = 0; j < columns; j += 4) {
    for (let column = 0; column < 4; column++) {
      const from = b.at + (j + column) * b.stride;
      const to = packing + j * depth + column;
      const exists = j + column < columns;
      for (let k = 0; k < depth; k++) heap[to + k * 4] = exists ? factor * heap[from + k] : 0;
    }
  }
}
