import { plural, type Json } from "@lethe/core";
import { selectedCount, type Edits } from "./edit.ts";
import type { SsdOptions } from "./options.ts";
import type { Selection } from "./select.ts";

/** How many scalars were dampened, and by how much: in all and in each parameter. The quickest way to spot a collapse. */
export function selectionReport(edits: Edits): { [key: string]: Json } {
  const size = edits.reduce((count, [, { values }]) => count + values.length, 0);
  const selected = selectedCount(edits);
  return {
    selected,
    share: selected / size,
    ...factorSummary(joined(edits.map(([, { factors }]) => factors))),
    parameters: Object.fromEntries(
      edits.map(([name, edit]) => [
        name,
        { selected: edit.selected, size: edit.values.length, share: edit.selected / edit.values.length, ...factorSummary(edit.factors) },
      ]),
    ),
  };
}

/** What JSON can say: an infinite alpha (no weight is to be dampened) is left out. */
export function finiteFigures(figures: Selection): { [key: string]: Json } {
  return Object.fromEntries(Object.entries(figures).filter(([, figure]) => Number.isFinite(figure)));
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

function factorSummary(factors: Float64Array): { [key: string]: Json } {
  if (factors.length === 0) return {};
  const sorted = factors.toSorted();
  return { smallestFactor: sorted[0], medianFactor: sorted[sorted.length >> 1], clamped: sorted.filter((factor) => factor === 1).length };
}

/** One sentence, and a second one where a class was to be forgotten and is still known. */
export function whatHappened(selected: number, labels: Int32Array, { selection, importance }: SsdOptions, remaining: number): string {
  const done = `${plural(selected, "weight")} ${selected === 1 ? "was" : "were"} dampened.`;
  const oneClass = labels.every((label) => label === labels[0]);
  // Labels mean nothing to label-free importances, and samples from all over are mostly recognised by a model that never saw them.
  if (remaining <= 0.5 || !oneClass || importance === "label-free" || selection === "search") return done;
  return `${done} The model still recognises ${percent(remaining)} of the forget set; selection=search looks for an alpha that does more.`;
}

/** Why no weight was dampened, and the way out. */
export function whyNothing({ selection, target }: SsdOptions, { alpha, largestRatio, accuracyBefore }: Selection, bound: number): string {
  if (selection === "search") {
    return `No alpha of 1 or more brings the accuracy on the forget set from ${percent(accuracyBefore)} to ${percent(target * accuracyBefore)}, so nothing was changed; retrain or fine-tune instead.`;
  }
  const largest = largestRatio.toPrecision(3);
  const facts = `No weight matters more than ${largest} times as much to the forget set as to all data, and alpha is ${alpha.toPrecision(3)}, so none was dampened.`;
  if (selection === "adaptive") return `${facts} The forget set does not stand out in this model; retrain or fine-tune instead.`;
  const limit =
    bound <= alpha
      ? ` With this forget set the ratio cannot pass ${bound.toPrecision(3)} (|D| / |D_f|), so an alpha of ${alpha} never selects anything.`
      : "";
  return `${facts}${limit} Lower alpha below ${largest}, or use selection=adaptive or selection=search.`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
