import type { Sides } from "../verdict/verdict.ts";
import type { ModelOutputs } from "./outputs.ts";
import type { Setting } from "./setting.ts";

export type SetName = "retain" | "forget" | "test";

export const setNames: readonly SetName[] = ["retain", "forget", "test"];

/** One number, and how small a difference of it the samples can show (see `oracleBand`). */
export interface Measurement {
  readonly value: number;
  readonly resolution: number;
  /** The value against each reference alone, for comparisons that have one. */
  readonly toEach?: readonly number[];
}

/** Which way is good: like the oracles, more, or less. */
export type Direction = "match oracles" | "higher" | "lower";

interface MetricDescription {
  /** Stable name, kebab-case: `"forget-accuracy"`. */
  readonly name: string;
  /** Raised whenever the recipe changes the number. */
  readonly version: number;
  readonly title: string;
  /** How the number is made, in one sentence, with every choice that others make differently. */
  readonly recipe: string;
  /** `"share"` lies in [0, 1]; `"nats"` are natural logarithms. */
  readonly unit: "share" | "nats" | "distance" | "score";
  readonly direction: Direction;
  readonly sides: Sides;
  /** Smallest and largest possible value; the band is cut there. */
  readonly range: readonly [number, number];
  /** Whether the metric makes sense in this setting; left out where it always does. */
  applies?(setting: Setting): boolean;
}

/** A property of one model. The oracles' values are those of each oracle. */
export interface ModelMetric extends MetricDescription {
  readonly kind: "model";
  /** Null where the value is not defined, as on an empty set. */
  measure(model: ModelOutputs, setting: Setting): Measurement | null;
}

/** A comparison of one model with others. The oracles' values compare each oracle with all the other oracles: the floor. */
export interface ComparisonMetric extends MetricDescription {
  readonly kind: "comparison";
  /** Null where the value is not defined; `references` is never empty. */
  measure(model: ModelOutputs, references: readonly ModelOutputs[], setting: Setting): Measurement | null;
}

/**
 * One way of judging a model. To add a metric, write a file that exports one of these, and list it in `standard-metrics.ts` or pass it to
 * `evaluate({ metrics: [...standardMetrics, mine] })`.
 */
export type Metric = ModelMetric | ComparisonMetric;
