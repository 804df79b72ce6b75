import type { Interval } from "../statistics/intervals.ts";
import type { Verdict } from "../verdict/verdict.ts";
import type { Flag } from "./flags.ts";
import type { Direction, Metric } from "./metric.ts";

/** One metric of one model beside the oracles. Plain JSON; null wherever a number does not exist. */
export interface MetricResult {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly recipe: string;
  readonly unit: Metric["unit"];
  /** Of the model of this row. */
  readonly value: number | null;
  /** Comparisons only: the value against each oracle alone. */
  readonly toEachOracle: readonly number[] | null;
  /** Of the model before unlearning. */
  readonly original: number | null;
  /** `standardDeviation` has the divisor count - 1. */
  readonly oracles: {
    readonly values: readonly number[];
    readonly mean: number | null;
    readonly standardDeviation: number | null;
    readonly count: number;
  };
  /** Where one more retrained model is expected; see `oracleBand`. */
  readonly band: Interval | null;
  /** The half-width below which the band never falls: what the number of samples can show. */
  readonly resolution: number | null;
  /** The number to aim at: the oracles' mean, which for comparisons is the mean of one oracle against the others. */
  readonly target: number | null;
  readonly direction: Direction;
  readonly verdict: Verdict;
}

/** One model judged by all metrics. */
export interface EvaluationRow {
  readonly metrics: readonly MetricResult[];
  /** Accuracy of each class on the test set; null for a class without test samples. */
  readonly testAccuracyPerClass: readonly (number | null)[];
  readonly flags: readonly Flag[];
}

/** The outcome of `evaluate`. Plain JSON: survives `JSON.parse(JSON.stringify(evaluation))` unchanged. */
export interface Evaluation {
  readonly format: "lethe/evaluation";
  readonly version: 1;
  readonly scenario: "samples" | "class";
  /** None when samples were forgotten. */
  readonly forgottenClasses: readonly number[];
  readonly classCount: number;
  readonly sampleCounts: { readonly retain: number; readonly forget: number; readonly test: number };
  readonly oracleCount: number;
  readonly seed: number;
  readonly unlearned: EvaluationRow;
  /** The original model as if it were the result: what a method must improve on. */
  readonly doNothing: EvaluationRow;
  /** About the evaluation itself: too few oracles, equal oracles, a forget set that tells nothing. */
  readonly flags: readonly Flag[];
}
