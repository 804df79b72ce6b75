import { multiplyAdd } from "./eigh-product.ts";
import { reflect } from "./eigh-reflector.ts";
import type { Workspace } from "./eigh-workspace.ts";

/**
 * `A = Q B P^T` with B upper bidiagonal; `Q = H_0 ... H_{n-1}`, `P = G_0 ... G_{n-2}`. Row j of the matrix at `left` holds the Householder vector of H_j from
 * column j on, row j of A that of G_j from column j + 1 on.
 */
export interface Bidiagonal {
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
  readonly leftFactors: Float64Array;
  readonly rightFactors: Float64Array;
}

const panelRows = 32;

export interface Bidiagonalisation {
  /** A, `[rows, columns]` with rows >= columns. */
  readonly a: number;
  readonly stride: number;
  /** Room for `columns` rows of `leftStride` numbers. */
  readonly left: number;
  readonly leftStride: number;
  readonly rows: number;
  readonly columns: number;
  readonly packing: number;
}

/** Numbers that {@link bidiagonalise} needs beside the matrix, the left vectors and the packing space. */
export function bidiagonalisationLength(rows: number, columns: number, stride: number, leftStride: number): number {
  const panel = Math.min(panelRows, columns);
  return panel * (3 * stride + leftStride + 2 * rows) + panel + 40;
}

/**
 * Householder reduction of a tall or square matrix to upper bidiagonal form, a panel of rows and columns at a time (Dongarra, Sorensen and Hammarling 1989; LAPACK's
 * dgebrd): `4 rows columns^2 - (4/3) columns^3` operations, half of them products of the remaining matrix with vectors.
 */
export function bidiagonalise(workspace: Workspace, { a, stride, left, leftStride, rows, columns, packing }: Bidiagonalisation): Bidiagonal {
  const { heap, kernels } = workspace;
  const [diagonal, offDiagonal] = [new Float64Array(columns), new Float64Array(columns)];
  const [leftFactors, rightFactors] = [new Float64Array(columns), new Float64Array(columns)];
  // The panel's part of the update: A - V^T Y - X^T U, with V the left and U the right Householder vectors as rows.
  const most = Math.min(panelRows, columns);
  const y = workspace.claim(most * stride);
  const x = workspace.claim(most * leftStride);
  const sides = workspace.claim(2 * most * rows);
  const lines = workspace.claim(2 * most * stride);
  const short = workspace.claim(most);

  /** `target -= sum_q factors_q matrix_q` over rows q of a panel. */
  const subtract = (matrix: number, step: number, count: number, target: number, length: number): void => {
    for (let q = 0; q < count; q++) heap[short + q] = -heap[short + q];
    kernels.combine(matrix, step, short, target, count, length);
  };
  const column = (matrix: number, step: number, count: number): void => {
    for (let q = 0; q < count; q++) heap[short + q] = heap[matrix + q * step];
  };
  const scale = (at: number, length: number, factor: number): void => {
    for (let k = at; k < at + length; k++) heap[k] *= factor;
  };

  for (let start = 0; start < columns; start += panelRows) {
    const width = Math.min(panelRows, columns - start);
    const [v, u] = [left + start * leftStride, a + start * stride];
    for (let r = 0; r < width; r++) {
      const i = start + r;
      const [tall, wide] = [rows - i, columns - i - 1];
      const [vRow, uRow] = [v + r * leftStride + i, u + r * stride + i + 1];
      const [yRow, xRow] = [y + r * stride + i + 1, x + r * leftStride + i + 1];

      for (let k = 0; k < tall; k++) heap[vRow + k] = heap[a + (i + k) * stride + i];
      column(y + i, stride, r);
      subtract(v + i, leftStride, r, vRow, tall);
      column(u + i, stride, r);
      subtract(x + i, leftStride, r, vRow, tall);
      const down = reflect(heap, vRow, tall);
      diagonal[i] = down.length;
      leftFactors[i] = down.factor;
      if (wide === 0) break;

      heap.fill(0, yRow, yRow + wide);
      kernels.combine(a + i * stride + i + 1, stride, vRow, yRow, tall, wide);
      kernels.dots(v + i, leftStride, short, vRow, r, tall);
      subtract(y + i + 1, stride, r, yRow, wide);
      kernels.dots(x + i, leftStride, short, vRow, r, tall);
      subtract(u + i + 1, stride, r, yRow, wide);
      scale(yRow, wide, down.factor);

      column(v + i, leftStride, r + 1);
      subtract(y + i + 1, stride, r + 1, uRow, wide);
      column(x + i, leftStride, r);
      subtract(u + i + 1, stride, r, uRow, wide);
      const along = reflect(heap, uRow, wide);
      offDiagonal[i] = along.length;
      rightFactors[i] = along.factor;

      kernels.dots(uRow + stride, stride, xRow, uRow, tall - 1, wide);
      kernels.dots(y + i + 1, stride, short, uRow, r + 1, wide);
      subtract(v + i + 1, leftStride, r + 1, xRow, tall - 1);
      kernels.dots(u + i + 1, stride, short, uRow, r, wide);
      subtract(x + i + 1, leftStride, r, xRow, tall - 1);
      scale(xRow, tall - 1, along.factor);
    }
    const next = start + width;
    if (next >= columns) break;
    const [tall, wide] = [rows - next, columns - next];
    for (let r = 0; r < width; r++) {
      for (let k = 0; k < tall; k++) {
        heap[sides + k * 2 * panelRows + r] = heap[v + r * leftStride + next + k];
        heap[sides + k * 2 * panelRows + width + r] = heap[x + r * leftStride + next + k];
      }
      heap.copyWithin(lines + r * stride, y + r * stride + next, y + r * stride + columns);
      heap.copyWithin(lines + (width + r) * stride, u + r * stride + next, u + r * stride + columns);
    }
    multiplyAdd(workspace, {
      a: { at: sides, stride: 2 * panelRows },
      b: { at: lines, stride },
      layout: "as-is",
      c: { at: a + next * stride + next, stride },
      rows: tall,
      columns: wide,
      depth: 2 * width,
      factor: -1,
      packing,
    });
  }
  return { diagonal, offDiagonal, leftFactors, rightFactors };
}
