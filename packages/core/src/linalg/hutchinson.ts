import type { Random } from "../random/index.ts";
import { apply, expectCount } from "./checks.ts";
import { estimateFrom, type Estimate } from "./estimate.ts";
import type { LinearOperator } from "./operator.ts";
import { dot, rademacher } from "./vector.ts";

export interface ProbeOptions {
  /** How many random vectors, one product each; at least 2, or there is no standard error. */
  readonly probes: number;
  /** Probe i is drawn from `random.split("probe", i)`, so that more probes begin with the same ones. */
  readonly random: Random;
}

/**
 * The trace, in units of A, as the mean of `z.A z` over vectors z of random signs (Hutchinson 1990). Its variance per probe is
 * `2 (||A||_F^2 - sum of a_ii^2)` for a symmetric A: a diagonal A is exact with any probe.
 *
 * @throws LetheError `linalg/bad-option` for fewer than two probes, `linalg/non-finite`.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[2, 0], [0, 3]]));
 * await estimateTrace(operator, { probes: 2, random: createRandom(1) }); // { estimate: 5, standardError: 0 }
 */
export async function estimateTrace(operator: LinearOperator, { probes, random }: ProbeOptions): Promise<Estimate> {
  expectCount("probes", probes, 2);
  const values: number[] = [];
  for (let i = 0; i < probes; i++) {
    const probe = rademacher(operator.dimension, random.split("probe", i));
    values.push(dot(probe, await apply(operator, probe)));
  }
  return estimateFrom(values);
}

export interface DiagonalEstimate {
  readonly diagonal: Float64Array;
  /** One for each entry. */
  readonly standardErrors: Float64Array;
}

/**
 * The diagonal, in units of A, as the mean of `z * A z` entry by entry over vectors z of random signs (Bekas, Kokiopoulou and Saad 2007). The
 * variance of entry i per probe is the sum of the squares of the other entries of row i.
 *
 * @throws LetheError `linalg/bad-option` for fewer than two probes, `linalg/non-finite`.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[2, 0], [0, 3]]));
 * const { diagonal } = await estimateDiagonal(operator, { probes: 2, random: createRandom(1) });
 * diagonal; // [2, 3]
 */
export async function estimateDiagonal(operator: LinearOperator, { probes, random }: ProbeOptions): Promise<DiagonalEstimate> {
  expectCount("probes", probes, 2);
  const { dimension } = operator;
  const mean = new Float64Array(dimension);
  const squares = new Float64Array(dimension);
  for (let i = 0; i < probes; i++) {
    const probe = rademacher(dimension, random.split("probe", i));
    const product = await apply(operator, probe);
    // Welford's recurrence: a sum of squares less the square of a sum would lose all digits of a small variance.
    for (let j = 0; j < dimension; j++) {
      const away = probe[j] * product[j] - mean[j];
      mean[j] += away / (i + 1);
      squares[j] += away * (probe[j] * product[j] - mean[j]);
    }
  }
  return { diagonal: mean, standardErrors: squares.map((sum) => Math.sqrt(sum / (probes - 1) / probes)) };
}
