import type { MetricSummary, RowSummary, ScenarioSummary } from "../summary/summary.ts";
import type { Cell } from "./document.ts";
import { formatInterval, formatValue, isPercent, missing } from "./numbers.ts";
import { isShownEqual, majority, marks, shownEqual } from "./verdicts.ts";

/** One metric of the table. */
export interface MetricColumn {
  readonly title: string;
  readonly unit?: string;
  /** As in the middle of a sentence. */
  readonly noun: string;
  readonly metric: string;
}

/** The first of `metrics` that the scenario has: where a class is forgotten, the test set is that of the other classes. */
const candidates: readonly { readonly title: string; readonly noun: string; readonly metrics: readonly string[]; readonly unit?: string }[] = [
  { title: "Retain", noun: "retain accuracy", metrics: ["retain-accuracy"] },
  { title: "Forget", noun: "forget accuracy", metrics: ["forget-accuracy"] },
  { title: "Test", noun: "test accuracy", metrics: ["test-accuracy"] },
  { title: "Test, retained classes", noun: "test accuracy on the retained classes", metrics: ["test-accuracy-retained-classes"] },
  { title: "Loss attack", noun: "loss attack", metrics: ["loss-attack-auc"], unit: "AUC" },
  { title: "Exposure", noun: "exposure", metrics: ["exposure-auc"], unit: "AUC" },
  { title: "JS, forget", noun: "Jensen-Shannon divergence", metrics: ["js-divergence-forget"], unit: "nats" },
  { title: "Tug-of-War", noun: "Tug-of-War", metrics: ["tug-of-war"], unit: "score" },
];

/** A metric that has no value in any row, as on an empty set, gets no column. */
export function metricColumns({ rows }: ScenarioSummary): readonly MetricColumn[] {
  const [{ metrics }] = rows;
  return candidates.flatMap(({ title, noun, metrics: names, unit }) => {
    const found = metrics.find(({ name }) => names.includes(name) && rows.some((row) => metricOf(row, name)?.mean != null));
    return found === undefined ? [] : [{ title, noun, metric: found.name, unit: isPercent(found) ? "%" : unit }];
  });
}

export function metricOf({ metrics }: Pick<RowSummary, "metrics">, name: string): MetricSummary | undefined {
  return metrics.find((metric) => metric.name === name);
}

/** Mean and interval over seeds, marked by what most seeds say. */
export function metricCell(metric: MetricSummary | undefined): Cell {
  if (metric === undefined || metric.mean === null) return { text: missing };
  const most = majority(metric);
  const interval = metric.interval === null ? [] : [formatInterval(metric, metric.interval)];
  const agreeing = most !== null && most.seeds < most.of ? [`${most.seeds} of ${most.of} seeds`] : [];
  return {
    text: formatValue(metric, metric.mean),
    details: [...interval, ...agreeing],
    ...(most === null ? {} : { mark: isShownEqual(metric) ? shownEqual : marks[most.verdict] }),
  };
}

/** The oracles' mean and band, over seeds. */
export function bandCell(metric: MetricSummary | undefined): Cell {
  if (metric === undefined || metric.target === null) return { text: missing };
  return { text: formatValue(metric, metric.target), details: metric.band === null ? [] : [formatInterval(metric, metric.band)] };
}
