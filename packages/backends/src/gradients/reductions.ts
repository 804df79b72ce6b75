import * as tf from "@tensorflow/tfjs";

interface AxisAttributes {
  axis: number | number[];
}

/** dy with axes of size one where the reduction removed them, and how many values each of its elements stands for. */
function keepAxes(dy: tf.Tensor, x: tf.Tensor, { axis }: AxisAttributes): { kept: tf.Tensor; count: number } {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const shape = x.shape.map((size, index) => (axes.includes(index) ? 1 : size));
  return { kept: tf.reshape(dy, shape), count: x.size / tf.util.sizeFromShape(shape) };
}

/** x, whose axes are those of `shape` or of size one, repeated to `shape`. */
function expandTo(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.tile(
    x,
    shape.map((size, axis) => size / x.shape[axis]),
  );
}

/** Gradient of kernel Sum: dy repeated. tfjs's own multiplies it with a tensor of ones that it builds in JavaScript. */
export const sumGradient: tf.GradConfig = {
  kernelName: tf.Sum,
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => ({
    x: () => expandTo(keepAxes(dy as tf.Tensor, x as tf.Tensor, attributes as unknown as AxisAttributes).kept, (x as tf.Tensor).shape),
  }),
};

/** Gradient of kernel Mean: dy divided while it is small, then repeated. */
export const meanGradient: tf.GradConfig = {
  kernelName: tf.Mean,
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => ({
    x: () => {
      const { kept, count } = keepAxes(dy as tf.Tensor, x as tf.Tensor, attributes as unknown as AxisAttributes);
      return expandTo(tf.div(kept, count), (x as tf.Tensor).shape);
    },
  }),
};
