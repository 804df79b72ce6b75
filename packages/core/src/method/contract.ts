import type { Context } from "../context/index.ts";
import type { LayerKind } from "../model/index.ts";
import type { TrainingRecorder } from "../train/index.ts";
import type { Artifact } from "./artifact.ts";
import { validateOptions, type StandardSchemaV1 } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import type { Problem, TrainedProblem } from "./problem.ts";

export interface Citation {
  readonly authors: string;
  readonly title: string;
  readonly venue: string;
  readonly year: number;
  readonly url: string;
}

/** What is to be forgotten: samples drawn at random, a class, a coherent part of one, or samples that were tampered with. */
export type Scenario = "random" | "class" | "sub-class" | "poisoned";

/** `exact`: the law of retraining. `certified`: within a stated distance of it. `approximate`: measured, not promised. */
export type Guarantee = "exact" | "certified" | "approximate";

/** What a method needs to answer one request. */
export interface Needs {
  /** Of the retained data: nothing, statistics gathered by `prepare`, or the samples themselves. */
  readonly retain: "none" | "statistics" | "samples";
  readonly labels: "required" | "not-needed";
  /** Whether training has to have been watched by the method's recorder. */
  readonly trace: "required" | "not-needed";
  readonly recipe: "required" | "not-needed";
  /** Layers that may hold parameters. */
  readonly layers: readonly LayerKind[] | "any";
}

/** Where to look for good options: a list of choices, or an interval on a linear or logarithmic scale. */
export type SearchSpace<Options> = {
  readonly [Name in keyof Options]?:
    | { readonly choices: readonly Options[Name][] }
    | { readonly from: number; readonly to: number; readonly scale: "linear" | "logarithmic" };
};

/**
 * An unlearning method, contract version 1.
 *
 * Laws, checked by `@lethe/conformance`: the problem and artifact are borrowed and never changed; the outcome's weights are the caller's; no
 * other tensor stays behind; the same seed gives the same bits on the same backend; shapes and names are kept; what `needs` says is all that
 * is read; abort is honoured within one step; non-finite input gives a status or an error, never a wrecked model; unknown options are refused.
 */
export interface UnlearningMethod<Options, Prepared extends Artifact | void = void> {
  readonly contract: 1;
  readonly id: string;
  readonly title: string;
  readonly citation: Citation;
  readonly guarantee: Guarantee;
  readonly needs: Needs;
  /** Where it is meant to work. */
  readonly scenarios: readonly Scenario[];
  readonly options: StandardSchemaV1<unknown, Options>;
  readonly searchSpace?: SearchSpace<Options>;
  /**
   * Watches training. What is too large for an artifact goes into `context.storage`; the artifact then names that content by a hash, and `unlearn`, whose
   * context has to have the same storage, refuses any other. Replacing that content is the one change to what it was lent that `unlearn` may make, and it
   * makes it at once, with the outcome's artifact naming the new content: without the outcome, the old artifact is of no more use.
   */
  record?(options: Options, context: Context): TrainingRecorder<Prepared>;
  /** Names of the options that `record` reads: what was recorded serves requests with any values of the others. Default: it reads them all. */
  readonly recorderOptions?: readonly (keyof Options & string)[];
  /** Work done once per trained model; may read all of D. */
  prepare?(problem: TrainedProblem, options: Options, context: Context): Promise<Prepared>;
  /** Work done for each request. */
  unlearn(problem: Problem, artifact: Prepared, options: Options, context: Context): Promise<Outcome<Prepared>>;
}

/** A method with its options: what a factory such as `ssd({ alpha: 10 })` returns. */
export interface ConfiguredMethod<Options = unknown, Prepared extends Artifact | void = Artifact | void> {
  readonly method: UnlearningMethod<Options, Prepared>;
  readonly options: Options;
}

/**
 * A configured method whose options and artifact are its own affair. The method members are declared bivariantly so that every
 * `ConfiguredMethod` is one.
 */
export interface AnyMethod {
  readonly method: Omit<UnlearningMethod<never, never>, "record" | "recorderOptions" | "prepare" | "unlearn" | "options" | "searchSpace"> & {
    readonly options: StandardSchemaV1<unknown, unknown>;
    readonly searchSpace?: object;
    readonly recorderOptions?: readonly string[];
    record?(options: unknown, context: Context): TrainingRecorder<unknown>;
    prepare?(problem: TrainedProblem, options: unknown, context: Context): Promise<Artifact | void>;
    unlearn(problem: Problem, artifact: unknown, options: unknown, context: Context): Promise<Outcome<Artifact | void>>;
  };
  readonly options: unknown;
}

/** @throws LetheError `options/invalid`. */
export function configure<Options, Prepared extends Artifact | void>(
  method: UnlearningMethod<Options, Prepared>,
  options: unknown,
): ConfiguredMethod<Options, Prepared> {
  return { method, options: validateOptions(method.id, method.options, options ?? {}) };
}
