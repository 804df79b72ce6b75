import type { Json, Recipe } from "@lethe/core";
import type { ResultRecord } from "@lethe/metrics";
import type { AttackName } from "../audits/attack-names.ts";
import type { RecipeLock } from "./recipe-lock.ts";
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
  readonly problem: string;
  readonly method: string;
  /** `do-nothing`: nothing is unlearned, the worst there is; `control`: retraining takes the place of unlearning, the best there is. */
  readonly role: "method" | "control" | "do-nothing";
  /** How much was spent: shadow models, targets, forget sets, their size, samples. */
  readonly budget: AuditBudget;
  /** Of all attacks, in their order. */
  readonly records: readonly ResultRecord[];
  readonly attacks: readonly AuditAttack[];
  /** Mean share of right answers on the test set over the unlearned targets, and over their models before. */
  readonly utility: { readonly unlearned: number | null; readonly original: number | null };
  readonly seconds: { readonly trainings: number; readonly unlearnings: number };
  readonly lock: AuditLock;
}

export interface AuditBudget {
  readonly models: number;
  readonly targets: number;
  readonly forgetSets: number;
  readonly forgetSize: number;
  readonly attacked: number;
  readonly trainingSize: number;
  /** Test samples that RMIA compares with. */
  readonly population: number;
}

/** What a report draws of one attack, and no record holds. */
export interface AuditAttack {
  readonly name: AttackName;
  /** What it chose by itself: of `u-lira` the variance, of `rmia` a and the threshold, null for an infinite one. */
  readonly settings: Readonly<Record<string, number | string | null>>;
  /** Pairs of a target run and a sample. */
  readonly cases: { readonly forgotten: number; readonly neverSeen: number };
  readonly curve: CurvePoints | null;
  /** How many samples were found with which accuracy: bins of equal width over [0, 1]. */
  readonly accuracyPerSample: readonly number[];
}

/** Everything that decides an audit's numbers. Each model's forget sets, and its seeds, follow from the plan and the seed. */
export interface AuditLock {
  readonly data: RecipeLock["data"];
  readonly plan: {
    readonly attacks: readonly AttackName[];
    /** How many samples the shadows' pool holds; they are the first of a permutation drawn by the seed. */
    readonly pool: number;
    readonly models: number;
    readonly targets: number;
    readonly forgetSets: number;
    readonly forgetSize: number;
    /** Null where samples of all classes are attacked. */
    readonly class: number | null;
    /** Test samples, drawn by the seed. */
    readonly population: number;
  };
  readonly model: { readonly builder: string };
  /** Of every model, but for the seed; here that of the first. */
  readonly recipe: Recipe;
  readonly method: {
    /** Id, package or path; `nothing` and `retrain` for what is no method. */
    readonly name: string;
    /** The package that it came from; null for a file, and for what is no method. */
    readonly package: string | null;
    /** Of the package; for a file `sha256:` and the hash of its content. */
    readonly version: string | null;
    /** All of them, defaults included. */
    readonly options: Json;
  };
  readonly seed: string;
  readonly backend: string;
  /** By package; `node` too. */
  readonly versions: Readonly<Record<string, string>>;
}
