import type { SequencePlace } from "../experiment/experiment.ts";
import type { Direction, EquivalenceTest, Flag, FlagCode, Interval, Metric, Verdict } from "@lethe/metrics";

/** One metric of one method over all seeds of one scenario. The seed is the unit: samples of one model are never counted as models. */
export interface MetricSummary {
  readonly name: string;
  readonly title: string;
  readonly unit: Metric["unit"];
  readonly direction: Direction;
  /** One per seed of the row, in their order; null where the value does not exist. What follows is over the others. */
  readonly values: readonly (number | null)[];
  readonly mean: number | null;
  /** 95% t-interval of the mean over seeds, cut where the metric has no values; null below two. */
  readonly interval: Interval | null;
  /** Mean over seeds of the oracles' mean. */
  readonly target: number | null;
  /** Mean over seeds of the band's edges, for a reader's eye; the verdicts are each seed's own. */
  readonly band: Interval | null;
  /** Mean over seeds of |value - oracles' mean|: absolute first, so that signs cannot cancel. */
  readonly gap: number | null;
  readonly gapInterval: Interval | null;
  /** How many seeds ended with which verdict, the most frequent first. */
  readonly verdicts: readonly { readonly verdict: Verdict; readonly seeds: number }[];
  /** Null where there are fewer than two seeds, or no spread to take a margin from. */
  readonly equivalence: EquivalenceSummary | null;
}

/**
 * Whether value - oracles' mean is *shown* to lie within the margin (two one-sided t-tests, paired by seed). The margin is twice the oracles' standard deviation,
 * pooled over the seeds, or the mean resolution where that is larger. Without the t values, which are infinite, and so no JSON, where the differences have no spread.
 */
export interface EquivalenceSummary extends Omit<EquivalenceTest, "tLower" | "tUpper"> {
  readonly margin: number;
}

/** One row of the table: one method, or doing nothing, in one scenario. */
export interface RowSummary {
  readonly problem: string;
  readonly scenario: string;
  readonly method: string;
  readonly role: "method" | "control" | "do-nothing";
  /** Of the runs that came to a result, increasing. */
  readonly seeds: readonly number[];
  /** Runs that came to nothing; they are in no number of this row. */
  readonly failures: readonly { readonly seed: number; readonly code: string; readonly message: string }[];
  readonly metrics: readonly MetricSummary[];
  /** Flags of any seed, each code once: the sentence is that of the first of the seeds that have it, the metrics are those of all of them. */
  readonly flags: readonly { readonly flag: Flag; readonly seeds: readonly number[] }[];
  /** Share of metrics with a verdict that are inside the band, over all seeds; null where there is no verdict. */
  readonly withinBand: number | null;
  /** How many seeds ended with which status, the most frequent first; none for doing nothing. */
  readonly statuses: readonly { readonly status: string; readonly seeds: number }[];
  /** Means over seeds, in seconds; null for doing nothing, or where there was none. */
  readonly seconds: { readonly request: number | null; readonly preparation: number | null; readonly search: number | null };
  /** Mean seconds of an oracle over mean seconds of the request, on the seeds of this row; null for doing nothing. */
  readonly speedUp: number | null;
  /** Mean over seeds of norm2 of the change of all weights; null for doing nothing and for a control. */
  readonly moved: number | null;
}

/** What is to be known about the evaluations of a scenario themselves. */
export interface ScenarioFlag extends Omit<Flag, "code"> {
  /** `needs-more-seeds`: fewer than three, so that intervals over seeds are wide or missing. */
  readonly code: FlagCode | "needs-more-seeds";
  /** To which it applies. */
  readonly seeds: readonly number[];
}

export interface ScenarioSummary {
  readonly problem: string;
  readonly scenario: string;
  /** Where it is one request of several that follow one another. */
  readonly sequence: SequencePlace | null;
  /** In words. */
  readonly forgotten: string;
  /** Of each seed. */
  readonly oracles: number;
  readonly sampleCounts: { readonly retain: number; readonly forget: number; readonly test: number };
  /** Mean seconds of retraining; null without oracles. */
  readonly oracleSeconds: number | null;
  /** Doing nothing first, then the methods in the experiment's order, controls last. */
  readonly rows: readonly RowSummary[];
  /** Each code once, the sentence being that of the first of its seeds: too few oracles or seeds, a forget set that cannot tell. */
  readonly flags: readonly ScenarioFlag[];
}

/** All tables of a report. Plain JSON. */
export interface Summary {
  readonly format: "lethe/summary";
  readonly version: 1;
  readonly name: string;
  /** All that have a result, increasing. */
  readonly seeds: readonly number[];
  /** In the experiment's order; one whose every run failed is left out, since nothing is known of it. */
  readonly scenarios: readonly ScenarioSummary[];
}
