import { LetheError, createRandom, selectForget } from "@lethe/core";
import { loadData, type DataSource } from "../data/source.ts";
import { treatmentOf } from "../data/treated.ts";
import { problemOf, type OpenProblem } from "../run/problem.ts";
import type { ForgetRequest } from "../run/requests.ts";
import type { RecipeLock } from "../results/recipe-lock.ts";

/**
 * Opens what a lock names: its data, compared with the hashes that the lock holds, its architecture, and its recipe as it stands there. No default of today is
 * merged in.
 *
 * @param source where the data lies now; coarse classes and poison are those of the lock.
 * @throws LetheError `data/changed` naming both hashes, `data/...`, `model/...`.
 */
export async function openLockedProblem(
  name: string,
  { data, model, recipe }: Pick<RecipeLock, "data" | "model" | "recipe">,
  source: DataSource,
): Promise<OpenProblem> {
  const loaded = await loadData({ ...source, ...treatmentOf(data) });
  await expectHash("training", data.trainHash, loaded.train);
  if (loaded.test !== undefined) await expectHash("test", data.testHash, loaded.test);
  return problemOf(name, loaded, model.builder, (seed) => ({ ...recipe, seed }));
}

/** Where the data was. */
export function lockedSource({ data: { train, test } }: Pick<RecipeLock, "data">): DataSource {
  return { train, ...(test === undefined ? {} : { test }) };
}

/**
 * The same samples as were forgotten, by their ids: a random set is not drawn again.
 *
 * @param words as the result has them.
 * @throws LetheError `forget/unknown-id`, `forget/duplicate-id`.
 */
export function lockedRequest({ kind, ids }: RecipeLock["forget"], { data }: OpenProblem, words: string): ForgetRequest {
  selectForget(data.train, ids, createRandom(0));
  return { kind, ids, forgottenClass: "class" in kind ? kind.class : null, words };
}

async function expectHash(part: string, expected: string, data: { readonly name: string; hash(): Promise<string> }): Promise<void> {
  const found = await data.hash();
  if (found === expected) return;
  throw new LetheError(
    "data/changed",
    `The ${part} data ${data.name} is not what the result was made with: its hash is ${found} instead of ${expected}; give the data of that time.`,
    { part, expected, found },
  );
}
