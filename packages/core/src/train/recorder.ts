import type { Dataset } from "../data/index.ts";
import type { Model, Weights } from "../model/index.ts";
import type { TensorTree } from "../tree/index.ts";
import type { Recipe } from "./recipe.ts";

/** What is about to be trained. All borrowed. */
export interface TrainingStart {
  readonly model: Model;
  readonly data: Dataset;
  readonly recipe: Recipe;
  readonly weights: Weights;
  /** Not 0, 0 where the run is resumed: earlier steps were taken by another process. */
  readonly at: { readonly epoch: number; readonly step: number };
}

/** One optimiser step that has just been taken. */
export interface TrainingStep {
  readonly epoch: number;
  /** Within the epoch. */
  readonly step: number;
  /** Positions in the training data of the samples of this batch. */
  readonly indices: Uint32Array;
  readonly learningRate: number;
  /** After the step; borrowed until the recorder returns. */
  readonly weights: Weights;
  /** What the optimiser remembers after the step; borrowed. */
  readonly slots: TensorTree;
}

/** Watches a training run and leaves an artifact behind: what trajectory-based methods need. */
export interface TrainingRecorder<Artifact> {
  begin(start: TrainingStart): Promise<void>;
  step(step: TrainingStep): Promise<void>;
  /** With the trained weights, borrowed. What it returns becomes `TrainingResult.artifact`. */
  finish(weights: Weights): Promise<Artifact>;
  /** The run failed or was interrupted. */
  cancel?(): Promise<void>;
}
