import { machineEpsilon } from "./vector.ts";

/** Where an eigenvector of the two halves is not zero. */
export const upper = 0;
export const both = 1;
export const lower = 2;

/** `diag(values) + weight z z^T`, |z| = 1, whose first `split` eigenvectors are those of the upper half. */
export interface Coupled {
  readonly values: Float64Array;
  readonly z: Float64Array;
  readonly weight: number;
  readonly split: number;
}

export interface Deflated {
  /** Indices that take part in the update, by increasing value. */
  readonly kept: readonly number[];
  /** Indices whose value is an eigenvalue, and whose vector an eigenvector, as it stands. */
  readonly settled: readonly number[];
  /** {@link upper}, {@link both} or {@link lower} of each index. */
  readonly support: Uint8Array;
}

/** Turns two eigenvectors in their plane: `(u, v)` becomes `(cosine u + sine v, cosine v - sine u)`. */
export type RotatePair = (i: number, j: number, cosine: number, sine: number) => void;

/**
 * Deflation of a rank-one update (Dongarra and Sorensen 1987; LAPACK's dlaed2): an entry of z that is zero to rounding leaves its eigenpair as it is, and of
 * two values that are equal to rounding one rotation takes one out. `values` and `z` are changed in place.
 */
export function deflate({ values, z, weight, split }: Coupled, rotate: RotatePair): Deflated {
  const size = values.length;
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, Math.abs(values[i]), Math.abs(z[i]));
  const tolerance = 8 * machineEpsilon * largest;
  const support = Uint8Array.from({ length: size }, (_, i) => (i < split ? upper : lower));
  const [kept, settled]: [number[], number[]] = [[], []];
  let pending = -1;
  for (const i of increasing(values)) {
    if (weight * Math.abs(z[i]) <= tolerance) {
      settled.push(i);
      continue;
    }
    if (pending >= 0) {
      const length = Math.hypot(z[i], z[pending]);
      const [cosine, sine] = [z[i] / length, -z[pending] / length];
      const gap = values[i] - values[pending];
      if (Math.abs(gap * cosine * sine) <= tolerance) {
        z[i] = length;
        z[pending] = 0;
        if (support[i] !== support[pending]) support[i] = both;
        rotate(pending, i, cosine, sine);
        const [low, high] = [values[pending], values[i]];
        values[pending] = low * cosine * cosine + high * sine * sine;
        values[i] = low * sine * sine + high * cosine * cosine;
        settled.push(pending);
      } else kept.push(pending);
    }
    pending = i;
  }
  if (pending >= 0) kept.push(pending);
  return { kept, settled, support };
}

/** The indices of `values` by increasing value; equal ones in their order. */
export function increasing(values: Float64Array): Uint32Array {
  return Uint32Array.from(values.keys()).toSorted((i, j) => values[i] - values[j] || i - j);
}
