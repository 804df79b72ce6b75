import { mean, standardDeviation } from "./moments.ts";
import { studentTQuantile } from "./student-t.ts";

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * t-interval for the mean of K independent runs: mean +- t_(K-1, (1+confidence)/2) s / sqrt(K); null below two values.
 *
 * The values must come from different models (seeds), never from samples of one model.
 *
 * @example
 * meanInterval([0.7, 0.8, 0.9], 0.95); // { lower: 0.551586, upper: 1.048414 }
 */
export function meanInterval(values: ArrayLike<number>, confidence: number): Interval | null {
  return tInterval(values, confidence, 1 / values.length);
}

/**
 * Where one further run is expected, given K independent runs: mean +- t_(K-1, (1+confidence)/2) s sqrt(1 + 1/K); null below two values.
 *
 * The classical prediction interval for one future draw of a normal sample (for instance Hahn and Meeker, Statistical Intervals). Exact
 * when the runs are normal with common mean and variance.
 *
 * @example
 * predictionInterval([0.7, 0.8, 0.9], 0.95); // { lower: 0.303172, upper: 1.296828 }
 */
export function predictionInterval(values: ArrayLike<number>, confidence: number): Interval | null {
  return tInterval(values, confidence, 1 + 1 / values.length);
}

function tInterval(values: ArrayLike<number>, confidence: number, varianceFactor: number): Interval | null {
  const centre = mean(values);
  const spread = standardDeviation(values);
  if (centre === null || spread === null) return null;
  const halfWidth = studentTQuantile((1 + confidence) / 2, values.length - 1) * spread * Math.sqrt(varianceFactor);
  return { lower: centre - halfWidth, upper: centre + halfWidth };
}
