import * as tf from "@tensorflow/tfjs";
import { lossFunction, type LossFunction, type LossName } from "../model/index.ts";

/** A scalar per sample, `[n] float32`, of logits `[n, c]` and labels `[n]`: what a pass differentiates. */
export type Objective = LossFunction;

/** The training loss, -log p(y | x) for softmax cross entropy. */
export function crossEntropyObjective(loss: LossName): Objective {
  return lossFunction(loss);
}

/** ||z||_2^2, which needs no labels (LFSSD). */
export const squaredLogitNorm: Objective = (logits) => tf.sum(tf.square(logits), 1);

/** The objectives that every thread knows. */
export type ObjectiveName = (typeof objectiveNames)[number];

const objectiveNames = ["softmax-cross-entropy", "sigmoid-cross-entropy", "squared-logit-norm"] as const satisfies readonly (
  | LossName
  | "squared-logit-norm"
)[];

/** An objective by its name where it has one, so that it can be told to other threads; one of the caller's own stays what it is. */
export function namedObjective(objective: Objective): ObjectiveName | Objective {
  return objectiveNames.find((name) => objectiveOf(name) === objective) ?? objective;
}

export function objectiveOf(objective: ObjectiveName | Objective): Objective {
  if (typeof objective === "function") return objective;
  return objective === "squared-logit-norm" ? squaredLogitNorm : lossFunction(objective);
}
