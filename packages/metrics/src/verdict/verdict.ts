import type { Interval } from "../statistics/intervals.ts";

/**
 * What one value says about the unlearned model.
 *
 * - `under-forgotten`, `over-forgotten`: beyond the band on the side where the forget set is still remembered, or treated worse than
 *   data that was never seen.
 * - `worse than oracle band`, `better than oracle band`: for utility, where more is better.
 * - `different from retrained`: farther from the oracles than they are from one another.
 * - `stands out`: an attack tells the forget set from unseen samples more easily than under the oracles.
 * - `needs more oracles`: there is no band yet (one oracle has no spread).
 * - `not defined`: the value itself does not exist (an empty set).
 */
export type Verdict =
  | "within oracle band"
  | "under-forgotten"
  | "over-forgotten"
  | "worse than oracle band"
  | "better than oracle band"
  | "different from retrained"
  | "stands out"
  | "needs more oracles"
  | "not defined";

/** What a metric's two sides mean. */
export interface Sides {
  readonly below: Verdict;
  readonly above: Verdict;
}

/** Rounding of means, so that a value on the edge of the band (one sample off) counts as inside. */
const slack = 1e-12;

/**
 * Places a value against the oracles' band; the edges belong to the band.
 *
 * @example
 * const sides: Sides = { below: "over-forgotten", above: "under-forgotten" };
 * verdictOf(0.95, { lower: 0.7, upper: 0.8 }, sides); // "under-forgotten"
 */
export function verdictOf(value: number | null, band: Interval | null, sides: Sides): Verdict {
  if (value === null) return "not defined";
  if (band === null) return "needs more oracles";
  if (value < band.lower - slack) return sides.below;
  if (value > band.upper + slack) return sides.above;
  return "within oracle band";
}
