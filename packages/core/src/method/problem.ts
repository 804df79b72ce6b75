import { subset, type Dataset } from "../data/index.ts";
import { defaultLoss, expectDataFits, type LossName, type Model } from "../model/index.ts";
import type { Recipe } from "../train/index.ts";

/** A trained model and the data it was trained on. */
export interface TrainedProblem {
  readonly model: Model;
  /** D, as far as it is still there. */
  readonly data: Dataset;
  readonly validation?: Dataset;
  readonly loss: LossName;
  readonly recipe?: Recipe;
}

/** A trained model and a request to forget part of its data. */
export interface Problem extends TrainedProblem {
  /** D_f. */
  readonly forget: Dataset;
  /** D_r = D without D_f. */
  readonly retain: Dataset;
}

export interface ProblemInput {
  readonly model: Model;
  readonly data: Dataset;
  readonly validation?: Dataset | undefined;
  readonly loss?: LossName | undefined;
  readonly recipe?: Recipe | undefined;
}

/** @throws LetheError `problem/input-shape`, `problem/class-count`, and what `validateDataset` throws. */
export function createTrainedProblem({ model, data, validation, loss, recipe }: ProblemInput): TrainedProblem {
  for (const dataset of validation ? [data, validation] : [data]) expectDataFits(model, dataset);
  return {
    model,
    data,
    loss: loss ?? recipe?.loss ?? defaultLoss(model.ending),
    ...(validation ? { validation } : {}),
    ...(recipe ? { recipe } : {}),
  };
}

/** @param forget positions in the data, increasing. */
export function createProblem(trained: TrainedProblem, forget: Uint32Array): Problem {
  const forgotten = new Set(forget);
  const retained = Uint32Array.from({ length: trained.data.size }, (_, i) => i).filter((i) => !forgotten.has(i));
  return { ...trained, forget: subset(trained.data, forget, "the forget set"), retain: subset(trained.data, retained, "the retained data") };
}
