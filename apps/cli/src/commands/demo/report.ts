import type { Evaluation, EvaluationRow, MetricResult } from "@lethe/metrics";
import type { Report } from "../../command-line/command.ts";
import { paintVerdict } from "../../evaluation/cells.ts";
import { bandIn, mainColumns, shownIn, timesFaster, valueIn, worstInWords, worstOf, type ShownMetric } from "../../evaluation/main-columns.ts";
import { count, duration, plural } from "../../terminal/format.ts";
import type { Style } from "../../terminal/style.ts";
import { renderTable } from "../../terminal/table.ts";
import { wrap } from "../../terminal/wrap.ts";
import type { View } from "../../terminal/view.ts";
import { demoMethods } from "./plan.ts";
import type { Demo, JudgedCase, JudgedRow } from "./run.ts";

export function demoReport(demo: Demo, folder: string): Report {
  const { plan, backend, workers, size, made, cases, seconds } = demo;
  return {
    data: {
      folder,
      seed: plan.seed,
      recipe: plan.recipe,
      backend,
      workers,
      samples: size,
      seconds,
      training: { weights: made.original.weights, loss: made.original.loss, cost: made.original.cost },
      preparation: made.prepared.cost,
      scenarios: cases.map(({ scenario, rows, oracleSeconds }) => ({
        id: scenario.id,
        title: scenario.title,
        forgotten: scenario.forgotten,
        oracleSeconds,
        methods: rows.map(({ method, result, evaluation }) => {
          const { options, status, message, report, weights, cost } = result;
          return { method, options, status, message, report, weights, cost, evaluation };
        }),
      })),
    },
    text: (view) => describe(demo, folder, view),
  };
}

function describe(demo: Demo, folder: string, view: View): string {
  const { style } = view;
  const { plan, cases, seconds, size, workers, backend } = demo;
  const legend =
    "Numbers are green where one more retrained model is expected to lie (95% band of the oracles), red where not. Test: test samples of the classes that stay. MIA: area under the curve of a loss attack that " +
    "tells the forget set from unseen samples, 0.5 is blind. JS: Jensen-Shannon divergence from the oracles on the forget set, in nats. Faster: than " +
    "retraining, per request.";
  return [
    ...cases.flatMap((each) => [...caseLines(each, demo, view), ""]),
    ...wrap(legend, view.columns).map((line) => style.dim(line)),
    "",
    `${style.green("✓")} ${plural(1 + cases.length * (plan.oracles + demoMethods.length), "model")} in ${duration(seconds)}: ${plural(size, "sample")}, ${plural(plan.recipe.epochs, "epoch")}, ${backend}, ${workers} at a time`,
    "",
    `Saved in ${style.bold(folder)}. Next:`,
    ...nextSteps(folder, view.lethe).map((step) => `  ${style.cyan(step)}`),
  ].join("\n");
}

function nextSteps(folder: string, lethe: string): string[] {
  return [
    `${lethe} evaluate ${folder}/class-1/ssd --oracles 4 --all`,
    `${lethe} unlearn ${folder}/original --method ssd --set selection=search --forget class=Coat --out runs/no-coats`,
    `${lethe} methods ssd`,
  ];
}

function caseLines({ scenario, rows, oracleSeconds }: JudgedCase, { made }: Demo, view: View): string[] {
  const { style } = view;
  const [{ evaluation }] = rows;
  const { forget, retain } = evaluation.sampleCounts;
  const retraining = rows.find(({ method }) => method === "retrain")?.result.cost.seconds ?? mean(oracleSeconds);
  const head = ["", ...mainColumns.map(({ title }) => title), "time", "faster", "verdict"];
  const content = {
    head,
    rows: [
      ["do nothing", ...metricCells(evaluation.doNothing, style), "", "", verdictCell(evaluation.doNothing, style)],
      ...rows.map((row) => methodCells(row, retraining, style)),
      [
        "oracles",
        ...shown(evaluation.unlearned).map((each) => style.dim(bandIn(each))),
        style.dim(duration(mean(oracleSeconds))),
        "",
        style.dim(`band of ${evaluation.oracleCount}`),
      ],
    ],
    align: head.map((_, column) => (column === 0 || column === head.length - 1 ? ("left" as const) : ("right" as const))),
    dispensable: ["JS", "MIA", "test %"],
  };
  return [
    `${style.bold(`Forget ${scenario.title}`)}  ${style.dim(`${count(forget)} of ${plural(forget + retain, "training sample")}`)}`,
    "",
    renderTable(content, view),
    ...cautionLines(evaluation, style),
    ...preparationLine(rows, made.prepared.cost.seconds, retraining, style),
  ];
}

/** Where the original passes for a retrained model, passing for one is no merit. */
function cautionLines({ doNothing, flags }: Evaluation, style: Style): string[] {
  const passes = shown(doNothing).every(({ metric }) => metric.verdict === "within oracle band");
  const own = passes
    ? ["The original lies within every band shown, so these numbers cannot tell a method from doing nothing."]
    : flags.map(({ sentence }) => sentence);
  return own.map((sentence) => `${style.yellow("!")} ${sentence}`);
}

function preparationLine(rows: readonly JudgedRow[], once: number, retraining: number, style: Style): string[] {
  const request = rows.find(({ method }) => method === "ssd")?.result.cost.seconds;
  if (request === undefined) return [];
  return [
    style.dim(
      `ssd also prepared for ${duration(once)}, once for all requests; counted in full, it is ${timesFaster(retraining / (request + once))} faster.`,
    ),
  ];
}

function methodCells({ method, result, evaluation }: JudgedRow, retraining: number, style: Style): string[] {
  const { seconds } = result.cost;
  const verdict = result.status === "no-effect" ? style.yellow("no effect") : verdictCell(evaluation.unlearned, style);
  return [
    style.bold(method),
    ...metricCells(evaluation.unlearned, style),
    duration(seconds),
    method === "retrain" ? "" : timesFaster(retraining / seconds),
    verdict,
  ];
}

function metricCells(row: EvaluationRow, style: Style): string[] {
  return shown(row).map((each) => paintVerdict(each.metric.verdict, valueIn(each, each.metric.value), style));
}

/** What stands out among the metrics shown. */
function verdictCell(row: EvaluationRow, style: Style): string {
  if (row.flags.some(({ code }) => code === "utility-lost")) return style.red("utility lost");
  return worstInWords(worstOf(shown(row).map(({ metric }) => metric.verdict)), style);
}

function shown({ metrics }: EvaluationRow): readonly ShownMetric<MetricResult>[] {
  return shownIn(mainColumns, metrics);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
