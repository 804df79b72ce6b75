import { createRandom, selectForget, type Dataset, type ForgetSelection } from "@lethe/core";
import { readForget } from "../data/forget.ts";
import { withoutIds } from "../data/source.ts";
import type { ForgetKind } from "../results/recipe-lock.ts";

/** What is to be forgotten in one scenario with one seed. */
export interface ForgetRequest {
  readonly kind: ForgetKind;
  readonly ids: readonly string[];
  /** Null unless a class is forgotten as a whole. */
  readonly forgottenClass: number | null;
  readonly words: string;
}

/**
 * @param forget as the experiment file has it; a random set is drawn anew for every seed.
 * @throws LetheError `forget/...`.
 */
export async function forgetRequest(forget: string, data: Dataset, seed: number | string, cwd: string): Promise<ForgetRequest> {
  return requestOf(await readForget(forget, data, cwd), data, seed);
}

/**
 * A request of the same kind for other samples: the next class, another random draw, as many other samples as there are ids. A random draw may share samples with
 * the request itself, whose samples are drawn anew for every seed.
 *
 * @throws LetheError `forget/...`.
 */
export async function siblingRequest(forget: string, data: Dataset, seed: number | string, cwd: string): Promise<ForgetRequest> {
  const selection = await readForget(forget, data, cwd);
  if ("class" in selection) return requestOf({ class: (selection.class + 1) % data.classCount }, data, seed);
  if ("random" in selection) return requestOf(selection, data, seed);
  return requestOf({ random: selection.length }, withoutIds(data, selection), seed);
}

function requestOf(selection: ForgetSelection, data: Dataset, seed: number | string): ForgetRequest {
  const ids = Array.from(selectForget(data, selection, createRandom(seed)), (position) => data.ids[position]);
  const forgottenClass = "class" in selection ? selection.class : null;
  const kind = Array.isArray(selection) ? { ids: ids.length } : (selection as ForgetKind);
  return { kind, ids, forgottenClass, words: inWords(forgottenClass, ids.length, data.classNames ?? []) };
}

function inWords(label: number | null, count: number, names: readonly string[]): string {
  if (label === null) return `${count} sample${count === 1 ? "" : "s"}`;
  return names[label] === undefined || names[label] === String(label) ? `class ${label}` : `class ${label} (${names[label]})`;
}
