import type { Evaluation, EvaluationRow, MetricResult } from "@lethe/metrics";
import type { Report } from "../../command-line/command.ts";
import { paintVerdict } from "../../evaluation/cells.ts";
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

interface Column {
  readonly title: string;
  /** The first of these that the evaluation has. In a class scenario the test set is that of the retained classes. */
  readonly metrics: readonly string[];
  /** Decimals of a value, and of the edges of the band, which are less certain. */
  readonly digits: readonly [value: number, band: number];
}

const columns: readonly Column[] = [
  { title: "retain %", metrics: ["retain-accuracy"], digits: [1, 1] },
  { title: "forget %", metrics: ["forget-accuracy"], digits: [1, 1] },
  { title: "test %", metrics: ["test-accuracy", "test-accuracy-retained-classes"], digits: [1, 1] },
  { title: "MIA", metrics: ["loss-attack-auc"], digits: [3, 2] },
  { title: "JS", metrics: ["js-divergence-forget"], digits: [3, 2] },
];

function caseLines({ scenario, rows, oracleSeconds }: JudgedCase, { made }: Demo, view: View): string[] {
  const { style } = view;
  const [{ evaluation }] = rows;
  const { forget, retain } = evaluation.sampleCounts;
  const retraining = rows.find(({ method }) => method === "retrain")?.result.cost.seconds ?? mean(oracleSeconds);
  const head = ["", ...columns.map(({ title }) => title), "time", "faster", "verdict"];
  const content = {
    head,
    rows: [
      ["do nothing", ...metricCells(evaluation.doNothing, style), "", "", verdictCell(evaluation.doNothing, style)],
      ...rows.map((row) => methodCells(row, retraining, style)),
      [
        "oracles",
        ...bandCells(evaluation).map(style.dim),
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
  return shown(row).map(({ metric, column }) => {
    return paintVerdict(metric.verdict, metric.value === null ? "–" : decimal(metric, metric.value, column.digits[0]), style);
  });
}

function bandCells({ unlearned }: Evaluation): string[] {
  return shown(unlearned).map(({ metric: { band, ...metric }, column: { digits } }) => {
    return band === null ? "–" : `${decimal(metric, band.lower, digits[1])}–${decimal(metric, band.upper, digits[1])}`;
  });
}

function decimal({ name }: Pick<MetricResult, "name">, value: number, digits: number): string {
  return (name.includes("accuracy") ? 100 * value : value).toFixed(digits);
}

/** What stands out among the metrics shown, forgetting first. */
function verdictCell(row: EvaluationRow, style: Style): string {
  if (row.flags.some(({ code }) => code === "utility-lost")) return style.red("utility lost");
  const verdicts = shown(row).map(({ metric }) => metric.verdict);
  const bad = ["under-forgotten", "over-forgotten", "worse than oracle band", "different from retrained"] as const;
  const worst = bad.filter((each) => verdicts.includes(each));
  if (worst.length > 0) return paintVerdict(worst[0], worst[0] === "worse than oracle band" ? "less useful" : worst[0], style);
  return verdicts.includes("needs more oracles") ? style.yellow("needs more oracles") : style.green("like retrained");
}

function shown({ metrics }: EvaluationRow): readonly { readonly metric: MetricResult; readonly column: Column }[] {
  return columns.flatMap((column) =>
    metrics
      .filter(({ name }) => column.metrics.includes(name))
      .slice(0, 1)
      .map((metric) => ({ metric, column })),
  );
}

function timesFaster(factor: number): string {
  return factor >= 10 ? `${factor.toFixed(0)}x` : `${factor.toFixed(1)}x`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
