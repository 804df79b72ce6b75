import * as tf from "@tensorflow/tfjs";
import type { PguOptions } from "./options.ts";

/** Scalars; `total = bounded + weight * entropy`. */
export interface ForgetLoss {
  readonly bounded: tf.Scalar;
  readonly entropy: tf.Scalar;
  readonly total: tf.Scalar;
}

export type ForgetLossOptions = Pick<PguOptions, "objective" | "offset" | "entropyWeight">;

/**
 * What the forgotten samples are descended on, with p = softmax(z) and o the offset; y the label:
 *
 *     forget:    mean_n -log(1 + o - p_y)  -  w mean_n H(p)         any class but y, and undecided
 *     depoison:  mean_n -log(1 + o - p_y)  +  w mean_n H(p | not y)  any class but y, and decided
 *
 * Not gradient ascent on the cross entropy: bounded, from -log(o) at p_y = 1 to -log(1 + o) at p_y = 0, so that it lets go of what is forgotten.
 * 1 - p_y is summed over the other classes, since near p_y = 1 the difference would be rounding.
 *
 * @param logits z `[n, c] float32`.
 * @param labels y `[n] int32`.
 * @returns scalars of the surrounding tidy.
 * @example
 * const logits = tf.log(tf.tensor2d([[0.7, 0.2, 0.1]]));
 * const { total } = forgetLoss(logits, tf.tensor1d([0], "int32"), { objective: "forget", offset: 0.05, entropyWeight: 0.2 });
 * total.arraySync().toFixed(4); // "0.8895"
 */
export function forgetLoss(logits: tf.Tensor2D, labels: tf.Tensor1D, { objective, offset, entropyWeight }: ForgetLossOptions): ForgetLoss {
  const given = tf.oneHot(labels, logits.shape[1]).toFloat();
  const logProbabilities = tf.logSoftmax(logits);
  const others = tf.sum(tf.mul(tf.exp(logProbabilities), tf.sub(1, given)), 1);
  const bounded = tf.neg(tf.mean(tf.log(tf.add(others, offset)))) as tf.Scalar;
  const entropy =
    objective === "forget" ? (tf.neg(meanEntropy(logProbabilities)) as tf.Scalar) : meanEntropy(tf.logSoftmax(tf.sub(logits, tf.mul(given, absent))));
  return { bounded, entropy, total: tf.add(bounded, tf.mul(entropy, entropyWeight)) };
}

/** Less than any logit by so much that its probability is 0, and its product with that 0. */
const absent = 1e9;

function meanEntropy(logProbabilities: tf.Tensor): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.exp(logProbabilities), logProbabilities), 1)));
}
