import type { RunFailure, ScenarioSummary } from "@lethe/bench";
import type { Report } from "../../command-line/command.ts";
import { exitCodes } from "../../command-line/exit-codes.ts";
import { duration, plural } from "../../terminal/format.ts";
import type { View } from "../../terminal/view.ts";
import { marked, wrap } from "../../terminal/wrap.ts";
import { auditLines } from "./audit-table.ts";
import { estimateInWords, type Bench } from "./run.ts";
import { flagLines, scenarioLines } from "./scenario-table.ts";
import { sequenceLines } from "./sequence-table.ts";

export function benchReport(bench: Bench): Report {
  const { folder, results, summary, estimate, seconds, work } = bench;
  return {
    data: { folder, estimate, seconds, work, summary, failures: results.failures },
    text: (view) => describe(bench, view),
    exitCode: results.failures.length === 0 ? exitCodes.ok : exitCodes.unusable,
  };
}

const scenarioLegend =
  "Means over the seeds; green where one more retrained model is expected to lie in most of them (95% band of the oracles), red where not. Test: test " +
  "samples of the classes that stay. MIA: area under the curve of a loss attack that tells the forget set from unseen samples, 0.5 is blind. JS: " +
  "Jensen-Shannon divergence from the oracles on the forget set, in nats. ToW: tug-of-war, 1 where accuracies are those of the oracles. Faster: than " +
  "retraining, per request.";

const auditLegend =
  "U-LiRA and RMIA: how often samples that were forgotten are told from samples never seen, in models that the attack was not fitted to; 0.5 is blind. The control, " +
  "retrained for each request, is the noise floor of this budget.";

function describe(bench: Bench, view: View): string {
  const { results, summary, folder } = bench;
  const { style } = view;
  const audits = [...new Set(results.audits.map(({ audit }) => audit))].map((name) => results.audits.filter(({ audit }) => audit === name));
  // What holds of all scenarios is said once.
  const [first] = summary.scenarios;
  const everywhere = (first?.flags ?? []).filter(({ sentence }) =>
    summary.scenarios.every(({ flags }) => flags.some((flag) => flag.sentence === sentence)),
  );
  const common = new Set(everywhere.map(({ sentence }) => sentence));
  const ownFlags = ({ flags }: ScenarioSummary) => flags.filter(({ sentence }) => !common.has(sentence));
  return [
    ...summary.scenarios.flatMap((scenario) => [...scenarioLines(scenario, ownFlags(scenario), view), ""]),
    ...sequenceLines(summary.scenarios, view),
    ...audits.flatMap((own) => [...auditLines(own, view), ""]),
    ...everywhere.flatMap((flag) => flagLines(flag, view)),
    ...(summary.scenarios.length === 0 ? [] : wrap(scenarioLegend, view.columns).map(style.dim)),
    ...(audits.length === 0 ? [] : wrap(auditLegend, view.columns).map(style.dim)),
    "",
    ...failureLines(results.failures, view),
    ...timeLines(bench, view),
    `Results are in ${style.bold(folder)}; the report is ${style.cyan(`${folder}/report.html`)}`,
  ].join("\n");
}

function timeLines({ results, seconds, estimate, work, backend, workers }: Bench, view: View): string[] {
  const { style } = view;
  const found =
    work.found === 0
      ? ""
      : work.found === work.done
        ? ", everything found in the cache"
        : `, ${work.found} of ${work.done} pieces of work found in the cache`;
  const expected = estimate === null ? "" : `; the estimate was: ${estimateInWords(estimate).toLowerCase()}`;
  const mark = results.failures.length === 0 ? style.green("✓") : style.yellow("!");
  const sentence = `${plural(results.runs.length + results.audits.length, "result")} in ${duration(seconds)} (${backend}, ${workers} at a time${found})${expected}`;
  return marked(mark, sentence, view);
}

/** Failures of one kind together: with many seeds a method fails the same way many times. */
function failureLines(failures: readonly RunFailure[], view: View): string[] {
  const { style } = view;
  if (failures.length === 0) return [];
  const kinds = new Map<string, RunFailure[]>();
  for (const failure of failures) {
    const kind = `${failure.method} ${failure.code} ${failure.message}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), failure]);
  }
  const lines = [...kinds.values()].flatMap(([first, ...more]) => {
    const { method, problem, scenario, seed, code, message } = first;
    const others = more.length === 0 ? "" : `, and ${more.length} more`;
    return marked(style.red("✗"), `${method} on ${problem}, ${scenario}, seed ${seed}${others}: ${message} (${code})`, view);
  });
  return [style.bold(`${plural(failures.length, "request")} failed`), ...lines, ""];
}
