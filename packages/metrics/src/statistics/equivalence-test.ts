import { LetheError } from "@lethe/core";
import type { Interval } from "./intervals.ts";
import { mean, standardDeviation } from "./moments.ts";
import { studentTQuantile, studentTUpperTail } from "./student-t.ts";

interface EquivalenceOptions {
  /** Differences of less than this count as none; set it before looking, from the spread of the oracles among themselves. */
  readonly margin: number;
  /** alpha, default 0.05. */
  readonly level?: number;
}

/**
 * `"welch"`: independent runs x and y of unlike variance; `"pooled"`: of common variance; `"paired"`: run i of x and of y belong together, as with a shared seed;
 * `"one-sample"`: x are differences already.
 */
export type EquivalenceInput = EquivalenceOptions &
  (
    | { readonly kind: "welch" | "pooled" | "paired"; readonly x: ArrayLike<number>; readonly y: ArrayLike<number> }
    | { readonly kind: "one-sample"; readonly x: ArrayLike<number> }
  );

export interface EquivalenceTest {
  /** mean x - mean y, or the mean of the differences. */
  readonly difference: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /** (difference + margin) / standardError: against "lower than by the margin". */
  readonly tLower: number;
  /** (difference - margin) / standardError: against "higher than by the margin". */
  readonly tUpper: number;
  readonly pLower: number;
  readonly pUpper: number;
  /** max(pLower, pUpper). */
  readonly pValue: number;
  /** pValue < alpha: shown to differ by less than the margin. */
  readonly equivalent: boolean;
  /** With confidence 1 - 2 alpha; inside (-margin, margin) exactly when equivalent. */
  readonly interval: Interval;
}

/**
 * Two one-sided t-tests for equivalence: H0 says that the means differ by the margin or more, and rejecting it *shows* that they do not.
 *
 * "Not significantly different" from a handful of seeds shows nothing; this test asks for evidence of likeness, and too few seeds make it fail. Values must come from
 * different trainings, never from samples of one model. Without any spread the t values are infinite and, for Welch, n_x + n_y - 2 degrees of freedom are used.
 *
 * Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics 15; Welch-Satterthwaite degrees of freedom.
 *
 * @returns null below two values on a side.
 * @throws LetheError `metrics/bad-argument` for pairs of unequal number, a margin that is not positive, or a level outside (0, 1/2).
 * @example
 * const unlearned = [0.91, 0.9, 0.92];
 * const oracles = [0.91, 0.91, 0.9];
 * equivalenceTest({ kind: "welch", x: unlearned, y: oracles, margin: 0.03 })?.equivalent; // true
 * equivalenceTest({ kind: "welch", x: unlearned, y: oracles, margin: 0.01 })?.equivalent; // false
 */
export function equivalenceTest(input: EquivalenceInput): EquivalenceTest | null {
  const { margin, level = 0.05 } = input;
  if (!(margin > 0 && level > 0 && level < 0.5)) {
    throw new LetheError("metrics/bad-argument", `No equivalence within ${margin} at level ${level}.`, { margin, level });
  }
  const estimate = estimateOf(input);
  if (estimate === null) return null;
  const { difference, standardError, degreesOfFreedom } = estimate;
  const tLower = quotient(difference + margin, standardError);
  const tUpper = quotient(difference - margin, standardError);
  const pLower = studentTUpperTail(tLower, degreesOfFreedom);
  const pUpper = studentTUpperTail(-tUpper, degreesOfFreedom);
  const pValue = Math.max(pLower, pUpper);
  const halfWidth = studentTQuantile(1 - level, degreesOfFreedom) * standardError;
  const interval = { lower: difference - halfWidth, upper: difference + halfWidth };
  return { ...estimate, tLower, tUpper, pLower, pUpper, pValue, equivalent: pValue < level, interval };
}

interface Estimate {
  readonly difference: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

function estimateOf(input: EquivalenceInput): Estimate | null {
  if (input.kind === "one-sample") return fromDifferences(input.x);
  const { kind, x, y } = input;
  if (kind === "paired") {
    if (x.length !== y.length) throw new LetheError("metrics/bad-argument", `${x.length} and ${y.length} runs do not pair up.`);
    return fromDifferences(Array.from(x, (value, i) => value - y[i]));
  }
  const [meanX, meanY, spreadX, spreadY] = [mean(x), mean(y), standardDeviation(x), standardDeviation(y)];
  if (meanX === null || meanY === null || spreadX === null || spreadY === null) return null;
  const free = x.length + y.length - 2;
  if (kind === "pooled") {
    const variance = ((x.length - 1) * spreadX ** 2 + (y.length - 1) * spreadY ** 2) / free;
    return { difference: meanX - meanY, standardError: Math.sqrt(variance * (1 / x.length + 1 / y.length)), degreesOfFreedom: free };
  }
  const [a, b] = [spreadX ** 2 / x.length, spreadY ** 2 / y.length];
  const degreesOfFreedom = a + b === 0 ? free : (a + b) ** 2 / (a ** 2 / (x.length - 1) + b ** 2 / (y.length - 1));
  return { difference: meanX - meanY, standardError: Math.sqrt(a + b), degreesOfFreedom };
}

function fromDifferences(differences: ArrayLike<number>): Estimate | null {
  const difference = mean(differences);
  const spread = standardDeviation(differences);
  if (difference === null || spread === null) return null;
  return { difference, standardError: spread / Math.sqrt(differences.length), degreesOfFreedom: differences.length - 1 };
}

/** 0 / 0 is a difference of exactly the margin without spread, which shows nothing: t = 0. */
function quotient(difference: number, standardError: number): number {
  return difference === 0 ? 0 : difference / standardError;
}
