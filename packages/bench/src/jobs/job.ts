import type { Artifact, Cost, Files, ForgetSelection, Json, OutcomeStatus, Recipe } from "@lethe/core";
import type { DataSource } from "../inputs/data.ts";

/** What every job is told. Plain data, so that it can be sent to a worker. */
interface Common {
  /** Shown with the progress. */
  readonly phase: string;
  /** `model.json` and its weight files. */
  readonly model: Files;
  readonly data: DataSource;
  /** Ids of earlier requests, which are no longer part of the data. */
  readonly without: readonly string[];
}

/** Trains an architecture from the beginning; the weights in `model` do not matter. */
export interface TrainJob extends Common {
  readonly kind: "train";
  readonly recipe: Recipe;
}

interface MethodJob extends Common {
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

export interface UnlearnJob extends MethodJob {
  readonly kind: "unlearn";
  readonly forget: ForgetSelection;
  readonly artifact: Artifact | undefined;
}

export type Job = TrainJob | PrepareJob | UnlearnJob;

export interface TrainedResult {
  readonly model: Files;
  readonly weights: string;
  readonly loss: number | null;
  readonly cost: Cost;
}

export interface PreparedResult {
  readonly artifact: Artifact | undefined;
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
}

/** What each kind of job gives back; plain data too. */
export interface Results {
  readonly train: TrainedResult;
  readonly prepare: PreparedResult;
  readonly unlearn: UnlearnedResult;
}
