import type { CurvePoints, RunResult } from "../../results/run-result.ts";
import { resolutionOf, rocChart, type RocLine } from "../charts/roc.ts";
import type { Figure, Key } from "../document.ts";
import { shownSeeds, type Scene } from "../scene.ts";

const keys: readonly Key[] = [
  { label: "unlearned", shape: "line", colour: "unlearned" },
  { label: "original", shape: "dashes", colour: "original" },
  { label: "each oracle", shape: "line", colour: "oracles" },
  { label: "guessing", shape: "chance", colour: "muted" },
];

/** The loss attack at low false-positive rates, where few samples that are certainly found would show. */
export function attackFigure(scene: Scene): Figure | null {
  const runs = scene.shown.filter(({ details }) => details.attack.unlearned !== null);
  if (runs.length === 0) return null;
  const resolution = resolutionOf(runs.flatMap((run) => linesOf(run).map(({ curve }) => curve)));
  const smallest = `1/${Math.round(1 / resolution.fpr)}`;
  return {
    kind: "figure",
    title: "Loss attack",
    caption:
      `Telling the forget set from unseen samples of the same classes by the loss; both axes logarithmic. They begin at the smallest rates that these samples can show ` +
      `(false positives ${smallest}); nothing is known below. Well forgotten, the line runs among the oracles. ${shownSeeds(scene)}`,
    keys,
    columns: 3,
    panels: runs.map((run) => {
      const description = `${run.method}: ROC curve of the loss attack. True-positive rate at the smallest false-positive rate, ${smallest}: ${linesOf(
        run,
      )
        .filter(({ who }) => who !== "oracles")
        .map(({ who, curve }) => `${who} ${at(curve, resolution.fpr)}`)
        .join(", ")}.`;
      return { title: run.method, description, draw: () => rocChart(description, linesOf(run), resolution) };
    }),
  };
}

function linesOf({ details: { attack } }: RunResult): readonly RocLine[] {
  return [
    ...attack.oracles.map((curve) => ({ curve, who: "oracles" as const })),
    ...(attack.original === null ? [] : [{ curve: attack.original, who: "original" as const }]),
    ...(attack.unlearned === null ? [] : [{ curve: attack.unlearned, who: "unlearned" as const }]),
  ];
}

function at({ fpr, tpr }: CurvePoints, limit: number): string {
  return tpr
    .filter((_, index) => fpr[index] <= limit)
    .reduce((most, value) => Math.max(most, value), 0)
    .toFixed(2);
}
