import { equivalenceTest, mean, meanInterval, standardMetrics, type Interval, type MetricResult } from "@lethe/metrics";
import { tally } from "./tally.ts";
import type { EquivalenceSummary, MetricSummary } from "./summary.ts";

const confidence = 0.95;

/**
 * One metric over seeds. Only seeds that have the numbers count: a mean over two of three seeds is that of the two.
 *
 * @param identity any result of the same metric, for its name and unit.
 * @param results one per seed; undefined where a seed lacks the metric.
 */
export function metricSummary(identity: MetricResult, results: readonly (MetricResult | undefined)[]): MetricSummary {
  const values = results.map((result) => result?.value ?? null);
  const existing = values.filter((value) => value !== null);
  const present = results.filter((result) => result !== undefined);
  // Absolute before the mean: a seed that forgot too much must not make good for one that forgot too little.
  const gaps = pairsOf(present).map(({ value, target }) => Math.abs(value - target));
  const { name, title, unit, direction } = identity;
  return {
    name,
    title,
    unit,
    direction,
    values,
    mean: mean(existing),
    interval: possible(name, meanInterval(existing, confidence)),
    target: meanOf(present.map(({ target }) => target)),
    band: meanBand(present),
    gap: mean(gaps),
    gapInterval: meanInterval(gaps, confidence),
    verdicts: tally(present.map(({ verdict }) => verdict)).map(([verdict, seeds]) => ({ verdict, seeds })),
    equivalence: equivalenceOf(present),
  };
}

/** The part of the interval in which the metric has values: three seeds that differ much have a t-interval far beyond 0% or 100%. */
function possible(name: string, interval: Interval | null): Interval | null {
  const range = standardMetrics.find((metric) => metric.name === name)?.range;
  return range === undefined || interval === null
    ? interval
    : { lower: Math.max(range[0], interval.lower), upper: Math.min(range[1], interval.upper) };
}

/** Mean of the numbers that exist; null where none does. */
export function meanOf(values: readonly (number | null)[]): number | null {
  return mean(values.filter((value) => value !== null));
}

function pairsOf(results: readonly MetricResult[]): readonly { readonly value: number; readonly target: number }[] {
  return results.flatMap(({ value, target }) => (value === null || target === null ? [] : [{ value, target }]));
}

function meanBand(results: readonly MetricResult[]): Interval | null {
  const bands = results.flatMap(({ band }) => band ?? []);
  const lower = mean(bands.map((band) => band.lower));
  const upper = mean(bands.map((band) => band.upper));
  return lower === null || upper === null ? null : { lower, upper };
}

function equivalenceOf(results: readonly MetricResult[]): EquivalenceSummary | null {
  const pairs = pairsOf(results);
  const margin = marginOf(results);
  if (margin === null) return null;
  const test = equivalenceTest({ kind: "paired", x: pairs.map(({ value }) => value), y: pairs.map(({ target }) => target), margin });
  if (test === null) return null;
  const { tLower: _tLower, tUpper: _tUpper, ...rest } = test;
  return { ...rest, margin };
}

/** max(2 s, h) with s^2 = sum of (K_i - 1) s_i^2 / sum of (K_i - 1) over the seeds' oracles, and h the mean resolution; null without a spread. */
function marginOf(results: readonly MetricResult[]): number | null {
  const groups = results.flatMap(({ oracles: { standardDeviation, count } }) =>
    standardDeviation === null ? [] : [{ standardDeviation, free: count - 1 }],
  );
  if (groups.length === 0) return null;
  const squares = groups.reduce((sum, { standardDeviation, free }) => sum + free * standardDeviation ** 2, 0);
  const pooled = Math.sqrt(squares / groups.reduce((sum, { free }) => sum + free, 0));
  const margin = Math.max(2 * pooled, meanOf(results.map(({ resolution }) => resolution)) ?? 0);
  return margin > 0 ? margin : null;
}
