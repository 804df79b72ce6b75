import * as tf from "@tensorflow/tfjs";
import { valueAndGradient } from "../model/index.ts";
import type { OutputLoss } from "./output-loss.ts";

/** B u `[n, c]`, sample by sample: B is a symmetric `[c, c]` matrix for every sample, made of its logits and label. */
export type OutputProduct = (logits: tf.Tensor2D, direction: tf.Tensor2D, labels: tf.Tensor1D, position: number) => tf.Tensor2D;

/** Which B: the Hessian of the loss in the logits, g g^T with g its gradient there, or one that only its maker knows. */
export type OutputMatrix = "gauss-newton" | "empirical-fisher" | OutputProduct;

export function outputProduct(matrix: OutputMatrix, loss: OutputLoss): OutputProduct {
  if (typeof matrix === "function") return matrix;
  if (matrix === "gauss-newton") return (logits, direction, labels) => loss.hessianProduct(logits, direction, labels);
  return (logits, direction, labels) => outerProduct(outputGradient(loss.objective, logits, labels), direction);
}

/** g (g . u), row by row `[n, c]`. */
export function outerProduct(gradient: tf.Tensor2D, direction: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(gradient, tf.sum(tf.mul(gradient, direction), 1, true));
}

function outputGradient(objective: OutputLoss["objective"], logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor2D {
  return valueAndGradient(({ z }) => tf.sum(objective(z as tf.Tensor2D, labels)), { z: logits }).gradient["z"] as tf.Tensor2D;
}
