import * as tf from "@tensorflow/tfjs";
import { makeTwiceDifferentiable } from "../autodiff/index.ts";
import { valueAndGradient } from "../model/index.ts";
import { dot, type TensorTree } from "../tree/index.ts";

/** Logits `[n, c]` as a function of the parameters, for one batch. */
export type LogitsFunction = (parameters: TensorTree) => tf.Tensor2D;

/**
 * J^T B J v, with J the derivative of the logits z in the parameters and `outputProduct(z, u)` = B u, both `[n, c]`.
 *
 * J v comes of two backward passes: J^T w is linear in w, so that the gradient of <J^T w, v> in w is J v, exact, whatever w. And J^T of what B makes of
 * it is the gradient of an inner product with a constant.
 *
 * @param shape `[n, c]`.
 */
export function sandwichProduct(
  logits: LogitsFunction,
  parameters: TensorTree,
  vector: TensorTree,
  shape: [number, number],
  outputProduct: (z: tf.Tensor2D, u: tf.Tensor2D) => tf.Tensor2D,
): TensorTree {
  makeTwiceDifferentiable();
  const kept: tf.Tensor2D[] = [];
  const pulledBack = ({ w }: TensorTree): tf.Scalar => {
    const withLogits = (each: TensorTree): tf.Scalar => {
      // Kept beyond the scopes of both gradients, which saves a forward pass.
      const z = tf.keep(logits(each));
      kept.push(z);
      return tf.sum(tf.mul(z, w));
    };
    return dot(valueAndGradient(withLogits, parameters).gradient, vector);
  };
  const product = (): TensorTree => {
    const { w: moved } = valueAndGradient(pulledBack, { w: tf.zeros(shape) }).gradient;
    const pushed = outputProduct(kept[0], moved as tf.Tensor2D);
    return valueAndGradient((each) => tf.sum(tf.mul(logits(each), pushed)), parameters).gradient;
  };
  try {
    return tf.tidy(product);
  } finally {
    tf.dispose(kept);
  }
}
