import type { Interval, MetricResult } from "@lethe/metrics";
import type { Style } from "../terminal/style.ts";
import { paintVerdict } from "./cells.ts";

type Verdict = MetricResult["verdict"];

/** One metric in a table whose rows are methods. */
export interface Column {
  readonly title: string;
  /** The first of these that there is. In a class scenario the test set is that of the retained classes. */
  readonly metrics: readonly string[];
  /** Decimals of a value, and of the edges of the band, which are less certain. */
  readonly digits: readonly [value: number, band: number];
}

export const mainColumns: readonly Column[] = [
  { title: "retain %", metrics: ["retain-accuracy"], digits: [1, 1] },
  { title: "forget %", metrics: ["forget-accuracy"], digits: [1, 1] },
  { title: "test %", metrics: ["test-accuracy", "test-accuracy-retained-classes"], digits: [1, 1] },
  { title: "MIA", metrics: ["loss-attack-auc"], digits: [3, 2] },
  { title: "JS", metrics: ["js-divergence-forget"], digits: [3, 2] },
];

export interface ShownMetric<Metric> {
  readonly metric: Metric;
  readonly column: Column;
}

/** Of all metrics those that the columns show, in their order. */
export function shownIn<Metric extends { readonly name: string }>(
  columns: readonly Column[],
  metrics: readonly Metric[],
): readonly ShownMetric<Metric>[] {
  return columns.flatMap((column) =>
    metrics
      .filter(({ name }) => column.metrics.includes(name))
      .slice(0, 1)
      .map((metric) => ({ metric, column })),
  );
}

export function valueIn({ metric, column }: ShownMetric<{ readonly name: string }>, value: number | null): string {
  return value === null ? "–" : decimal(metric.name, value, column.digits[0]);
}

export function bandIn({ metric, column }: ShownMetric<{ readonly name: string; readonly band: Interval | null }>): string {
  const { name, band } = metric;
  return band === null ? "–" : `${decimal(name, band.lower, column.digits[1])}–${decimal(name, band.upper, column.digits[1])}`;
}

function decimal(name: string, value: number, digits: number): string {
  return (name.includes("accuracy") ? 100 * value : value).toFixed(digits);
}

/** From the worst, forgetting first. */
const badVerdicts = ["under-forgotten", "over-forgotten", "worse than oracle band", "different from retrained"] as const;

/** What stands out among verdicts; undefined where all is as it is with retrained models. */
export function worstOf(verdicts: readonly Verdict[]): Verdict | undefined {
  return badVerdicts.find((each) => verdicts.includes(each)) ?? verdicts.find((each) => each === "needs more oracles");
}

/** The last cell of a row. */
export function worstInWords(worst: Verdict | undefined, style: Style): string {
  if (worst === undefined) return style.green("like retrained");
  return paintVerdict(worst, worst === "worse than oracle band" ? "less useful" : worst, style);
}

/**
 * @example
 * timesFaster(7.31); // "7.3x"
 * timesFaster(41.2); // "41x"
 */
export function timesFaster(factor: number): string {
  return factor >= 10 ? `${factor.toFixed(0)}x` : `${factor.toFixed(1)}x`;
}
