import { mean } from "@lethe/metrics";
import type { ExperimentResults, RunFailure } from "../results/experiment-results.ts";
import type { RunResult } from "../results/run-result.ts";
import { scenarioFlags } from "./flags.ts";
import { doNothingName, metricsOf, rowSummary } from "./row.ts";
import type { ScenarioSummary, Summary } from "./summary.ts";
import { distinct } from "./tally.ts";

/**
 * The tables of an experiment: for each scenario doing nothing, the methods and the control, each metric over the seeds.
 *
 * Seeds are the unit of every mean and interval. Doing nothing is the original model judged as if it were the result; problems, scenarios and methods keep the order in
 * which their runs come. Audits have tables of their own and are left out.
 *
 * @example
 * const { scenarios } = summarise(exampleResults());
 * scenarios.map(({ problem, scenario }) => `${problem} ${scenario}`); // ["digits-mlp class", "digits-mlp random", "fashion-cnn class", "fashion-cnn random"]
 * scenarios[0].rows.map((row) => row.method); // ["do nothing", "ssd", "finetune", "ascent", "retrain (control)"]
 * scenarios[0].rows[1].metrics[0].title; // "Forget accuracy"
 * scenarios[0].rows[1].metrics[0].target; // 0
 * scenarios[0].rows[1].seeds; // [0, 1, 2]
 */
export function summarise({ name, runs, failures }: ExperimentResults): Summary {
  // A method of which every run failed still has a row, after those of which something is known.
  const methods = distinct([...runs.filter(({ role }) => role === "method"), ...failures].map(({ method }) => method));
  const places = distinct(runs.map(({ problem }) => problem)).flatMap((problem) =>
    distinct(runs.filter((run) => run.problem === problem).map(({ scenario }) => scenario)).map((scenario) => ({ problem, scenario })),
  );
  return {
    format: "lethe/summary",
    version: 1,
    name,
    seeds: distinct(runs.map(({ seed }) => seed)).toSorted((a, b) => a - b),
    scenarios: places.map((place) => {
      const isHere = (run: RunResult | RunFailure) => run.problem === place.problem && run.scenario === place.scenario;
      return scenarioSummary(place, methods, runs.filter(isHere).toSorted(bySeed), failures.filter(isHere).toSorted(bySeed));
    }),
  };
}

function scenarioSummary(
  place: Pick<ScenarioSummary, "problem" | "scenario">,
  methods: readonly string[],
  runs: readonly RunResult[],
  failures: readonly RunFailure[],
): ScenarioSummary {
  // What all methods share: the original, the oracles and what they were judged on.
  const cells = runs.filter(({ seed }, index) => runs.findIndex((run) => run.seed === seed) === index);
  const metrics = metricsOf(cells);
  const controls = runs.filter(({ role }) => role === "control");
  const tried = methods.map((method) => ({
    method,
    runs: runs.filter((run) => run.role === "method" && run.method === method),
    failures: failures.filter((failure) => failure.method === method),
  }));
  const rows = [
    { method: doNothingName, role: "do-nothing" as const, runs: cells, failures: [] },
    ...tried.filter((row) => row.runs.length + row.failures.length > 0).map((row) => ({ ...row, role: "method" as const })),
    ...distinct(controls.map(({ method }) => method)).map((method) => ({
      method,
      role: "control" as const,
      runs: controls.filter((run) => run.method === method),
      failures: [],
    })),
  ];
  const [{ forgotten, sequence = null, evaluation }] = cells;
  return {
    ...place,
    sequence,
    forgotten,
    oracles: evaluation.oracleCount,
    sampleCounts: evaluation.sampleCounts,
    oracleSeconds: mean(cells.flatMap(({ cost }) => cost.oracleSeconds)),
    rows: rows.map((row) => rowSummary(place, { ...row, metrics })),
    flags: scenarioFlags(cells.map((run) => ({ seed: run.seed, flags: run.evaluation.flags }))),
  };
}

function bySeed(a: { readonly seed: number }, b: { readonly seed: number }): number {
  return a.seed - b.seed;
}
