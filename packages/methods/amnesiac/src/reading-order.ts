import { blockOf, LetheError, type BlockwiseRecipe, type Recipe } from "@lethe/core";
import type { UpdateLog } from "./update-log.ts";

/** @throws LetheError `amnesiac/unsupported-order`. */
export function expectKnownOrder({ order }: Recipe): void {
  const kind: string = order?.kind ?? "blocks";
  if (kind === "blocks") return;
  const sentence = `The recipe trains by ${kind}, not one model in one course; record a training that is shuffled or goes by blocks.`;
  throw new LetheError("amnesiac/unsupported-order", sentence, { order: kind });
}

/** Steps and epochs of a whole run; the epochs of each block are counted on from those of the one before. */
export function extentOf(recipe: Recipe, ids: readonly string[]): { readonly steps: number; readonly epochs: number } {
  const { epochs, batchSize } = recipe;
  const byBlocks = blockwise(recipe);
  const sizes = Array.from({ length: byBlocks?.order.blocks ?? 1 }, () => 0);
  for (const id of ids) sizes[byBlocks ? blockOf(byBlocks, id) : 0] += 1;
  return { steps: epochs * sizes.reduce((steps, size) => steps + Math.ceil(size / batchSize), 0), epochs: epochs * sizes.length };
}

/**
 * Every sample is read once in each epoch (of its block), so that a log without a gap holds as many of its updates. What is missing was trained without the
 * recorder.
 *
 * @param epochs that were over.
 * @throws LetheError `amnesiac/incomplete`.
 */
export function expectNoGap({ head, updates }: UpdateLog, recipe: Recipe, epochs: number): void {
  const counts = new Uint32Array(head.ids.length);
  for (const { epoch, samples } of updates) if (epoch < epochs) for (const position of samples) counts[position] += 1;
  head.ids.forEach((id, position) => {
    const expected = timesRead(recipe, id!, epochs);
    if (counts[position] === expected) return;
    const sentence = `Of ${id}, ${counts[position]} updates are in the log where there ought to be ${expected}: part of the training went by unrecorded; train again from the start, with the recorder.`;
    throw new LetheError("amnesiac/incomplete", sentence, { id, found: counts[position], expected });
  });
}

function timesRead(recipe: Recipe, id: string, epochs: number): number {
  const byBlocks = blockwise(recipe);
  const first = byBlocks ? recipe.epochs * blockOf(byBlocks, id) : 0;
  return Math.min(Math.max(epochs - first, 0), recipe.epochs);
}

function blockwise({ seed, order }: Recipe): BlockwiseRecipe | undefined {
  return order?.kind === "blocks" ? { seed, order } : undefined;
}
