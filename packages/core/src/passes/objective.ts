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
