import { stripColumns } from "./eigh-simd-rotations.ts";
import type { Workspace } from "./eigh-workspace.ts";

/** Rotations that are gathered before they run, some sixteen sweeps: a strip is fetched once for all of them. */
const capacityFor = (rows: number): number => 16 * rows;

export interface RotatedRows {
  readonly at: number;
  readonly stride: number;
  readonly rows: number;
  readonly columns: number;
}

/** Numbers that a {@link RotationQueue} needs beside the rows. */
export function rotationLength(rows: number): number {
  return 4 * capacityFor(rows) + rows * stripColumns + 16;
}

/**
 * Plane rotations of pairs of rows, delayed: they run many at a time over strips narrow enough for a cache, instead of each over two whole rows in memory.
 */
export class RotationQueue {
  readonly #workspace: Workspace;
  readonly #target: RotatedRows;
  readonly #list: number;
  readonly #strip: number;
  readonly #capacity: number;
  #count = 0;

  constructor(workspace: Workspace, target: RotatedRows) {
    this.#workspace = workspace;
    this.#target = target;
    this.#capacity = capacityFor(target.rows);
    this.#list = workspace.claim(4 * this.#capacity);
    this.#strip = workspace.claim(target.rows * stripColumns);
  }

  /** Rows `(u, v)` become `(cosine u + sine v, cosine v - sine u)`. */
  rotate(u: number, v: number, cosine: number, sine: number): void {
    if (this.#count === this.#capacity) this.flush();
    const { heap } = this.#workspace;
    const at = this.#list + 4 * this.#count++;
    heap[at] = u * stripColumns * 8;
    heap[at + 1] = v * stripColumns * 8;
    heap[at + 2] = cosine;
    heap[at + 3] = sine;
  }

  /** Runs what is queued; to be called before the rows are read. */
  flush(): void {
    const { heap, kernels } = this.#workspace;
    const { at, stride, rows, columns } = this.#target;
    for (let j = 0; j < columns; j += stripColumns) {
      const wide = Math.min(stripColumns, columns - j);
      for (let i = 0; i < rows; i++) copy(heap, at + i * stride + j, this.#strip + i * stripColumns, wide);
      kernels.rotate(this.#list, this.#strip, this.#count);
      for (let i = 0; i < rows; i++) copy(heap, this.#strip + i * stripColumns, at + i * stride + j, wide);
    }
    this.#count = 0;
  }
}

/** A loop, since `copyWithin` takes longer to start than to copy so few. */
function copy(heap: Float64Array, from: number, to: number, count: number): void {
  for (let k = 0; k < count; k++) heap[to + k] = heap[from + k];
}
