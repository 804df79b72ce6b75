import { meanInterval } from "../statistics/intervals.ts";
import { mean } from "../statistics/moments.ts";
import type { Flag } from "./flags.ts";
import type { ResultRecord } from "./result-record.ts";

/** What a number is, without the number. */
export type MetricIdentity = Pick<ResultRecord, "name" | "version" | "title" | "recipe" | "unit" | "direction">;

export interface RunValues {
  /** One of each independent run: of a model that was trained and unlearned with a seed of its own. */
  readonly values: readonly number[];
  /** The same number of retrained models; their mean becomes the target. Left out, there is no target. */
  readonly oracles?: readonly number[];
  readonly flags?: readonly Flag[];
}

/**
 * A number that was computed run by run, as a record for a table: mean over the runs, 95% t-interval over them, and the retrained models' mean as target.
 *
 * For what a plain function returns and `evaluate` does not hold: {@link furtherMetrics} describes such numbers, or describe one of your own. The interval is null below two
 * runs: one model's value has none.
 *
 * @example
 * const record = recordOverRuns(furtherMetrics["backdoor-success-rate"], { values: [0.1, 0.2, 0.3], oracles: [0.1, 0.14] });
 * record.name; // "backdoor-success-rate"
 * record.value; // 0.2
 * record.target; // 0.12
 * record.interval; // { lower: -0.048414, upper: 0.448414 }
 */
export function recordOverRuns(metric: MetricIdentity, { values, oracles = [], flags = [] }: RunValues): ResultRecord {
  const { name, version, title, recipe, unit, direction } = metric;
  return { name, version, title, recipe, unit, direction, value: mean(values), target: mean(oracles), interval: meanInterval(values, 0.95), flags };
}
