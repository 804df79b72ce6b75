import * as tf from "@tensorflow/tfjs";

/** x summed over the axes along which `shape` broadcasts to x's shape. */
export function sumTo(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], x.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(x, axes) : x, [...shape]);
}
