import type { ForgetKind } from "@lethe/bench";
import type { Json } from "@lethe/core";
import type { Report } from "../../command-line/command.ts";
import { facts } from "../../terminal/facts.ts";
import { count, duration, percent, plural, significant } from "../../terminal/format.ts";
import { marked, wrap } from "../../terminal/wrap.ts";
import type { View } from "../../terminal/view.ts";
import type { Accuracies, Answer } from "./answer.ts";
import { recordingRows, speedUps, stillThere } from "./recording-report.ts";
import type { Twins } from "./twins.ts";

interface Places {
  /** As the user wrote them. */
  readonly run: string;
  readonly out: string;
}

export function unlearnReport(answer: Answer, { run, out }: Places): Report {
  const { method, selection, words, twins, result, manifest, accuracy, artifact, recording } = answer;
  const { status, message, forgotten, report, cost, preparation } = result;
  return {
    data: {
      run,
      folder: manifest === undefined ? null : out,
      weights: manifest?.weights ?? null,
      method: method.method.id,
      options: method.configured.options,
      selection,
      words,
      twins: twins ?? null,
      status,
      message,
      forgotten,
      accuracy,
      report,
      cost,
      artifact,
      preparation: preparation ?? null,
      ...(recording === undefined ? {} : { recording: { ...recording, speedUp: speedUps(recording, result) } }),
    },
    text: (view) => describe(answer, { run, out }, view),
  };
}

function describe(
  { method, selection, words, twins, result, manifest, accuracy, artifact, recording }: Answer,
  { run, out }: Places,
  { style, columns, lethe }: View,
): string {
  const { status, message, forgotten, report, cost, preparation } = result;
  const changed = manifest !== undefined;
  const head = changed
    ? `${style.green("✓")} ${style.bold(method.method.id)} made ${run} forget ${inWords(selection, words, forgotten.length)}`
    : `${style.yellow("!")} ${style.bold(method.method.id)} changed nothing in ${run}, so nothing was saved`;
  const request = `${duration(cost.seconds)} ${style.dim(`(${count(cost.samplesForward)} samples forward, ${count(cost.samplesBackward)} backward)`)}`;
  const before = {
    earlier: "done earlier",
    "made now": `${duration(preparation?.seconds ?? 0)}, once per model; ${lethe} prepare does it ahead`,
    none: undefined,
  }[artifact];
  return [
    head,
    "",
    ...facts(
      [
        ["status", status === "completed" ? style.green(status) : style.yellow(status)],
        ...rows("says", wrap(message, Math.max(columns - 16, 30))),
        ["forget set", `${change(accuracy.before, accuracy.after, "forget")} right`],
        ...(accuracy.after.test === null ? [] : [["test set", `${change(accuracy.before, accuracy.after, "test")} right`] as const]),
        ...(twins === undefined ? [] : rows("twins", twinRow(twins))),
        ["request", request],
        ...(before === undefined ? [] : [["preparation", before] as const]),
        ...(recording === undefined ? [] : recordingRows(recording, result)),
        ...rows("figures", wrap(figures(report), Math.max(columns - 16, 30))),
        ...(changed ? [["saved in", out] as const] : []),
      ],
      style,
    ),
    ...(recording?.original === "kept" && changed ? ["", ...marked(style.yellow("!"), stillThere(run, recording), { columns })] : []),
    ...(changed ? ["", style.dim(`Next: ${lethe} evaluate ${out} --original ${run}`)] : []),
  ].join("\n");
}

function inWords(selection: ForgetKind, words: string, count: number): string {
  if ("class" in selection) return `${plural(count, "sample")} of ${words}`;
  return "random" in selection && selection.of === undefined ? `${words} drawn at random` : words;
}

/** Said again beside the result, where there is something to say: the note before it may have scrolled away. */
function twinRow({ retained, test }: Twins): readonly string[] {
  if (retained.length + test.length === 0) return [];
  return [`${plural(retained.length, "sample")} with a twin that stays, ${count(test.length)} with one in the test data`];
}

function change(before: Accuracies, after: Accuracies, set: keyof Accuracies): string {
  const share = (value: number | null) => (value === null ? "none" : percent(value));
  return `${share(before[set])} → ${share(after[set])}`;
}

/** The plain numbers of a method's own report; lists and groups are for `--json`. */
function figures(report: { readonly [key: string]: Json }): string {
  const numbers = Object.entries(report).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return numbers.map(([name, value]) => `${name} ${Number.isInteger(value) ? count(value) : significant(value)}`).join(", ");
}

/** A text of several lines below one name. */
function rows(name: string, lines: readonly string[]): (readonly [string, string])[] {
  return lines.map((line, index) => [index === 0 ? name : "", line]);
}
