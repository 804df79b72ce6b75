import type { AnyMethod, Artifact, Cost, Files, ForgetSelection, HostTensor, Json, OutcomeStatus, Recipe } from "@lethe/core";
import type { Evaluation, SetName } from "@lethe/metrics";
import type { DataSource } from "../data/source.ts";
import type { LayerChange, ResultDetails } from "../results/run-result.ts";

/** A method with its options, and where it came from. */
export interface LoadedMethod {
  readonly configured: AnyMethod;
  /** The package, or the path of a file. */
  readonly source: string;
  readonly version: string | undefined;
}

/**
 * How an application finds a method by the name that its users write, and checks the options. Called in every worker, so that nothing but plain data has to be
 * sent there.
 */
export type LoadMethod = (name: string, settings: Readonly<Record<string, unknown>>, cwd: string) => Promise<LoadedMethod>;

/** What every job is told. Plain data, so that it can be sent to a worker. */
interface Common {
  /** Shown with the progress. */
  readonly phase: string;
  readonly data: DataSource;
}

interface ModelJob extends Common {
  /** `model.json` and its weight files. */
  readonly model: Files;
  /** Ids of training samples that are no longer part of the data, as earlier requests removed them. */
  readonly without: readonly string[];
}

/** Trains an architecture from the beginning; the weights in `model` do not matter. */
export interface TrainJob extends ModelJob {
  readonly kind: "train";
  readonly recipe: Recipe;
  /** Whether the result is to hold what the model says of all samples. Default none. */
  readonly outputs?: "logits" | "none";
}

interface MethodJob extends ModelJob {
  readonly recipe: Recipe | undefined;
  /** As `--method` takes it. */
  readonly method: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number | string;
  /** Where the method is looked for. */
  readonly cwd: string;
}

export interface PrepareJob extends MethodJob {
  readonly kind: "prepare";
}

/** Trains an architecture as a {@link TrainJob} does, watched by a method's recorder. */
export interface RecordJob extends MethodJob {
  readonly kind: "record";
  readonly recipe: Recipe;
  /** A folder to make, where the recorder keeps what is too large for an artifact. */
  readonly folder: string;
}

/** Folders with what a recorder left beside its artifact. A method changes it with every request, so it gets a copy. */
export interface RecordedFolders {
  readonly from: string;
  /** To make, and to hold what the method leaves. */
  readonly to: string;
}

export interface UnlearnJob extends MethodJob {
  readonly kind: "unlearn";
  readonly forget: ForgetSelection;
  readonly artifact: Artifact | undefined;
  /** Undefined for a method that did not have to watch the training. */
  readonly recorded?: RecordedFolders | undefined;
  /** Default none. */
  readonly outputs?: "logits" | "none";
}

/** What a recorder left of the model's training; every forget set gets a copy of the folder, one after the other. */
export interface ShadowRecording extends RecordedFolders {
  readonly artifact: Artifact;
}

/** Unlearns several forget sets, each from the model as it was trained: one shadow model's part in an audit. */
export interface ShadowJob extends ModelJob {
  readonly kind: "shadow";
  /** `retrain`: training again without the forget set, with a seed of its own, takes the place of the method. */
  readonly how:
    | (Pick<MethodJob, "method" | "settings" | "cwd"> & { readonly kind: "method"; readonly recorded?: ShadowRecording | undefined })
    | { readonly kind: "retrain" };
  readonly recipe: Recipe;
  readonly seed: string;
  /** Ids. */
  readonly forgetSets: readonly (readonly string[])[];
  /** Ids of training samples, `without` included, whose scores are wanted. */
  readonly attacked: readonly string[];
  /** Ids of test samples whose scores are wanted. */
  readonly population: readonly string[];
}

/** What one model says of everything: logits `[n, c]` on the training data, whatever part of it was trained on, and on the test data. */
export interface SpokenLogits {
  readonly train: HostTensor;
  readonly test: HostTensor;
  /** On the test data with the trigger in it, where training data was poisoned by a backdoor. */
  readonly triggered?: HostTensor;
}

/** Compares models by what they say; nothing is trained. */
export interface JudgeJob extends Common {
  readonly kind: "judge";
  /** Ids. */
  readonly forgotten: readonly string[];
  /** Empty where samples are forgotten, not classes. */
  readonly forgottenClasses: readonly number[];
  readonly builder: string;
  readonly seed: number;
  readonly original: SpokenLogits;
  readonly unlearned: SpokenLogits;
  readonly oracles: readonly SpokenLogits[];
  /** Names of metrics; undefined for all. */
  readonly metrics: readonly string[] | undefined;
}

export type Job = TrainJob | PrepareJob | RecordJob | UnlearnJob | ShadowJob | JudgeJob;

export interface TrainedResult {
  readonly model: Files;
  readonly weights: string;
  readonly loss: number | null;
  readonly cost: Cost;
  readonly outputs: SpokenLogits | undefined;
}

export interface PreparedResult {
  readonly artifact: Artifact | undefined;
  readonly cost: Cost;
}

export interface RecordedResult {
  /** Hash of the trained model's weights. */
  readonly weights: string;
  readonly artifact: Artifact;
  /** Of the training, with what recording added to it. */
  readonly cost: Cost;
}

export interface UnlearnedResult {
  readonly model: Files;
  readonly weights: string;
  /** Options with their defaults. */
  readonly options: Json;
  readonly status: OutcomeStatus;
  readonly message: string;
  readonly report: { readonly [key: string]: Json };
  readonly forgotten: readonly string[];
  readonly artifact: Artifact | undefined;
  readonly cost: Cost;
  readonly preparation: Cost | undefined;
  readonly outputs: SpokenLogits | undefined;
  /** Relative change of each layer's parameters. */
  readonly layers: readonly LayerChange[];
  /** norm2 of the change of all parameters; null where nobody asked for outputs. */
  readonly moved: number | null;
}

export interface ShadowResult {
  /** `[forget sets, attacked samples]` scaled confidence of the true label. */
  readonly phi: HostTensor;
  /** `[forget sets, population]` the same of the population. */
  readonly population: HostTensor;
  /** Accuracy on the test data after each forget set; null without test data. */
  readonly accuracies: readonly (number | null)[];
  readonly statuses: readonly string[];
  readonly seconds: number;
}

export interface JudgedResult {
  readonly evaluation: Evaluation;
  readonly details: Omit<ResultDetails, "layers" | "moved">;
  readonly sizes: Readonly<Record<SetName, number>>;
}

/** What each kind of job gives back; plain data too. */
export interface Results {
  readonly train: TrainedResult;
  readonly prepare: PreparedResult;
  readonly record: RecordedResult;
  readonly unlearn: UnlearnedResult;
  readonly shadow: ShadowResult;
  readonly judge: JudgedResult;
}
