/** `(I - factor v v^T) x = length e_0`. */
export interface Reflector {
  readonly length: number;
  readonly factor: number;
}

/**
 * Entries this small beside a matrix whose largest is one are zeros: their squares would leave the range of float64, and the reflection would no longer be one.
 */
const negligible = 1e-140;

/** Overwrites x with the Householder vector v, `v_0 = 1`, that turns it onto the first axis (LAPACK's dlarfg). */
export function reflect(heap: Float64Array, at: number, count: number): Reflector {
  const first = heap[at];
  let largest = 0;
  for (let i = at + 1; i < at + count; i++) largest = Math.max(largest, Math.abs(heap[i]));
  heap[at] = 1;
  if (largest < negligible) {
    heap.fill(0, at + 1, at + count);
    return { length: first, factor: 0 };
  }
  let squares = first * first;
  for (let i = at + 1; i < at + count; i++) squares += heap[i] * heap[i];
  const length = first > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  const scale = 1 / (first - length);
  for (let i = at + 1; i < at + count; i++) heap[i] *= scale;
  return { length, factor: (length - first) / length };
}
