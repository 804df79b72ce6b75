import type { Dataset } from "@lethe/core";
import { altered, type Alteration } from "../views/altered.ts";
import { poisonColumn, type Poisoned, type PoisonRecipe } from "./recipe.ts";

/**
 * The data with new labels at some positions.
 *
 * @param positions increasing.
 */
export function mislabelled(
  data: Dataset,
  positions: readonly number[],
  newLabel: (position: number) => number,
  recipe: PoisonRecipe,
  inputs?: Alteration["inputs"],
): Poisoned {
  const labels = data.labels.slice();
  const from = Array.from<string | null>({ length: data.size }).fill(null);
  for (const position of positions) {
    labels[position] = newLabel(position);
    from[position] = data.classNames?.[data.labels[position]] ?? String(data.labels[position]);
  }
  return {
    data: altered(data, { labels, columns: { [poisonColumn]: from }, ...(inputs ? { inputs } : {}) }),
    poisonedIds: positions.map((position) => data.ids[position]),
    originalLabels: Int32Array.from(positions, (position) => data.labels[position]),
    recipe,
  };
}

/** Positions of the samples whose label is accepted. */
export function positionsWhere({ labels }: Dataset, accepts: (label: number) => boolean): number[] {
  return Array.from(labels.keys()).filter((position) => accepts(labels[position]));
}
