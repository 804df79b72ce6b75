import type { Json, Recipe } from "@lethe/core";
import type { ForgetKind } from "@lethe/datasets";
import type { Treatment } from "../data/treated.ts";

export type { ForgetKind };

/** Everything that decides a result, so that it can be made again and compared. Plain JSON. */
export interface RecipeLock {
  readonly data: Treatment & {
    /** As the command line writes it: `digits`, `idx:IMAGES,LABELS`. */
    readonly train: string;
    readonly test?: string;
    /** `Dataset.hash()` of the parts as they were used, coarse labels and poison included. */
    readonly trainHash: string;
    readonly testHash: string;
    readonly trainSize: number;
    readonly testSize: number;
  };
  readonly forget: {
    readonly kind: ForgetKind;
    readonly ids: readonly string[];
  };
  /** Requests that the same method answered before, in this order, each from what the one before left. */
  readonly earlier?: readonly (RecipeLock["forget"] & { readonly seed: string })[];
  readonly model: { readonly builder: string };
  /** Of the original, seed included. */
  readonly recipe: Recipe;
  /** Seeds of the retrained models' recipes. */
  readonly oracleSeeds: readonly string[];
  readonly method: {
    /** Id, package or path. */
    readonly name: string;
    /** The package that it came from; null for a file. */
    readonly package: string | null;
    /** Of the package; for a file `sha256:` and the hash of its content, not of what it imports; null for the control. */
    readonly version: string | null;
    /** All of them, defaults included. */
    readonly options: Json;
    readonly seed: string;
  };
  /** Of the attacks' random halves. */
  readonly evaluationSeed: number;
  /** Names of metrics; null for all. */
  readonly metrics: readonly string[] | null;
  readonly backend: string;
  /** By package; `node` too. */
  readonly versions: Readonly<Record<string, string>>;
}
