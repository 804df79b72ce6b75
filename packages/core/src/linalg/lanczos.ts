import { LetheError } from "../errors/index.ts";
import type { Random } from "../random/index.ts";
import { expectCount, expectNonNegative, expectSymmetricOperator, expectVector } from "./checks.ts";
import { KrylovBasis } from "./krylov-basis.ts";
import { rowOf } from "./matrix.ts";
import type { LinearOperator } from "./operator.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";
import { norm, unitVector } from "./vector.ts";

/** `A Q = Q T + beta q e_k^T`: Q orthonormal, T tridiagonal. */
export interface LanczosDecomposition {
  /** Diagonal of T, k numbers. */
  readonly diagonal: Float64Array;
  /** Off-diagonal of T, k - 1 positive numbers. */
  readonly offDiagonal: Float64Array;
  /** Columns of Q; the first is the start, normalised. */
  readonly basis: readonly Float64Array[];
  /** beta, the length of what the last product adds to the space. */
  readonly residualNorm: number;
  /** `invariant-subspace`: the start lies in a space of k dimensions that A maps into itself; nothing outside it can be seen from this start. */
  readonly status: "completed" | "invariant-subspace";
}

/**
 * Lanczos tridiagonalisation of a symmetric operator (Lanczos 1950), each vector orthogonalised against all before it, twice: without that,
 * orthogonality is lost as soon as an eigenvalue converges, and copies of it appear (Paige 1971). One product and 4 k d multiplications in step k.
 *
 * @throws LetheError `linalg/zero-vector` for a start of zero, `linalg/not-symmetric`, `linalg/dimension-mismatch`, `linalg/non-finite`,
 * `linalg/bad-option`.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[2, 1], [1, 2]]));
 * const { diagonal, offDiagonal } = await lanczos(operator, Float64Array.of(1, 0), { steps: 2 });
 * diagonal; // [2, 2]
 * offDiagonal; // [1]
 */
export async function lanczos(operator: LinearOperator, start: Float64Array, { steps }: { readonly steps: number }): Promise<LanczosDecomposition> {
  expectSymmetricOperator("lanczos", operator);
  expectVector("The start", start, operator.dimension);
  expectCount("steps", steps);
  if (norm(start) === 0) throw new LetheError("linalg/zero-vector", "The start of lanczos is zero, which spans nothing; give another vector.");
  const basis = new KrylovBasis(operator, [start]);
  let grew = true;
  while (grew && basis.size < steps) grew = await basis.grow();
  const { size } = basis;
  const { values } = basis.projection();
  const last = new Float64Array(size);
  last[size - 1] = 1;
  return {
    diagonal: Float64Array.from({ length: size }, (_, i) => values[i * size + i]),
    offDiagonal: Float64Array.from({ length: size - 1 }, (_, i) => values[(i + 1) * size + i]),
    basis: basis.vectors,
    residualNorm: basis.residualNorm(last),
    status: size < steps || size === operator.dimension ? "invariant-subspace" : "completed",
  };
}

export interface Eigenpair {
  readonly value: number;
  /** Of unit length; the sign is arbitrary. */
  readonly vector: Float64Array;
  /** `||A v - value v||`: some eigenvalue of A is at most this far from `value`. That it is the next one from the end is likely, not certain. */
  readonly residualBound: number;
}

export interface ExtremeEigenpairsOptions {
  /** How many of the largest; default 0. */
  readonly top?: number;
  /** How many of the smallest; default 0. */
  readonly bottom?: number;
  /** Of the start, and of new starts where a space is exhausted. */
  readonly random: Random;
  /** Stop once every residual bound is at most this times the largest magnitude seen; default 1e-8. */
  readonly relativeTolerance?: number;
  /** Most products; default the smaller of d and 10 (top + bottom) + 100. */
  readonly maximumSteps?: number;
}

export interface ExtremeEigenpairs {
  /** In decreasing order. */
  readonly top: readonly Eigenpair[];
  /** In increasing order. */
  readonly bottom: readonly Eigenpair[];
  readonly status: "converged" | "budget-reached";
  /** Products with A. */
  readonly steps: number;
  /** Largest magnitude of a Ritz value: a lower bound of ||A||, and soon a sharp one. */
  readonly scale: number;
}

/**
 * Largest and smallest eigenvalues of a symmetric operator with their vectors, by Lanczos from a random start.
 *
 * Values converge from inside the spectrum. One start meets one vector of each eigenspace: copies of a multiple eigenvalue appear only where the
 * space is exhausted and a new start is drawn, so that among `top: 2` a double largest eigenvalue may be listed once.
 *
 * @throws LetheError `linalg/not-symmetric`, `linalg/bad-option`, `linalg/non-finite`.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[2, 0, 0], [0, -1, 0], [0, 0, 0.5]]));
 * const { top, bottom } = await extremeEigenpairs(operator, { top: 1, bottom: 1, random: createRandom(1) });
 * top[0].value; // 2
 * bottom[0].value; // -1
 */
export async function extremeEigenpairs(operator: LinearOperator, options: ExtremeEigenpairsOptions): Promise<ExtremeEigenpairs> {
  const { dimension } = operator;
  const { top = 0, bottom = 0, random, relativeTolerance = 1e-8, maximumSteps = Math.min(dimension, 10 * (top + bottom) + 100) } = options;
  expectSymmetricOperator("extremeEigenpairs", operator);
  expectCount("top", top, 0);
  expectCount("bottom", bottom, 0);
  expectCount("maximumSteps", maximumSteps, Math.max(1, top, bottom));
  expectNonNegative("relativeTolerance", relativeTolerance);
  if (Math.max(top, bottom) > dimension) {
    throw new LetheError("linalg/bad-option", `${Math.max(top, bottom)} eigenpairs are asked of an operator that has ${dimension}; ask for fewer.`, {
      top,
      bottom,
      dimension,
    });
  }
  const basis = new KrylovBasis(operator, []);
  let starts = 0;
  let nextLook = Math.max(top, bottom, 1);
  for (;;) {
    const grew = await basis.grow();
    const ended = basis.size >= Math.min(maximumSteps, dimension);
    if (!grew && !ended) basis.addStart(unitVector(dimension, random.split("start", starts++)));
    // Each look costs size^3, so that looks are made ever more rarely.
    if (!ended && (!grew || basis.size < nextLook)) continue;
    nextLook = Math.ceil(1.15 * basis.size + 1);
    const pairs = ritzPairs(basis, top, bottom);
    const found = [...pairs.top, ...pairs.bottom];
    const converged = found.every(({ residualBound }) => residualBound <= relativeTolerance * pairs.scale);
    if (!converged && !ended) continue;
    return { ...pairs, status: converged ? "converged" : "budget-reached", steps: basis.size };
  }
}

function ritzPairs(basis: KrylovBasis, top: number, bottom: number): Pick<ExtremeEigenpairs, "top" | "bottom" | "scale"> {
  const { values, vectors } = symmetricEigen(basis.projection());
  const pair = (j: number): Eigenpair => {
    const coefficients = rowOf(vectors, j);
    return { value: values[j], vector: basis.combine(coefficients), residualBound: basis.residualNorm(coefficients) };
  };
  return {
    top: Array.from({ length: top }, (_, i) => pair(values.length - 1 - i)),
    bottom: Array.from({ length: bottom }, (_, i) => pair(i)),
    scale: Math.max(Math.abs(values[0]), Math.abs(values[values.length - 1])),
  };
}
