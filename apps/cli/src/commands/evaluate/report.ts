import type { Evaluation, MetricResult } from "@lethe/metrics";
import type { Report } from "../../command-line/command.ts";
import { bandCell, forgottenInWords, mainMetrics, oracleCell, paintVerdict, valueCell } from "../../evaluation/cells.ts";
import { facts } from "../../terminal/facts.ts";
import { count, duration, plural } from "../../terminal/format.ts";
import { renderTable } from "../../terminal/table.ts";
import { wrap } from "../../terminal/wrap.ts";
import type { View } from "../../terminal/view.ts";
import type { Judgement } from "./judge.ts";

interface Shown {
  /** As the user wrote it. */
  readonly run: string;
  readonly all: boolean;
}

export function evaluationReport(judgement: Judgement, shown: Shown): Report {
  const { evaluation, manifest, original, oracles } = judgement;
  const requests = manifest.lineage.map(({ method, options, status, cost, preparation }) => ({ method, options, status, cost, preparation }));
  return {
    data: { run: shown.run, original, requests, oracles, evaluation },
    text: (view) => describe(judgement, shown, view),
  };
}

function describe({ evaluation, manifest, oracles, classNames }: Judgement, { run, all }: Shown, view: View): string {
  const { style } = view;
  const { sampleCounts, oracleCount } = evaluation;
  const methods = [...new Set(manifest.lineage.map(({ method }) => method))].join(" and ");
  const total = (seconds: readonly number[]) => seconds.reduce((sum, each) => sum + each, 0);
  const retraining = total(oracles.map(({ seconds }) => seconds)) / oracles.length;
  const requests = total(manifest.lineage.map(({ cost }) => cost.seconds));
  const preparing = total(manifest.lineage.map(({ preparation }) => preparation?.seconds ?? 0));
  const once = preparing === 0 ? "" : ` and ${duration(preparing)} of preparation`;
  return [
    `${style.bold(run)}  ${forgottenInWords(evaluation.forgottenClasses, sampleCounts.forget, classNames)} forgotten by ${methods}`,
    "",
    table(evaluation, all, view),
    "",
    ...facts(
      [
        ["sets", `${count(sampleCounts.retain)} retained, ${count(sampleCounts.forget)} forgotten, ${count(sampleCounts.test)} test`],
        ["oracles", `${plural(oracleCount, "retrained model")}; the band is where one more is expected (95%)`],
        ["time", `${duration(requests)}${once}; retraining ${duration(retraining)}: ${speedUp(retraining / (requests + preparing))}`],
      ],
      style,
    ),
    ...flagLines(evaluation, view),
  ].join("\n");
}

function table({ unlearned }: Evaluation, all: boolean, view: View): string {
  const { style } = view;
  const shown = all ? unlearned.metrics : mainMetrics.flatMap((name) => unlearned.metrics.filter((metric) => metric.name === name));
  const rows = shown.map((metric) => [
    metric.title,
    valueCell(metric, metric.original),
    style.bold(valueCell(metric, metric.value)),
    oracleCell(metric),
    style.dim(bandCell(metric)),
    paintVerdict(metric.verdict, metric.verdict, style),
  ]);
  const head = ["metric", "original", "unlearned", "oracles", "band", "verdict"];
  return renderTable({ head, rows, align: ["left", "right", "right", "right", "right", "left"], dispensable: ["oracles", "original", "band"] }, view);
}

function flagLines({ unlearned, flags }: Evaluation, { style, columns }: View): string[] {
  const lines = [...unlearned.flags, ...flags].flatMap((flag) =>
    wrap(shortened(flag, unlearned.metrics), Math.max(columns - 2, 30)).map((line, index) => `${index === 0 ? style.yellow("! ") : "  "}${line}`),
  );
  return lines.length === 0 ? [] : ["", ...lines];
}

/** Most metrics that a flag names in a report for people. */
const named = 3;

/** The flag without the numbers, which stand in the table. */
function shortened({ sentence, metrics }: Evaluation["flags"][number], results: readonly MetricResult[]): string {
  const [what] = sentence.split(": ");
  const titles = metrics.map((name) => results.find((metric) => metric.name === name)?.title ?? name);
  if (titles.length <= 1 || what === sentence) return sentence;
  const more = titles.length > named ? ` and ${titles.length - named} more` : "";
  return `${what}: ${titles.slice(0, named).join("; ")}${more}.`;
}

function speedUp(factor: number): string {
  return factor >= 1 ? `${factor >= 10 ? factor.toFixed(0) : factor.toFixed(1)} times as fast` : `${(1 / factor).toFixed(1)} times as slow`;
}
