import { predictionInterval, type Interval } from "../statistics/intervals.ts";
import { mean } from "../statistics/moments.ts";

/**
 * How the oracles' values came about: each from its own model alone (`"independent"`), or each by comparing one oracle with all the others
 * (`"leave-one-out"`, as distances are).
 */
export type OracleValues = "independent" | "leave-one-out";

/**
 * How many oracles a band needs: two to have a spread at all, three to have more than one pair.
 *
 * @example
 * oraclesNeeded("leave-one-out"); // 3
 */
export function oraclesNeeded(kind: OracleValues): number {
  return kind === "independent" ? 2 : 3;
}

/**
 * The band in which one more retrained model is expected, from the values of K oracles:
 *
 * mean +- max(t_(K-1, 0.975) f s sqrt(1 + 1/K), h).
 *
 * The first term is the 95% prediction interval for one further draw (not the interval for the mean: the question is whether the
 * unlearned model could *be* a retrained one). f = 1 for independent values. Leave-one-out values share their pairs: with
 * d_kj = mu + a_k + a_j + e_kj the spread of v_k = mean over j != k of d_kj shows only (K-2)/(K-1) of the spread of a, so
 * f = (K-1)/(K-2) restores it (and is on the safe side for e). Simulated distances and gaps of genuine retrains stay below the upper edge in
 * 95 to 99 of 100 cases for K = 3 to 10; without f in 90 to 97.
 *
 * h is the `resolution`: what the finite number of samples can tell apart, at least one sample's worth. Without it, K oracles that happen to agree
 * would make a band of width 0, and a model that differs in one sample a failure. Using max and not a sum, and one standard error
 * and not two, is Lethe's decision: the oracles' spread on the same samples already contains most of the sampling error.
 *
 * A band is a screen, not an equivalence test: with few oracles it is wide (t is 12.7 for K = 2, 4.3 for K = 3, 2.8 for K = 5), and being
 * inside it proves little. With many metrics, a genuine retrain falls outside one in twenty.
 *
 * @param values one per oracle.
 * @param resolution h, in the unit of the values.
 * @param kind how the values came about.
 * @returns null below {@link oraclesNeeded} values.
 * @example
 * oracleBand([0.9, 0.9, 0.9], 0.02, "independent"); // { lower: 0.88, upper: 0.92 }
 */
export function oracleBand(values: ArrayLike<number>, resolution: number, kind: OracleValues): Interval | null {
  const count = values.length;
  const centre = mean(values);
  const interval = predictionInterval(values, 0.95);
  if (centre === null || interval === null || count < oraclesNeeded(kind)) return null;
  const correction = kind === "independent" ? 1 : (count - 1) / (count - 2);
  const halfWidth = Math.max(correction * (interval.upper - centre), resolution);
  return { lower: centre - halfWidth, upper: centre + halfWidth };
}
