import { LetheError, createRandom, selectForget, type Dataset } from "@lethe/core";
import { poisonColumn } from "../poison/recipe.ts";
import { asManyOthers, expectSome, type Selection } from "./selection.ts";

/** @throws LetheError `forget/unknown-id`, `forget/duplicate-id`. */
export function selectIds(ids: readonly string[], data: Dataset): Selection {
  const positions = selectForget(data, ids, createRandom(0));
  return {
    kind: { ids: positions.length },
    positions,
    forgottenClass: null,
    words: "samples",
    counted: "yes",
    sibling: () => asManyOthers(data, positions),
  };
}

/**
 * All poisoned samples. There are no others of that kind: options are chosen on those of them that the models of a search have seen.
 *
 * @throws LetheError `forget/not-poisoned`, `forget/no-match`.
 */
export function selectPoisoned(data: Dataset): Selection {
  const from = data.columns?.[poisonColumn];
  if (from === undefined) {
    throw new LetheError("forget/not-poisoned", `${data.name} is not poisoned, so that poisoned names nothing; give the data a poison.`);
  }
  const positions = expectSome(
    Uint32Array.from(data.labels.keys()).filter((position) => from[position] !== null),
    "poisoned sample",
    data,
  );
  const self: Selection = {
    kind: { poisoned: positions.length },
    positions,
    forgottenClass: null,
    words: "poisoned samples",
    counted: "yes",
    sibling: () => ({ selection: self }),
  };
  return self;
}
