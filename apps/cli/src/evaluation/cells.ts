import type { MetricResult } from "@lethe/metrics";
import { percent, plural } from "../terminal/format.ts";
import type { Style } from "../terminal/style.ts";

type Verdict = MetricResult["verdict"];

/** The metrics of a short report, in its order. */
export const mainMetrics: readonly string[] = [
  "forget-accuracy",
  "backdoor-success-rate",
  "interclass-confusion-share",
  "original-label-accuracy",
  "test-accuracy-forgotten-class",
  "retain-accuracy",
  "test-accuracy",
  "test-accuracy-retained-classes",
  "loss-attack-auc",
  "exposure-auc",
  "js-divergence-forget",
  "js-divergence-retain",
  "js-divergence-test",
  "tug-of-war",
];

/** A value in the unit of its metric; areas under a curve are shares by unit, but nobody reads them in percent. */
export function valueCell({ name, unit }: Pick<MetricResult, "name" | "unit">, value: number | null): string {
  if (value === null) return "–";
  if (unit === "share" && !name.endsWith("-auc")) return percent(value);
  return value.toFixed(unit === "nats" || unit === "distance" ? 4 : 3);
}

export function bandCell(metric: MetricResult): string {
  return metric.band === null ? "–" : `${valueCell(metric, metric.band.lower)} to ${valueCell(metric, metric.band.upper)}`;
}

export function oracleCell(metric: MetricResult): string {
  const { mean, standardDeviation } = metric.oracles;
  return standardDeviation === null ? valueCell(metric, mean) : `${valueCell(metric, mean)} ± ${valueCell(metric, standardDeviation)}`;
}

/** Green within the band, red where forgetting failed or usefulness was lost, yellow where there is no telling. */
export function paintVerdict(verdict: Verdict, text: string, style: Style): string {
  if (verdict === "within oracle band") return style.green(text);
  if (verdict === "needs more oracles" || verdict === "not defined" || verdict === "better than oracle band") return style.yellow(text);
  return style.red(text);
}

/** What was forgotten: classes by number and name, or so many samples. */
export function forgottenInWords(forgottenClasses: readonly number[], samples: number, classNames: readonly string[]): string {
  return forgottenClasses.length === 0 ? plural(samples, "sample") : forgottenClasses.map((label) => classInWords(label, classNames)).join(", ");
}

/**
 * @example
 * classInWords(1, ["T-shirt", "Trouser"]); // "class 1 (Trouser)"
 */
export function classInWords(label: number, classNames: readonly string[]): string {
  const name = classNames[label];
  return name === undefined || name === String(label) ? `class ${label}` : `class ${label} (${name})`;
}
