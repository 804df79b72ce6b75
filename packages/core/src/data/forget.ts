import { LetheError } from "../errors/index.ts";
import type { Random } from "../random/index.ts";
import type { Dataset } from "./dataset.ts";

/** What to forget: sample ids, every sample of a class, or a number of samples drawn at random. */
export type ForgetSelection = readonly string[] | { readonly class: number } | { readonly random: number };

/**
 * Positions of the samples to forget, increasing.
 *
 * @throws LetheError `forget/unknown-selection`, `forget/unknown-id`, `forget/duplicate-id`, `forget/unknown-class`, `forget/bad-count`.
 */
export function selectForget(dataset: Dataset, selection: ForgetSelection, random: Random): Uint32Array {
  if (typeof selection !== "object" || selection === null || (!Array.isArray(selection) && !("class" in selection) && !("random" in selection))) {
    throw new LetheError("forget/unknown-selection", "The forget set is neither a list of ids nor { class } nor { random }.");
  }
  if ("class" in selection) return selectClass(dataset, selection.class);
  if ("random" in selection) {
    const count = selection.random;
    if (!Number.isInteger(count) || count < 0 || count > dataset.size) {
      throw new LetheError("forget/bad-count", `Cannot draw ${count} of ${dataset.size} samples.`, { count, size: dataset.size });
    }
    return random.split("forget").sample(dataset.size, count);
  }
  return selectIds(dataset, selection);
}

function selectClass(dataset: Dataset, label: number): Uint32Array {
  const positions: number[] = [];
  dataset.labels.forEach((value, position) => value === label && positions.push(position));
  if (positions.length === 0) {
    throw new LetheError("forget/unknown-class", `No sample of ${dataset.name} has class ${label}; its classes are 0 to ${dataset.classCount - 1}.`, {
      class: label,
      classCount: dataset.classCount,
    });
  }
  return Uint32Array.from(positions);
}

function selectIds(dataset: Dataset, ids: readonly string[]): Uint32Array {
  const position = new Map(dataset.ids.map((id, index) => [id, index]));
  const chosen = new Set<number>();
  for (const id of ids) {
    const index = position.get(id);
    if (typeof id !== "string") {
      throw new LetheError("forget/unknown-id", `The forget set names ${String(id)}, which is no text; ids are strings.`, { id });
    }
    if (index === undefined) throw new LetheError("forget/unknown-id", `The forget set names ${id}, which ${dataset.name} does not have.`, { id });
    if (chosen.has(index)) throw new LetheError("forget/duplicate-id", `The forget set names ${id} twice.`, { id });
    chosen.add(index);
  }
  return Uint32Array.from(chosen).toSorted();
}
