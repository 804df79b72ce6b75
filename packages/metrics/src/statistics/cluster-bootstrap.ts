import { createRandom, LetheError, type HostTensor } from "@lethe/core";
import type { Interval } from "./intervals.ts";
import { standardDeviation } from "./moments.ts";

export interface ClusterBootstrapOptions {
  /** Default 0.95. */
  readonly confidence?: number;
  /** Default 2,000. */
  readonly resamples?: number;
  /** Default 0. */
  readonly seed?: number | string;
}

export interface ClusterBootstrap {
  /** Over all entries. */
  readonly mean: number;
  readonly standardError: number;
  /** Percentiles of the resampled means. */
  readonly interval: Interval;
}

/**
 * Bootstrap interval for a mean over seeds *and* samples, such as an accuracy: value `[k, i]` is what the model of seed k does on sample i, the same
 * samples in the same order for each seed.
 *
 * Seeds and samples are resampled independently, with replacement, and the mean is taken over the grid of those drawn (Owen 2007, The pigeonhole bootstrap,
 * Annals of Applied Statistics 1), so that samples of one model are never taken for independent models. On the safe side: it covers at least what it says when there are
 * many of both. With three or four seeds percentiles are too narrow; then use {@link meanInterval} over the seeds' means.
 *
 * @param values `[seeds, samples]`, any host type.
 * @returns null below two seeds or two samples.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/bad-argument`.
 * @example
 * const correct = { shape: [2, 3], values: Uint8Array.of(1, 1, 1, 1, 1, 1) };
 * clusterBootstrap(correct)?.interval; // { lower: 1, upper: 1 }
 */
export function clusterBootstrap(
  { shape, values }: HostTensor,
  { confidence = 0.95, resamples = 2000, seed = 0 }: ClusterBootstrapOptions = {},
): ClusterBootstrap | null {
  const [seeds, samples] = shape;
  if (shape.length !== 2 || values.length !== seeds * samples || !values.every(Number.isFinite)) {
    throw new LetheError("metrics/shape-mismatch", `Values must be finite and [seeds, samples], not [${shape.join(", ")}].`, { shape });
  }
  if (!(confidence > 0 && confidence < 1 && Number.isInteger(resamples) && resamples >= 2)) {
    throw new LetheError("metrics/bad-argument", `No bootstrap with ${resamples} resamples at confidence ${confidence}.`, { resamples, confidence });
  }
  if (seeds < 2 || samples < 2) return null;
  const random = createRandom(seed).split("cluster bootstrap");
  const means = Float64Array.from({ length: resamples }, () => {
    const times = new Float64Array(samples);
    for (let i = 0; i < samples; i++) times[random.integer(samples)]++;
    let sum = 0;
    for (let k = 0; k < seeds; k++) {
      const start = random.integer(seeds) * samples;
      for (let i = 0; i < samples; i++) sum += times[i] * values[start + i];
    }
    return sum / (seeds * samples);
  }).toSorted();
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return {
    mean: total / values.length,
    standardError: standardDeviation(means) as number,
    interval: { lower: quantile(means, (1 - confidence) / 2), upper: quantile(means, (1 + confidence) / 2) },
  };
}

/** Linear between order statistics. */
function quantile(sorted: Float64Array, p: number): number {
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
