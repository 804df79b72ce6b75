import type { Replay } from "@lethe/bench";
import type { Report } from "../../command-line/command.ts";
import { exitCodes } from "../../command-line/exit-codes.ts";
import { duration } from "../../terminal/format.ts";
import type { Style } from "../../terminal/style.ts";
import { renderTable } from "../../terminal/table.ts";
import type { View } from "../../terminal/view.ts";
import { marked } from "../../terminal/wrap.ts";
import { apart } from "./apart.ts";
import type { Replayed } from "./run.ts";

type Compared = Replay["numbers"][number];

export function replayReport(replayed: Replayed, shown: { readonly all: boolean }): Report {
  const { result, replay, backend, seconds } = replayed;
  const { verdict, numbers, status, weights, differences, notes } = replay;
  return {
    data: { id: result.id, backend, verdict, counts: countsOf(numbers), numbers, status, weights, differences, notes, seconds },
    text: (view) => describe(replayed, shown.all, view),
    exitCode: verdict === "different" ? exitCodes.unusable : exitCodes.ok,
  };
}

function describe({ result, replay, backend, seconds }: Replayed, all: boolean, view: View): string {
  const { style } = view;
  const { numbers, status, differences, notes, verdict } = replay;
  const shown = all ? numbers : numbers.filter((number) => number.verdict !== "equal");
  const counts = countsOf(numbers);
  const mark = verdict === "different" ? style.red("✗") : style.green("✓");
  return [
    `${style.bold(result.id)}  ${style.dim(`${result.experiment}, replayed on ${backend} in ${duration(seconds)}`)}`,
    "",
    ...(shown.length === 0 ? [] : [numberTable(shown, view), ""]),
    ...(status === null || status.verdict === "equal"
      ? []
      : [`${style.red("✗")} The method ended with ${status.replayed ?? "–"}, on record is ${status.recorded ?? "–"}.`]),
    ...notes.flatMap((note) => marked(style.yellow("!"), note, view)),
    ...differenceLines(differences, view),
    `${mark} ${counts.equal} equal, ${counts["within tolerance"]} within tolerance, ${counts.different} different`,
  ].join("\n");
}

function countsOf(numbers: readonly Compared[]): Readonly<Record<Compared["verdict"], number>> {
  const count = (verdict: Compared["verdict"]) => numbers.filter((number) => number.verdict === verdict).length;
  return { equal: count("equal"), "within tolerance": count("within tolerance"), different: count("different") };
}

function numberTable(numbers: readonly Compared[], view: View): string {
  const rows = numbers.map(({ quantity, of, recorded, replayed, verdict }) => [
    `${quantity}, ${of}`,
    ...apart(recorded, replayed),
    painted(verdict, view.style),
  ]);
  const head = ["number", "recorded", "replayed", "verdict"];
  return renderTable({ head, rows, align: ["left", "right", "right", "left"] }, view);
}

function painted(verdict: Compared["verdict"], style: Style): string {
  if (verdict === "equal") return style.green(verdict);
  return verdict === "different" ? style.red(verdict) : style.yellow(verdict);
}

/** What else was not the same, which may explain the numbers. */
function differenceLines(differences: Replay["differences"], view: View): string[] {
  return differences.flatMap(({ name, recorded, now }) => {
    return marked(view.style.dim("·"), `${name}: ${inJson(recorded)} on record, ${inJson(now)} now`, view);
  });
}

/** Long lists, such as of ids, say no more than that they differ. */
function inJson(value: unknown): string {
  const text = typeof value === "string" ? value : value === null ? "none" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
