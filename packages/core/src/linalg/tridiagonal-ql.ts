import { LetheError } from "../errors/index.ts";
import type { Tridiagonal } from "./tridiagonal-reduction.ts";
import { machineEpsilon } from "./vector.ts";

/** Applies one rotation to two rows of eigenvectors: `(u, v)` becomes `(cosine u - sine v, sine u + cosine v)`. */
export type RotateRows = (u: number, v: number, cosine: number, sine: number) => void;

/** LAPACK's limit; in practice two sweeps for each eigenvalue do. */
const sweepsPerEigenvalue = 30;

/**
 * Eigenvalues of a tridiagonal matrix, left in its diagonal in no order, by implicit QL sweeps with Wilkinson's shift (Bowdler, Martin, Reinsch and Wilkinson 1968, in
 * the implicit form of Dubrulle). The off-diagonal is destroyed.
 *
 * @throws LetheError `linalg/no-convergence`.
 */
export function implicitQl({ diagonal, offDiagonal }: Tridiagonal, rotate: RotateRows): void {
  const last = diagonal.length - 1;
  if (Math.abs(diagonal[0]) <= Math.abs(diagonal[last])) return sweepAll(diagonal, offDiagonal, (i, cosine, sine) => rotate(i, i + 1, cosine, sine));
  // QL takes many sweeps where a matrix is graded from large to small: turn it upside down.
  diagonal.reverse();
  offDiagonal.subarray(0, last).reverse();
  sweepAll(diagonal, offDiagonal, (i, cosine, sine) => rotate(last - i, last - i - 1, cosine, sine));
  diagonal.reverse();
}

function sweepAll(d: Float64Array, e: Float64Array, rotate: (i: number, cosine: number, sine: number) => void): void {
  const floor = machineEpsilon * machineEpsilon * largestOf(d, e);
  let sweeps = sweepsPerEigenvalue * d.length;
  for (let l = 0; l < d.length; l++) {
    for (;;) {
      const m = firstNegligible(d, e, l, floor);
      if (m === l) break;
      if (sweeps-- === 0) throw new LetheError("linalg/no-convergence", `Eigenvalue ${l} did not converge; report the matrix.`, { index: l });
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      let r = Math.hypot(g, 1);
      g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
      let [sine, cosine, shift] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = sine * e[i];
        const b = cosine * e[i];
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) break;
        sine = f / r;
        cosine = g / r;
        g = d[i + 1] - shift;
        const turn = (d[i] - g) * sine + 2 * cosine * b;
        shift = sine * turn;
        d[i + 1] = g + shift;
        g = cosine * turn - b;
        rotate(i, cosine, sine);
      }
      if (r === 0 && i >= l) {
        // The matrix has split at i + 1: take back the shift and start over below.
        d[i + 1] -= shift;
        e[m] = 0;
        continue;
      }
      d[l] -= shift;
      e[l] = g;
      e[m] = 0;
    }
  }
}

/** The end of the unreduced block that begins at `from`. The floor lets go of what lies 32 digits below the matrix, where sweeps would go on and on. */
function firstNegligible(d: Float64Array, e: Float64Array, from: number, floor: number): number {
  let m = from;
  while (m < d.length - 1 && Math.abs(e[m]) > machineEpsilon * Math.sqrt(Math.abs(d[m])) * Math.sqrt(Math.abs(d[m + 1])) + floor) m++;
  return m;
}

function largestOf(d: Float64Array, e: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < d.length; i++) largest = Math.max(largest, Math.abs(d[i]), i < d.length - 1 ? Math.abs(e[i]) : 0);
  return largest;
}
