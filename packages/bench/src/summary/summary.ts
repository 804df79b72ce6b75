import type { Direction, EquivalenceTest, Flag, Interval, Metric, Verdict } from "@lethe/metrics";

/** One metric of one method over all seeds of one scenario. The seed is the unit: samples of one model are never counted as models. */
export interface MetricSummary {
  readonly name: string;
  readonly title: string;
  readonly unit: Metric["unit"];
  readonly direction: Direction;
  /** One per seed, in the order of the seeds; null where the value does not exist. */
  readonly values: readonly (number | null)[];
  readonly mean: number | null;
  /** 95% t-interval of the mean over seeds; null below two. */
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
  /**
   * Whether value - oracles' mean is *shown* to lie within the margin (two one-sided t-tests, paired by seed). The margin is twice the oracles' pooled standard
   * deviation, or the resolution where that is larger. Null where there are fewer than two seeds or no spread to take a margin from.
   */
  readonly equivalence: (EquivalenceTest & { readonly margin: number }) | null;
}

/** One row of the table: one method, or doing nothing, in one scenario. */
export interface RowSummary {
  readonly problem: string;
  readonly scenario: string;
  readonly method: string;
  readonly role: "method" | "control" | "do-nothing";
  readonly seeds: readonly number[];
  readonly metrics: readonly MetricSummary[];
  /** Flags of any seed, each once, with the seeds that have it. */
  readonly flags: readonly { readonly flag: Flag; readonly seeds: readonly number[] }[];
  /** Share of metrics with a verdict that are inside the band, over all seeds; null where there is no verdict. */
  readonly withinBand: number | null;
  readonly statuses: readonly { readonly status: string; readonly seeds: number }[];
  /** Means over seeds, in seconds; null for doing nothing, or where there was none. */
  readonly seconds: { readonly request: number | null; readonly preparation: number | null; readonly search: number | null };
  /** Mean seconds of an oracle over seconds of the request. */
  readonly speedUp: number | null;
}

export interface ScenarioSummary {
  readonly problem: string;
  readonly scenario: string;
  /** In words. */
  readonly forgotten: string;
  readonly oracles: number;
  readonly sampleCounts: { readonly retain: number; readonly forget: number; readonly test: number };
  /** Mean seconds of retraining. */
  readonly oracleSeconds: number;
  /** Doing nothing first, then the methods in the experiment's order, controls last. */
  readonly rows: readonly RowSummary[];
  /** About the evaluations themselves, each once: too few oracles, a forget set that cannot tell. */
  readonly flags: readonly Flag[];
}

export interface Summary {
  readonly format: "lethe/summary";
  readonly version: 1;
  readonly name: string;
  readonly seeds: readonly number[];
  readonly scenarios: readonly ScenarioSummary[];
}
