import { LetheError, createRandom, type Dataset } from "@lethe/core";
import type { Draw, ForgetExpression } from "./grammar.ts";
import type { ForgetKind } from "./kind.ts";
import { selectIds } from "./select-ids.ts";
import { everything, type Selection } from "./selection.ts";

/** What is to be forgotten. Which samples these are is decided when a random part is drawn. */
export interface ForgetSet {
  readonly kind: ForgetKind;
  /** Null unless a class is forgotten as a whole. */
  readonly forgottenClass: number | null;
  /** `class 3 (Dress)`, `120 samples where person = 17`, `50 of 140 samples of class 3 (Dress)`. */
  readonly words: string;
  /** In the order of the data; the same seed, the same samples. */
  ids(seed: number | string): readonly string[];
  /** A request of the same kind for other samples: another class, another person, another draw, as many others. */
  sibling(): ForgetSet;
}

/**
 * The forget set that an expression names in this data.
 *
 * @param idsOfFile what the file of a `"file"` expression holds.
 * @throws LetheError `forget/...`.
 * @example
 * const people = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 0, 1], columns: { person: [17, 17, 4, null] } });
 * const set = forgetSet(parseForget("group=person:17"), people);
 * set.words; // "2 samples where person = 17"
 * set.ids(0); // ["0", "1"]
 */
export function forgetSet(expression: ForgetExpression, data: Dataset, idsOfFile: readonly string[] = []): ForgetSet {
  const selection =
    expression.what === "kind"
      ? expression.kind.select(expression.value, data)
      : expression.what === "file"
        ? selectIds(idsOfFile, data)
        : everything(data);
  return drawnFrom(selection, expression.draw === undefined ? undefined : countOf(expression.draw, selection), data);
}

function drawnFrom(selection: Selection, count: number | undefined, data: Dataset): ForgetSet {
  const { kind, positions, forgottenClass } = selection;
  const idAt = (position: number) => data.ids[position];
  const sibling = () => {
    const { selection: other, draw } = selection.sibling();
    const wanted = count === undefined ? draw : Math.min(count, other.positions.length);
    return drawnFrom(other, wanted, data);
  };
  if (count === undefined && kind !== undefined) {
    return { kind, forgottenClass, words: inWords(selection), ids: () => Array.from(positions, idAt), sibling };
  }
  const drawn = count ?? positions.length;
  return {
    kind: { random: drawn, ...(kind === undefined ? {} : { of: kind }) },
    forgottenClass: null,
    words: kind === undefined ? samples(drawn) : `${drawn} of ${partOf(selection)}`,
    ids(seed) {
      const rows = createRandom(seed).split("forget").sample(positions.length, drawn);
      return Array.from(rows, (row) => idAt(positions[row]));
    },
    sibling,
  };
}

function countOf(draw: Draw, { positions }: Selection): number {
  const count = "count" in draw ? draw.count : Math.round(draw.share * positions.length);
  if (count >= 1 && count <= positions.length) return count;
  const asked = "count" in draw ? draw.count : `${100 * draw.share}%`;
  throw new LetheError("forget/bad-count", `Cannot draw ${asked} of ${samples(positions.length)}; one is the least, all of them the most.`, {
    ...draw,
    size: positions.length,
  });
}

function inWords({ counted, words, positions }: Selection): string {
  if (counted === "no") return words;
  return positions.length === 1 ? `1 ${words.replace(/^(poisoned )?samples/, "$1sample")}` : `${positions.length} ${words}`;
}

function partOf(selection: Selection): string {
  return selection.counted === "no" ? `${samples(selection.positions.length)} of ${selection.words}` : inWords(selection);
}

function samples(count: number): string {
  return `${count} sample${count === 1 ? "" : "s"}`;
}
