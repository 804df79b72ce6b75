import type { ExperimentResults } from "../results/experiment-results.ts";
import type { RunResult } from "../results/run-result.ts";
import type { ScenarioSummary, Summary } from "../summary/summary.ts";
import { metricColumns, type MetricColumn } from "./columns.ts";
import { distinct, placeInWords } from "./words.ts";

/** One scenario of one problem, with what its section needs. */
export interface Scene {
  readonly id: string;
  readonly title: string;
  readonly summary: ScenarioSummary;
  readonly columns: readonly MetricColumn[];
  readonly runs: readonly RunResult[];
  /** One run of each method, without controls: what the figures show. */
  readonly shown: readonly RunResult[];
}

export function scenesOf({ runs }: ExperimentResults, { scenarios }: Summary): readonly Scene[] {
  return scenarios.map((summary, index) => {
    const { problem, scenario } = summary;
    const own = runs.filter((run) => run.problem === problem && run.scenario === scenario);
    return {
      id: `scenario-${index + 1}`,
      title: `${problem}: ${summary.sequence === null ? scenario : placeInWords(summary.sequence)}`,
      summary,
      columns: metricColumns(summary),
      runs: own,
      shown: firstRuns(own),
    };
  });
}

/** The run with the lowest seed of each method. */
function firstRuns(runs: readonly RunResult[]): readonly RunResult[] {
  const methods = runs.filter(({ role }) => role === "method");
  return distinct(methods.map(({ method }) => method)).map((method) =>
    methods.filter((run) => run.method === method).reduce((first, run) => (run.seed < first.seed ? run : first)),
  );
}

/** `Shown: seed 0.`; methods that have no run with that seed are named. */
export function shownSeeds({ shown }: Scene): string {
  const usual = Math.min(...shown.map(({ seed }) => seed));
  const others = shown.filter(({ seed }) => seed !== usual).map(({ method, seed }) => `${method}, seed ${seed}`);
  return `Shown: seed ${usual}${others.length === 0 ? "" : ` (${others.join("; ")})`}.`;
}
