import { LetheError } from "../errors/index.ts";
import { machineEpsilon } from "./vector.ts";

/** Applies a rotation to two rows of singular vectors: `(u, v)` becomes `(cosine u + sine v, cosine v - sine u)`. */
export type RotateRows = (u: number, v: number, cosine: number, sine: number) => void;

export interface BidiagonalQr {
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
  readonly rotateLeft: RotateRows;
  readonly rotateRight: RotateRows;
}

const maximumSweeps = 75;

/**
 * Singular values of an upper bidiagonal matrix, left in its diagonal in no order and of any sign, by implicit QR sweeps with the shift of its last two rows (Golub and
 * Reinsch 1970; Golub and Van Loan, 4th ed., section 8.6). Errors are bounded by rounding of the largest value.
 *
 * @throws LetheError `linalg/no-convergence`.
 */
export function bidiagonalQr({ diagonal: d, offDiagonal: e, rotateLeft, rotateRight }: BidiagonalQr): void {
  let largest = 0;
  for (let i = 0; i < d.length; i++) largest = Math.max(largest, Math.abs(d[i]), i < d.length - 1 ? Math.abs(e[i]) : 0);
  const floor = machineEpsilon * machineEpsilon * largest;
  let sweeps = 0;
  for (let end = d.length; end > 1;) {
    const start = settle(d, e, end, floor);
    if (start === end - 1) {
      end--;
      sweeps = 0;
      continue;
    }
    const zero = lastNegligible(d, e, start, end, floor);
    if (zero === end - 1) clearColumn(d, e, start, end, rotateRight);
    else if (zero >= start) clearRow(d, e, zero, end, rotateLeft);
    else {
      if (sweeps++ === maximumSweeps) {
        throw new LetheError("linalg/no-convergence", `Singular value ${end - 1} did not converge in ${maximumSweeps} sweeps; report the matrix.`, {
          index: end - 1,
        });
      }
      sweep({ diagonal: d, offDiagonal: e, rotateLeft, rotateRight }, start, end);
    }
  }
}

/** The start of the unreduced block that ends before `end`; the off-diagonal entry before it becomes a true zero. */
function settle(d: Float64Array, e: Float64Array, end: number, floor: number): number {
  for (let i = end - 2; i >= 0; i--) {
    if (Math.abs(e[i]) > machineEpsilon * (Math.abs(d[i]) + Math.abs(d[i + 1])) + floor) continue;
    e[i] = 0;
    return i + 1;
  }
  return 0;
}

/** The last diagonal entry of the block that is zero beside its neighbours, made so; -1 where there is none. */
function lastNegligible(d: Float64Array, e: Float64Array, start: number, end: number, floor: number): number {
  for (let i = end - 1; i >= start; i--) {
    const beside = (i < end - 1 ? Math.abs(e[i]) : 0) + (i > start ? Math.abs(e[i - 1]) : 0);
    if (Math.abs(d[i]) > machineEpsilon * beside + floor) continue;
    d[i] = 0;
    return i;
  }
  return -1;
}

/** With the last diagonal entry zero: turns the entry above it out of the last column. */
function clearColumn(d: Float64Array, e: Float64Array, start: number, end: number, rotateRight: RotateRows): void {
  let rest = e[end - 2];
  e[end - 2] = 0;
  for (let j = end - 2; j >= start; j--) {
    const length = Math.hypot(d[j], rest);
    const [cosine, sine] = unit(d[j], rest, length);
    d[j] = length;
    if (j > start) {
      rest = -sine * e[j - 1];
      e[j - 1] *= cosine;
    }
    rotateRight(j, end - 1, cosine, sine);
  }
}

/** With diagonal entry `zero` zero: turns the entry beside it out of its row. */
function clearRow(d: Float64Array, e: Float64Array, zero: number, end: number, rotateLeft: RotateRows): void {
  let rest = e[zero];
  e[zero] = 0;
  for (let j = zero + 1; j < end; j++) {
    const length = Math.hypot(d[j], rest);
    const [cosine, sine] = unit(d[j], rest, length);
    d[j] = length;
    if (j < end - 1) {
      rest = -sine * e[j];
      e[j] *= cosine;
    }
    rotateLeft(j, zero, cosine, sine);
  }
}

function sweep({ diagonal: d, offDiagonal: e, rotateLeft, rotateRight }: BidiagonalQr, start: number, end: number): void {
  const scale = Math.max(Math.abs(d[end - 1]), Math.abs(d[end - 2]), Math.abs(e[end - 2]), Math.abs(d[start]), Math.abs(e[start]));
  const [last, before, between] = [d[end - 1] / scale, d[end - 2] / scale, e[end - 2] / scale];
  const first = d[start] / scale;
  // The eigenvalue of the trailing 2 x 2 of B^T B that is nearer to its corner, less that corner.
  const half = ((before + last) * (before - last) + between * between) / 2;
  const product = (last * between) ** 2;
  const root = Math.sqrt(half * half + product);
  const shift = product === 0 ? 0 : product / (half + (half < 0 ? -root : root));
  let f = (first + last) * (first - last) + shift;
  let g = first * (e[start] / scale);
  for (let j = start; j < end - 1; j++) {
    let length = Math.hypot(f, g);
    let [cosine, sine] = unit(f, g, length);
    if (j > start) e[j - 1] = length;
    f = cosine * d[j] + sine * e[j];
    e[j] = cosine * e[j] - sine * d[j];
    g = sine * d[j + 1];
    d[j + 1] *= cosine;
    rotateRight(j, j + 1, cosine, sine);
    length = Math.hypot(f, g);
    [cosine, sine] = unit(f, g, length);
    d[j] = length;
    f = cosine * e[j] + sine * d[j + 1];
    d[j + 1] = cosine * d[j + 1] - sine * e[j];
    if (j < end - 2) {
      g = sine * e[j + 1];
      e[j + 1] *= cosine;
    }
    rotateLeft(j, j + 1, cosine, sine);
  }
  e[end - 2] = f;
}

function unit(x: number, y: number, length: number): [number, number] {
  return length === 0 ? [1, 0] : [x / length, y / length];
}
