import { LetheError, createRandom, type Dataset } from "@lethe/core";
import type { ClassName } from "../views/class-of.ts";
import type { Trigger } from "./trigger.ts";

/** How many samples: a number, or a share of those that may be chosen, 0 < fraction <= 1. */
export type Amount = { readonly count: number } | { readonly fraction: number };

export type LabelNoiseOptions = Amount & {
  /** Default 0. */
  readonly seed?: number | string;
  /** Only samples of this class; default: of all. */
  readonly fromClass?: ClassName;
  /** What they become; default: any other class, each with the same probability. */
  readonly toClass?: ClassName;
};

export type BackdoorOptions = (Amount | { readonly ids: readonly string[] }) & {
  readonly trigger: Trigger;
  /** What triggered samples are labelled as. */
  readonly target: ClassName;
  readonly seed?: number | string;
};

export interface InterclassConfusionOptions {
  readonly classes: readonly [ClassName, ClassName];
  /** Samples of both classes together; an odd one is of the first. */
  readonly count: number;
  readonly seed?: number | string;
}

/** Everything that decides a poisoned data set, beside the data itself. Plain JSON. */
export type PoisonRecipe =
  | ({ readonly kind: "label-noise" } & LabelNoiseOptions)
  | ({ readonly kind: "backdoor" } & BackdoorOptions)
  | ({ readonly kind: "interclass-confusion" } & InterclassConfusionOptions);

/** A data set with marked samples in it: what a service has to forget, and by which one sees whether it did. */
export interface Poisoned {
  /** A view; inputs are not copied. The column `poisoned-from` names the class that a poisoned sample had, and is null for all others. */
  readonly data: Dataset;
  /** In the order of the data; the forget set of a verification. */
  readonly poisonedIds: readonly string[];
  /** `[poisoned]`, in that order. */
  readonly originalLabels: Int32Array;
  /** Makes the same again from the same data; counts and classes are spelled out. */
  readonly recipe: PoisonRecipe;
}

/** The column by which poisoned samples are known. */
export const poisonColumn = "poisoned-from";

/** @throws LetheError `poison/bad-amount`. */
export function countOf(amount: Amount, eligible: number, what: string): number {
  const count = "count" in amount ? amount.count : Math.round(amount.fraction * eligible);
  if (Number.isInteger(count) && count >= 1 && count <= eligible) return count;
  const asked = "count" in amount ? `${amount.count}` : `a share of ${amount.fraction}`;
  throw new LetheError("poison/bad-amount", `Cannot poison ${asked} of ${eligible} ${what}; one is the least, all of them the most.`, {
    ...amount,
    eligible,
  });
}

/** Positions drawn without replacement, increasing; `stream` keeps draws of different kinds apart. */
export function drawPositions(eligible: readonly number[], count: number, seed: number | string, stream: string): number[] {
  return Array.from(createRandom(seed).split("poison", stream).sample(eligible.length, count), (index) => eligible[index]);
}
