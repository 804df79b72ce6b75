import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import { constantMax } from "./constant-max.ts";
import type { Ending } from "./ending.ts";

export type LossName = "softmax-cross-entropy" | "sigmoid-cross-entropy";

/** Per-sample losses `[n] float32` from logits `[n, c] float32` and labels `[n] int32`. */
export type LossFunction = (logits: tf.Tensor2D, labels: tf.Tensor1D) => tf.Tensor1D;

/** The loss that goes with a network's ending. */
export function defaultLoss(ending: Ending): LossName {
  return ending === "sigmoid" ? "sigmoid-cross-entropy" : "softmax-cross-entropy";
}

/** @throws LetheError `loss/unknown`. */
export function lossFunction(name: LossName): LossFunction {
  const loss = losses[name];
  if (loss === undefined) {
    throw new LetheError("loss/unknown", `There is no loss ${name}; known: ${Object.keys(losses).join(", ")}.`, { name });
  }
  return loss;
}

const losses: Readonly<Record<LossName, LossFunction>> = {
  "softmax-cross-entropy": softmaxCrossEntropy,
  "sigmoid-cross-entropy": sigmoidCrossEntropy,
};

/**
 * l = log sum_c exp(z_c - m) - (z_y - m) with m = max_c z_c held constant.
 *
 * Written from primitives, and m outside the differentiation: tfjs's own softmax, log-softmax and log-sum-exp have wrong second derivatives.
 */
function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const shifted = tf.sub(logits, constantMax(logits, 1));
  const target = tf.oneHot(labels, logits.shape[1]);
  return tf.sub(tf.log(tf.sum(tf.exp(shifted), 1)), tf.sum(tf.mul(shifted, target), 1)) as tf.Tensor1D;
}

/** Mean over classes of softplus(z_c) - t_c z_c with one-hot targets t: Keras's binary cross entropy. */
function sigmoidCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const target = tf.oneHot(labels, logits.shape[1]);
  return tf.mean(tf.sub(tf.softplus(logits), tf.mul(logits, target)), 1) as tf.Tensor1D;
}
