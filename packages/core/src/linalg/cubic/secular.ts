import { machineEpsilon } from "../vector.ts";

/**
 * The cubic sub-problem in the eigenbasis of H, where it is one equation in one unknown, and in units in which `lambda = ||s||` and `||g|| = 1`.
 *
 * `poles[i] = lambda_i + least >= 0` with `least = max(0, -lambda_min)`, and `components` are those of g. For `mu > 0` the step is
 * `s_i = -c_i / (poles_i + mu)` and `lambda = least + mu`; what is sought is the mu at which `||s|| = lambda`. Working in mu instead of lambda keeps
 * the digits next to the pole.
 */
export interface SecularProblem {
  /** In increasing order. */
  readonly poles: Float64Array;
  /** Of length 1 together. */
  readonly components: Float64Array;
  /** The least lambda that makes H + lambda I positive semidefinite. */
  readonly least: number;
}

export interface SecularRoot {
  readonly mu: number;
  /** `| ||s|| - lambda |` relative to the larger of the two. */
  readonly residual: number;
  readonly iterations: number;
}

/** Agreement at which iterating stops for want of digits; what is accepted is up to the caller. */
const sharpest = 4e-16;

const maximumIterations = 200;

/**
 * Newton's method on `1 / ||s|| - 1 / lambda`, which is nearly linear in mu and rising, inside a bracket that every trial shrinks.
 *
 * The first bracket follows from `1 / (highest pole + mu) <= ||s|| <= 1 / (lowest pole + mu)`, written with the root of a quadratic that never
 * subtracts.
 */
export function solveSecular({ poles, components, least }: SecularProblem): SecularRoot {
  const [lowestPole, highestPole] = [poles[0], poles[poles.length - 1]];
  // Rounding must not leave the root outside, as it would where all poles are one and both ends the root itself.
  let upper = (1 + 1e-12) * bracketEnd(lowestPole + least, 1 - lowestPole * least);
  let lower = (1 - 1e-12) * bracketEnd(highestPole + least, 1 - highestPole * least);
  let mu = lower > 0 ? (lower + upper) / 2 : upper;
  let best: SecularRoot = { mu, residual: Infinity, iterations: 0 };
  for (let iterations = 1; iterations <= maximumIterations; iterations++) {
    const lambda = least + mu;
    const { ratio, pull } = trial(poles, components, mu, lambda);
    const residual = Math.abs(ratio - 1) / Math.max(ratio, 1);
    if (residual < best.residual) best = { mu, residual, iterations };
    if (residual <= sharpest) break;
    if (ratio > 1) lower = mu;
    else upper = mu;
    // Numerator and slope both times lambda.
    const next = mu - (1 / ratio - 1) / (pull / ratio + 1 / lambda);
    if (next === mu || upper - lower <= machineEpsilon * upper) break;
    mu = next > lower && next < upper ? next : lower > 0 ? Math.sqrt(lower) * Math.sqrt(upper) : upper / 1000;
  }
  return best;
}

/**
 * `||s|| / lambda`, near 1 whatever the scales, and the mean of 1 / (pole + mu) over the step's squares, by which `1 / ||s||` rises relative to
 * itself.
 */
function trial(poles: Float64Array, components: Float64Array, mu: number, lambda: number): { ratio: number; pull: number } {
  let squares = 0;
  let pulled = 0;
  for (let i = 0; i < poles.length; i++) {
    const distance = poles[i] + mu;
    const part = components[i] / distance / lambda;
    squares += part * part;
    pulled += (part * part) / distance;
  }
  return { ratio: Math.sqrt(squares), pull: pulled / squares };
}

/** The positive root of `x^2 + b x - k`, 0 for k <= 0. */
function bracketEnd(b: number, k: number): number {
  return k > 0 ? (2 * k) / (b + Math.hypot(b, 2 * Math.sqrt(k))) : 0;
}
