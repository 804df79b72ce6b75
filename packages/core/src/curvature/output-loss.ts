import * as tf from "@tensorflow/tfjs";
import { lossFunction, type LossName } from "../model/index.ts";
import type { Objective } from "../passes/index.ts";

/**
 * A loss l(z, y) as curvature sees it: a function of a sample's logits z, with its Hessian H `[c, c]` in z. Index letters: n samples, c classes.
 *
 * Any loss can be brought in this form; the two that training knows are at {@link outputLoss}.
 */
export interface OutputLoss {
  /** l `[n]` of logits `[n, c]` and labels `[n]`. */
  readonly objective: Objective;
  /** Whether H is positive semidefinite at all logits. */
  readonly convex: "yes" | "unknown";
  /** H u `[n, c]`, sample by sample, for directions u `[n, c]`. */
  hessianProduct(logits: tf.Tensor2D, direction: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor2D;
  /** Column k of some L with L L^T = H, `[n, c]`; L has c columns. For exact diagonals and Kronecker factors. */
  readonly hessianFactor?: (logits: tf.Tensor2D, column: number, labels: tf.Tensor1D) => tf.Tensor2D;
  readonly sampledGradients?: SampledGradients;
}

/** Gradients g of l in z for targets that the model itself draws, so that E[g g^T] = H: what makes the Gauss-Newton matrix a Fisher matrix. */
export interface SampledGradients {
  /** How many uniform numbers one draw takes per sample. */
  uniforms(classes: number): number;
  /** g `[n, c]` from uniform numbers `[n, uniforms(c)]` in [0, 1). */
  gradient(logits: tf.Tensor2D, uniforms: tf.Tensor2D): tf.Tensor2D;
}

/**
 * A training loss by its name, with the closed form of its Hessian in the logits.
 *
 * | loss | H | columns of L |
 * | --- | --- | --- |
 * | softmax cross entropy, p = softmax(z) | diag(p) - p p^T | sqrt(p_k) (e_k - p) |
 * | sigmoid cross entropy (mean over c), s = sigmoid(z) | diag(s (1 - s)) / c | sqrt(s_k (1 - s_k) / c) e_k |
 *
 * @throws LetheError `loss/unknown`.
 *
 * @example
 * const { hessianProduct } = outputLoss("softmax-cross-entropy");
 * const logits = tf.tensor2d([[0, 0]]);
 * hessianProduct(logits, tf.tensor2d([[1, 0]]), tf.tensor1d([0], "int32")).arraySync(); // [[0.25, -0.25]]
 */
export function outputLoss(name: LossName): OutputLoss {
  const objective = lossFunction(name);
  return { objective, convex: "yes", ...hessians[name] };
}

const hessians: Readonly<Record<LossName, Omit<OutputLoss, "objective" | "convex">>> = {
  "softmax-cross-entropy": {
    hessianProduct: (logits, direction) => {
      const p = tf.softmax(logits);
      const weighted = tf.mul(p, direction);
      return tf.sub(weighted, tf.mul(p, tf.sum(weighted, 1, true)));
    },
    hessianFactor: (logits, column) => {
      const p = tf.softmax(logits);
      const own = tf.slice(p, [0, column], [-1, 1]);
      return tf.mul(tf.sqrt(own), tf.sub(unit(logits, column), p));
    },
    sampledGradients: {
      uniforms: () => 1,
      gradient: (logits, uniforms) => {
        const p = tf.softmax(logits);
        const classes = logits.shape[1];
        // The label is how many classes' cumulative probability the number has passed; rounding may leave their sum short of it.
        const passed = tf.sum(tf.cast(tf.lessEqual(tf.cumsum(p, 1), uniforms), "int32"), 1);
        const drawn = tf.cast(tf.minimum(tf.cast(passed, "float32"), classes - 1), "int32");
        return tf.sub(p, tf.oneHot(drawn, classes));
      },
    },
  },
  "sigmoid-cross-entropy": {
    hessianProduct: (logits, direction) => {
      const s = tf.sigmoid(logits);
      return tf.mul(tf.div(tf.mul(s, tf.sub(1, s)), logits.shape[1]), direction);
    },
    hessianFactor: (logits, column) => {
      const s = tf.slice(tf.sigmoid(logits), [0, column], [-1, 1]);
      return tf.mul(tf.sqrt(tf.div(tf.mul(s, tf.sub(1, s)), logits.shape[1])), unit(logits, column));
    },
    sampledGradients: {
      uniforms: (classes) => classes,
      // The loss is the mean of c independent log-likelihoods, not their sum: hence the root of c.
      gradient: (logits, uniforms) => {
        const s = tf.sigmoid(logits);
        return tf.div(tf.sub(s, tf.cast(tf.less(uniforms, s), "float32")), Math.sqrt(logits.shape[1]));
      },
    },
  },
};

/** e_k `[1, c]`. */
function unit(logits: tf.Tensor2D, column: number): tf.Tensor2D {
  return tf.oneHot(tf.tensor1d([column], "int32"), logits.shape[1]) as tf.Tensor2D;
}

/** An objective that has `gradient(z, y)` `[n, c]` for its gradient in the logits z, at these logits. */
export function objectiveWithGradient(gradient: (logits: tf.Tensor2D, labels: tf.Tensor1D) => tf.Tensor2D): Objective {
  return (logits, labels) =>
    tf.sum(
      tf.mul(
        logits,
        heldConstant((z) => gradient(z, labels), logits),
      ),
      1,
    );
}

/** `coefficients(z)` as a constant for differentiation. */
function heldConstant(coefficients: (logits: tf.Tensor2D) => tf.Tensor2D, logits: tf.Tensor2D): tf.Tensor2D {
  const constant = tf.customGrad((z) => ({
    value: tf.clone(coefficients(z as tf.Tensor2D)),
    gradFunc: () => tf.zeros((z as tf.Tensor).shape),
  }));
  return constant(logits) as tf.Tensor2D;
}
