import type { Json, Recipe } from "@lethe/core";
import type { ResultRecord } from "@lethe/metrics";
import type { CurvePoints } from "./run-result.ts";

/** An audit over many models, of one method. Plain JSON. */
export interface AuditResult {
  readonly format: "lethe/audit";
  readonly version: 1;
  readonly experiment: string;
  /** `AUDIT/METHOD`, unique within the experiment. */
  readonly id: string;
  /** Name from the experiment file. */
  readonly audit: string;
  readonly kind: "u-lira";
  readonly problem: string;
  readonly method: string;
  /** `floor`: nothing is unlearned, the worst there is; `control`: retraining takes the place of unlearning, the best there is. */
  readonly role: "method" | "control" | "do-nothing";
  /** How much was spent: shadow models, targets, forget sets, their size. */
  readonly budget: { readonly [name: string]: number };
  readonly records: readonly ResultRecord[];
  readonly curve: CurvePoints | null;
  /** How many samples were found with which accuracy: bins of equal width over [0, 1]. */
  readonly accuracyPerSample: readonly number[];
  /** Mean share of right answers on the test set over the unlearned targets, and over their models before. */
  readonly utility: { readonly unlearned: number | null; readonly original: number | null };
  readonly seconds: { readonly trainings: number; readonly unlearnings: number };
  readonly lock: {
    readonly data: { readonly train: string; readonly test?: string; readonly trainHash: string };
    /** How many samples the shadows' pool holds; they are the first of a permutation drawn by the seed. */
    readonly pool: number;
    readonly model: { readonly builder: string };
    readonly recipe: Recipe;
    readonly method: { readonly name: string; readonly version: string | null; readonly options: Json };
    readonly seed: string;
    readonly backend: string;
    readonly versions: Readonly<Record<string, string>>;
  };
}
