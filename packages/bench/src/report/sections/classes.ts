import type { RunResult } from "../../results/run-result.ts";
import { classesChart, type ClassRow } from "../charts/classes.ts";
import type { Figure } from "../document.ts";
import { shownSeeds, type Scene } from "../scene.ts";

/** More classes than a panel can show legibly are cut to those where the model differs most. */
const most = 24;

export function classesFigure(scene: Scene): Figure | null {
  const runs = scene.shown.filter(({ details }) => details.classAccuracy.unlearned.some((value) => value !== null));
  if (runs.length === 0) return null;
  const [{ classNames, evaluation }] = runs;
  const cut = classNames.length > most ? ` Of ${classNames.length} classes, the ${most} that differ most from the oracles.` : "";
  const marked = evaluation.forgottenClasses.length === 0 ? "" : " What was forgotten is marked ×.";
  return {
    kind: "figure",
    title: "Test accuracy by class",
    caption: `Well forgotten, every dot lies on its bar.${marked}${cut} ${shownSeeds(scene)}`,
    keys: [
      { label: "unlearned", shape: "dot", colour: "unlearned" },
      { label: "original", shape: "ring", colour: "original" },
      { label: "oracles, lowest to highest", shape: "bar", colour: "oracles" },
    ],
    columns: 3,
    panels: runs.map((run) => {
      const rows = rowsOf(run);
      const worst = rows.toSorted((a, b) => distance(b) - distance(a))[0];
      const description = `${run.method}: test accuracy of ${rows.length} classes. Farthest from the oracles: ${worst.label}, ${inWords(worst)}.`;
      return { title: run.method, description, draw: () => classesChart(description, rows) };
    }),
  };
}

function rowsOf({ classNames, details, evaluation }: RunResult): readonly ClassRow[] {
  const { original, unlearned, oracles } = details.classAccuracy;
  const rows = unlearned.map((_, label): ClassRow => {
    const values = oracles.map((each) => each[label]).filter((value) => value !== null);
    const name = `${classNames[label] ?? label}${evaluation.forgottenClasses.includes(label) ? " ×" : ""}`;
    return {
      label: name,
      original: original[label],
      unlearned: unlearned[label],
      oracles: values.length === 0 ? null : { lowest: Math.min(...values), highest: Math.max(...values) },
    };
  });
  if (rows.length <= most) return rows;
  const kept = new Set(rows.toSorted((a, b) => distance(b) - distance(a)).slice(0, most));
  return rows.filter((row) => kept.has(row));
}

/** To the oracles' range. */
function distance({ unlearned, oracles }: ClassRow): number {
  return unlearned === null || oracles === null ? 0 : Math.max(0, oracles.lowest - unlearned, unlearned - oracles.highest);
}

function inWords({ unlearned, original, oracles }: ClassRow): string {
  const percent = (share: number | null | undefined) => (share === null || share === undefined ? "not known" : `${Math.round(100 * share)}%`);
  return `unlearned ${percent(unlearned)}, original ${percent(original)}, oracles ${percent(oracles?.lowest)} to ${percent(oracles?.highest)}`;
}
