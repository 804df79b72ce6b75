import type { Dataset } from "@lethe/core";
import { classOf, type Poisoned } from "@lethe/datasets";
import type { MarkedData } from "@lethe/metrics";

/** What metrics have to know of a poison: which labels are wrong, and what the marks ought to do. */
export function markedBy({ poisonedIds, originalLabels, recipe, data }: Poisoned, forget: Dataset): MarkedData {
  const labelOf = new Map(poisonedIds.map((id, index) => [id, originalLabels[index]]));
  const marked = { originalLabels: Int32Array.from(forget.ids, (id, row) => labelOf.get(id) ?? forget.labels[row]) };
  if (recipe.kind === "backdoor") return { ...marked, target: classOf(data, recipe.target) };
  if (recipe.kind === "label-noise") return marked;
  const [a, b] = recipe.classes;
  return { ...marked, confused: [classOf(data, a), classOf(data, b)] };
}
