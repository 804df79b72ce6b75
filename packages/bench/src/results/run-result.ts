import type { Cost, Json } from "@lethe/core";
import type { Evaluation, SetName } from "@lethe/metrics";
import type { SequencePlace } from "../experiment/experiment.ts";
import type { RecipeLock } from "./recipe-lock.ts";

/** Shares of samples between neighbouring edges; they sum to 1, or are all 0 where the set is empty. One more edge than shares. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly shares: readonly number[];
}

/** The same quantity on the three sets. */
export type SetHistograms = Readonly<Record<SetName, Histogram>>;

/** One kind of model beside the others. */
export interface ByModel<Value> {
  readonly original: Value;
  readonly unlearned: Value;
  /** All retrained models together. */
  readonly oracles: Value;
}

/** Points of a ROC curve from (0, 0) to (1, 1), both non-decreasing. */
export interface CurvePoints {
  readonly fpr: readonly number[];
  readonly tpr: readonly number[];
}

/** Relative change of one layer's parameters: norm2(w - w_o) / norm2(w_o), w_o being the weights that the request started from. */
export interface LayerChange {
  readonly layer: string;
  readonly unlearned: number | null;
}

/** What a report draws and no single number holds. */
export interface ResultDetails {
  /** log10 of the cross-entropy loss in nats, floored at 1e-6. */
  readonly logLoss: ByModel<SetHistograms>;
  /** Probability of the true label. */
  readonly confidence: ByModel<SetHistograms>;
  /** Loss attack, forget set against unseen samples of the same classes; null where either is empty. */
  readonly attack: { readonly original: CurvePoints | null; readonly unlearned: CurvePoints | null; readonly oracles: readonly CurvePoints[] };
  /** Test accuracy of each class; null without test samples. `oracles` holds one list per retrained model. */
  readonly classAccuracy: {
    readonly original: readonly (number | null)[];
    readonly unlearned: readonly (number | null)[];
    readonly oracles: readonly (readonly (number | null)[])[];
  };
  readonly layers: readonly LayerChange[];
  /** norm2(w - w_o) over all parameters, from the weights that the request started from; null for a control. */
  readonly moved: number | null;
}

/** What choosing the options took. */
export interface SearchSummary {
  readonly trials: number;
  /** Of all trials, their preparation and the retrained models that they were compared with. */
  readonly seconds: number;
  /** Tug-of-war with the validation oracles, of each trial in order; null where it failed. */
  readonly scores: readonly (number | null)[];
  readonly chosen: number;
}

/** One request answered by one method with one seed, and everything known about it. Plain JSON. */
export interface RunResult {
  readonly format: "lethe/result";
  readonly version: 1;
  readonly experiment: string;
  /** `PROBLEM/SCENARIO/METHOD/seed-N`, unique within the experiment. */
  readonly id: string;
  /** Names from the experiment file. */
  readonly problem: string;
  readonly scenario: string;
  readonly method: string;
  readonly seed: number;
  /** In words: `class 1 (Trouser)`, `100 samples`; of a later request `class 2 (Pullover), after 1 earlier request`. */
  readonly forgotten: string;
  /** Where the request is one of several that follow one another; the evaluation is of everything forgotten up to it. */
  readonly sequence?: SequencePlace;
  readonly classNames: readonly string[];
  /** `control`: a model retrained like the oracles and judged as if it were a method's; it ought to pass. */
  readonly role: "method" | "control";
  readonly lock: RecipeLock;
  readonly outcome: { readonly status: string; readonly message: string; readonly report: Json };
  readonly cost: {
    readonly request: Cost;
    readonly preparation: Cost | null;
    readonly search: SearchSummary | null;
    /** Training the original. */
    readonly training: Cost;
    /** Of each oracle. */
    readonly oracleSeconds: readonly number[];
  };
  /** Hashes. */
  readonly weights: { readonly original: string; readonly unlearned: string; readonly oracles: readonly string[] };
  readonly evaluation: Evaluation;
  readonly details: ResultDetails;
}
