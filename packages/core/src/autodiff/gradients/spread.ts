import * as tf from "@tensorflow/tfjs";

/** x with `step - 1` zeros between its entries along one axis, of which there are `(n - 1) step + 1` then. */
export function spread(x: tf.Tensor, axis: number, step: number): tf.Tensor {
  if (step === 1) return x;
  const { before, count, after, shape } = around(x, axis);
  const padded = tf.pad(tf.reshape(x, [before * count, 1, after]), [
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);
  const length = (count - 1) * step + 1;
  return tf.reshape(tf.slice(tf.reshape(padded, [before, count * step, after]), [0, 0, 0], [before, length, after]), shape(length));
}

/** Every `step`-th entry along one axis, the first among them: undoes {@link spread}, and is its adjoint. */
export function every(x: tf.Tensor, axis: number, step: number): tf.Tensor {
  if (step === 1) return x;
  const { before, count, after, shape } = around(x, axis);
  const length = Math.ceil(count / step);
  const padded = tf.pad(tf.reshape(x, [before, count, after]), [
    [0, 0],
    [0, length * step - count],
    [0, 0],
  ]);
  return tf.reshape(tf.slice(tf.reshape(padded, [before * length, step, after]), [0, 0, 0], [before * length, 1, after]), shape(length));
}

/** One axis of x and the sizes around it, so that three axes are enough for any rank. */
function around(x: tf.Tensor, axis: number): { before: number; count: number; after: number; shape: (length: number) => number[] } {
  return {
    before: tf.util.sizeFromShape(x.shape.slice(0, axis)),
    count: x.shape[axis],
    after: tf.util.sizeFromShape(x.shape.slice(axis + 1)),
    shape: (length) => x.shape.with(axis, length),
  };
}
