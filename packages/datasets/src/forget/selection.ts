import { LetheError, type Dataset } from "@lethe/core";
import type { WholeKind } from "./kind.ts";

/** Samples that belong together, before any are drawn. */
export interface Selection {
  /** Undefined for everything. */
  readonly kind: WholeKind | undefined;
  /** Increasing. */
  readonly positions: Uint32Array;
  /** Null unless these are all samples of a class, and chosen for it. */
  readonly forgottenClass: number | null;
  /** Named without their number: `samples where person = 17`, `class 3 (Dress)`. */
  readonly words: string;
  /** Whether the words have to be counted: `120 samples where person = 17`, but `class 3 (Dress)`. */
  readonly counted: "yes" | "no";
  /** Others of the same kind, to choose options on: another class, another person, as many other samples. */
  sibling(): Sibling;
}

export interface Sibling {
  readonly selection: Selection;
  /** So many of them, drawn at random; undefined for all. */
  readonly draw?: number;
}

/** Everything that a random forget set may be drawn from. */
export function everything(data: Dataset): Selection {
  const self: Selection = {
    kind: undefined,
    positions: Uint32Array.from(data.labels.keys()),
    forgottenClass: null,
    words: "samples",
    counted: "yes",
    sibling: () => ({ selection: self }),
  };
  return self;
}

/** As many others at random: what takes the place of a sibling where the kind has no other of its own. */
export function asManyOthers(data: Dataset, positions: Uint32Array): Sibling {
  const taken = new Set(positions);
  const others = Uint32Array.from(data.labels.keys()).filter((position) => !taken.has(position));
  return { selection: { ...everything(data), positions: others }, draw: Math.min(positions.length, others.length) };
}

/** @throws LetheError `forget/no-match`. */
export function expectSome(positions: Uint32Array, what: string, data: Dataset, hint = ""): Uint32Array {
  if (positions.length > 0) return positions;
  throw new LetheError("forget/no-match", `${data.name} has no ${what}${hint}.`, { selection: what });
}
