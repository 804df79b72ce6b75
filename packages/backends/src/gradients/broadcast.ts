import * as tf from "@tensorflow/tfjs";

/** x summed over the axes along which `shape` broadcasts to x's shape: the adjoint of {@link expandTo}. */
export function sumTo(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], x.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(x, axes) : x, [...shape]);
}

/** x, whose axes are those of `shape` or of size one, repeated to `shape`. */
export function expandTo(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.tile(
    x,
    shape.map((size, axis) => size / (x.shape[axis] as number)),
  );
}
