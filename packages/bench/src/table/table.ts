import type { MetricResult } from "@lethe/metrics";
import type { ExperimentResults } from "../results/experiment-results.ts";
import type { RunResult } from "../results/run-result.ts";
import { doNothingName } from "../summary/row.ts";

/** Null where a number does not exist. An `int` is a whole number below 2^53. */
export type Cell = string | number | null;

export interface Column {
  readonly name: string;
  readonly type: "string" | "double" | "int";
}

/** Rows of cells in the order of the columns. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** One metric of one model: what a run answered, or what it was before. */
interface Line {
  readonly run: RunResult;
  readonly role: RunResult["role"] | "do-nothing";
  readonly metric: MetricResult;
}

interface LineColumn extends Column {
  cell(line: Line): Cell;
}

const columns: readonly LineColumn[] = [
  { name: "experiment", type: "string", cell: ({ run }) => run.experiment },
  { name: "problem", type: "string", cell: ({ run }) => run.problem },
  { name: "scenario", type: "string", cell: ({ run }) => run.scenario },
  { name: "method", type: "string", cell: ({ run, role }) => (role === "do-nothing" ? doNothingName : run.method) },
  { name: "role", type: "string", cell: ({ role }) => role },
  { name: "seed", type: "int", cell: ({ run }) => run.seed },
  { name: "metric", type: "string", cell: ({ metric }) => metric.name },
  { name: "version", type: "int", cell: ({ metric }) => metric.version },
  { name: "value", type: "double", cell: ({ metric }) => metric.value },
  { name: "original", type: "double", cell: ({ metric }) => metric.original },
  { name: "oracle_mean", type: "double", cell: ({ metric }) => metric.oracles.mean },
  { name: "oracle_sd", type: "double", cell: ({ metric }) => metric.oracles.standardDeviation },
  { name: "oracle_count", type: "int", cell: ({ metric }) => metric.oracles.count },
  { name: "band_lower", type: "double", cell: ({ metric }) => metric.band?.lower ?? null },
  { name: "band_upper", type: "double", cell: ({ metric }) => metric.band?.upper ?? null },
  { name: "verdict", type: "string", cell: ({ metric }) => metric.verdict },
  { name: "unit", type: "string", cell: ({ metric }) => metric.unit },
  { name: "direction", type: "string", cell: ({ metric }) => metric.direction },
  { name: "request_seconds", type: "double", cell: spent(({ cost }) => cost.request.seconds) },
  { name: "preparation_seconds", type: "double", cell: spent(({ cost }) => cost.preparation?.seconds ?? null) },
  { name: "weights_moved", type: "double", cell: spent(({ details }) => details.moved) },
  { name: "status", type: "string", cell: spent(({ outcome }) => outcome.status) },
  { name: "backend", type: "string", cell: ({ run }) => run.lock.backend },
];

/** Doing nothing is no request: it takes no time and ends with no status. */
function spent(cell: (run: RunResult) => Cell): LineColumn["cell"] {
  return ({ run, role }) => (role === "do-nothing" ? null : cell(run));
}

/**
 * The runs of an experiment in long form, for data frames: one row for each metric of each run, and of doing nothing once for each problem, scenario and seed.
 * Columns that end in `_seconds` are seconds; the unit of values, of the oracles' figures and of the band is in `unit`. Audits and failed runs are left out.
 *
 * @example
 * const { columns, rows } = tableOf(exampleResults());
 * columns.slice(0, 3).map(({ name }) => name); // ["experiment", "problem", "scenario"]
 * rows[0].slice(0, 9); // ["example", "digits-mlp", "class", "do nothing", "do-nothing", 0, "forget-accuracy", 1, 1]
 */
export function tableOf({ runs }: ExperimentResults): Table {
  const seen = new Set<string>();
  const lines = runs.flatMap((run): Line[] => {
    const { doNothing, unlearned } = run.evaluation;
    const cell = JSON.stringify([run.problem, run.scenario, run.seed]);
    const before = seen.has(cell) ? [] : doNothing.metrics.map((metric): Line => ({ run, role: "do-nothing", metric }));
    seen.add(cell);
    return [...before, ...unlearned.metrics.map((metric): Line => ({ run, role: run.role, metric }))];
  });
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: lines.map((line) => columns.map(({ cell }) => cell(line))),
  };
}
