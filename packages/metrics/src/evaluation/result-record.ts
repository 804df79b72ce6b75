import type { Interval } from "../statistics/intervals.ts";
import type { Flag } from "./flags.ts";
import type { MetricResult } from "./report.ts";

/**
 * What a table needs of a number, whichever audit it comes from. A `MetricResult` of `evaluate` has all of it but the interval, since one
 * model's value has none; audits over many models, which do not fit the inputs of `evaluate`, hand out these. Plain JSON.
 */
export interface ResultRecord extends Pick<MetricResult, "name" | "version" | "title" | "recipe" | "unit" | "value" | "target" | "direction"> {
  /** Of the value, over independent models; null where none is known. */
  readonly interval: Interval | null;
  /** What must not be overlooked in reading the value. */
  readonly flags: readonly Flag[];
}
