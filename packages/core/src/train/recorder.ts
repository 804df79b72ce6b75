import type { Dataset } from "../data/index.ts";
import type { Model, Weights } from "../model/index.ts";
import type { TensorTree } from "../tree/index.ts";
import type { StepEnding } from "./batch-order.ts";
import type { RunPosition } from "./batch-plan.ts";
import type { Recipe } from "./recipe.ts";

/** What is about to be trained. All borrowed. */
export interface TrainingStart {
  readonly model: Model;
  readonly data: Dataset;
  readonly recipe: Recipe;
  readonly weights: Weights;
  /** Not 0, 0 where the run is resumed: earlier steps were taken by another process. */
  readonly at: RunPosition;
}

/** One optimiser step that has just been taken. */
export interface TrainingStep {
  /** Where training goes by blocks or shards, each block or stage has its epochs, which are counted on from those before. */
  readonly epoch: number;
  /** Within the epoch. */
  readonly step: number;
  /** The block that the samples are of, from 0; undefined where training does not go by blocks. */
  readonly block: number | undefined;
  /** The shard that is being trained, from 0; undefined where training does not go by shards. */
  readonly shard: number | undefined;
  /** The stage of that shard, from 0. */
  readonly stage: number | undefined;
  /** What this step is the last of: nothing, or one or several. A block, stage or shard without samples takes no step, and nobody is told of its end. */
  readonly ends: readonly StepEnding[];
  /** Where the next step stands: a snapshot of this moment has its `epoch` and `step`. */
  readonly next: RunPosition;
  /** Steps of the run so far, this one included. */
  readonly taken: number;
  /** Positions in the training data of the samples of this batch. */
  readonly indices: Uint32Array;
  readonly learningRate: number;
  /** After the step; borrowed until the next one. */
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
