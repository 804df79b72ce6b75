import { mean, type EvaluationRow } from "@lethe/metrics";
import type { RunFailure } from "../results/experiment-results.ts";
import type { RunResult } from "../results/run-result.ts";
import { mergeFlags } from "./flags.ts";
import { meanOf, metricSummary } from "./metric.ts";
import type { MetricSummary, RowSummary } from "./summary.ts";
import { distinct, tally } from "./tally.ts";

/** The name of the row that shows the original model as if it were a result. */
export const doNothingName = "do nothing";

/** A row of one scenario: which runs, increasing by seed, and which model of their evaluations. */
export interface RowInput {
  readonly method: string;
  readonly role: RowSummary["role"];
  readonly runs: readonly RunResult[];
  readonly failures: readonly RunFailure[];
  /** Results to take the metrics' names from, so that all rows of a scenario have the same ones. */
  readonly metrics: EvaluationRow["metrics"];
}

export function rowSummary(place: Pick<RowSummary, "problem" | "scenario">, { method, role, runs, failures, metrics }: RowInput): RowSummary {
  const judged = runs.map(({ seed, evaluation }) => ({ seed, ...(role === "do-nothing" ? evaluation.doNothing : evaluation.unlearned) }));
  const summaries = metrics.map((identity) =>
    metricSummary(
      identity,
      judged.map((row) => row.metrics.find(({ name }) => name === identity.name)),
    ),
  );
  return {
    ...place,
    method,
    role,
    seeds: runs.map(({ seed }) => seed),
    failures: failures.map(({ seed, code, message }) => ({ seed, code, message })),
    metrics: summaries,
    flags: mergeFlags(judged),
    withinBand: shareWithinBand(summaries),
    ...(role === "do-nothing"
      ? { statuses: [], seconds: { request: null, preparation: null, search: null }, speedUp: null, moved: null }
      : spent(runs)),
  };
}

/** The first result of every metric that occurs. */
export function metricsOf(runs: readonly RunResult[]): EvaluationRow["metrics"] {
  const all = runs.flatMap(({ evaluation }) => evaluation.doNothing.metrics);
  return distinct(all.map(({ name }) => name)).map((name) => all.find((metric) => metric.name === name)!);
}

function shareWithinBand(metrics: readonly MetricSummary[]): number | null {
  const verdicts = metrics
    .flatMap((metric) => metric.verdicts)
    .filter(({ verdict }) => verdict !== "needs more oracles" && verdict !== "not defined");
  const count = (some: typeof verdicts) => some.reduce((sum, { seeds }) => sum + seeds, 0);
  return verdicts.length === 0 ? null : count(verdicts.filter(({ verdict }) => verdict === "within oracle band")) / count(verdicts);
}

function spent(runs: readonly RunResult[]): Pick<RowSummary, "statuses" | "seconds" | "speedUp" | "moved"> {
  const request = mean(runs.map(({ cost }) => cost.request.seconds));
  const oracle = mean(runs.flatMap(({ cost }) => cost.oracleSeconds));
  return {
    statuses: tally(runs.map(({ outcome }) => outcome.status)).map(([status, seeds]) => ({ status, seeds })),
    seconds: {
      request,
      preparation: meanOf(runs.map(({ cost }) => cost.preparation?.seconds ?? null)),
      search: meanOf(runs.map(({ cost }) => cost.search?.seconds ?? null)),
    },
    speedUp: oracle === null || request === null || request === 0 ? null : oracle / request,
    moved: meanOf(runs.map(({ details }) => details.moved)),
  };
}
