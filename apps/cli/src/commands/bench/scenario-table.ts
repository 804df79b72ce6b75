import type { MetricSummary, RowSummary, ScenarioSummary } from "@lethe/bench";
import { paintVerdict } from "../../evaluation/cells.ts";
import {
  bandIn,
  mainColumns,
  shownIn,
  timesFaster,
  valueIn,
  worstInWords,
  worstOf,
  type Column,
  type ShownMetric,
} from "../../evaluation/main-columns.ts";
import { count, duration, plural } from "../../terminal/format.ts";
import type { Style } from "../../terminal/style.ts";
import { renderTable } from "../../terminal/table.ts";
import type { View } from "../../terminal/view.ts";
import { marked, wrap } from "../../terminal/wrap.ts";

const columns: readonly Column[] = [...mainColumns, { title: "ToW", metrics: ["tug-of-war"], digits: [3, 2] }];

/**
 * One scenario as a table: a row for each method with means over the seeds, doing nothing above them, the oracles' band below.
 *
 * @param flags those to be told here.
 */
export function scenarioLines(scenario: ScenarioSummary, flags: ScenarioSummary["flags"], view: View): string[] {
  const { style } = view;
  const { forget, retain } = scenario.sampleCounts;
  const seeds = Math.max(...scenario.rows.map((row) => row.seeds.length));
  const present = columns.filter((column) => scenario.rows.some(({ metrics }) => shownIn([column], metrics).length > 0));
  const head = ["", ...present.map(({ title }) => title), "time", "faster", "verdict"];
  const content = {
    head,
    rows: [...scenario.rows.map((row) => rowCells(row, present, style)), oracleCells(scenario, present, style)],
    align: head.map((_, column) => (column === 0 || column === head.length - 1 ? ("left" as const) : ("right" as const))),
    dispensable: ["ToW", "JS", "MIA", "test %", "faster", "time"],
  };
  const facts = [`forget ${scenario.forgotten}`, `${count(forget)} of ${plural(forget + retain, "training sample")}`, plural(seeds, "seed")];
  return [
    `${style.bold(`${scenario.problem}, ${scenario.scenario}`)}  ${style.dim(facts.join(" · "))}`,
    "",
    renderTable(content, view),
    ...onceLines(scenario, view),
    ...flags.flatMap((flag) => flagLines(flag, view)),
  ];
}

export function flagLines({ sentence }: ScenarioSummary["flags"][number], view: View): string[] {
  return marked(view.style.yellow("!"), sentence, view);
}

function rowCells(row: RowSummary, present: readonly Column[], style: Style): string[] {
  const { role, method, seconds, speedUp } = row;
  return [
    role === "method" ? style.bold(method) : method,
    ...shownIn(present, row.metrics).map((each) => metricCell(each, style)),
    seconds.request === null ? "" : duration(seconds.request),
    speedUp === null || role === "control" ? "" : timesFaster(speedUp),
    verdictCell(row, present, style),
  ];
}

function metricCell(shown: ShownMetric<MetricSummary>, style: Style): string {
  const verdict = usualVerdict(shown.metric);
  const text = valueIn(shown, shown.metric.mean);
  return verdict === undefined ? text : paintVerdict(verdict, text, style);
}

function oracleCells({ rows: [row], oracleSeconds, oracles }: ScenarioSummary, present: readonly Column[], style: Style): string[] {
  const bands = shownIn(present, row.metrics).map((each) => style.dim(bandIn(each)));
  return ["oracles", ...bands, style.dim(oracleSeconds === null ? "" : duration(oracleSeconds)), "", style.dim(`band of ${oracles}`)];
}

/** What most seeds ended with. */
function usualVerdict({ verdicts: [first] }: MetricSummary): MetricSummary["verdicts"][number]["verdict"] | undefined {
  return first?.verdict;
}

/** What stands out among the metrics shown, and in how many seeds where not in all. */
function verdictCell(row: RowSummary, present: readonly Column[], style: Style): string {
  const failed = row.failures.length === 0 ? "" : style.red(` ${row.seeds.length === 0 ? "failed" : `${row.failures.length} failed`}`);
  if (row.seeds.length === 0) return failed.trim();
  const of = (seeds: number) => (seeds === row.seeds.length ? "" : style.dim(` ${seeds}/${row.seeds.length}`));
  const unchanged = row.statuses.find(({ status }) => status === "no-effect")?.seeds ?? 0;
  if (2 * unchanged > row.seeds.length) return `${style.yellow("no effect")}${of(unchanged)}${failed}`;
  const lost = row.flags.find(({ flag }) => flag.code === "utility-lost")?.seeds.length ?? 0;
  if (2 * lost > row.seeds.length) return `${style.red("utility lost")}${of(lost)}${failed}`;
  const metrics = shownIn(present, row.metrics).map(({ metric }) => metric);
  const worst = worstOf(metrics.flatMap((metric) => usualVerdict(metric) ?? []));
  const seedsWith = (verdict: string) => metrics.map(({ verdicts }) => verdicts.find((each) => each.verdict === verdict)?.seeds ?? 0);
  const seeds = worst === undefined ? row.seeds.length : Math.max(...seedsWith(worst));
  return `${worstInWords(worst, style)}${of(seeds)}${failed}`;
}

/** Work that the times per request leave out. */
function onceLines({ rows }: ScenarioSummary, { style, columns: width }: View): string[] {
  const parts = rows.flatMap(({ method, seconds: { preparation, search } }) => [
    ...(preparation === null ? [] : [`${method} prepared for ${duration(preparation)}`]),
    ...(search === null ? [] : [`${method} searched for ${duration(search)}`]),
  ]);
  return parts.length === 0 ? [] : wrap(`Once, not in the times: ${parts.join("; ")}.`, width).map(style.dim);
}
