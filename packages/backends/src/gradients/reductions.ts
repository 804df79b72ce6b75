import * as tf from "@tensorflow/tfjs";
import { expandTo } from "./broadcast.ts";

interface AxisAttributes {
  axis: number | number[];
}

/** dy with axes of size one where the reduction removed them, and how many values each of its elements stands for. */
function keepAxes(dy: tf.Tensor, x: tf.Tensor, { axis }: AxisAttributes): { kept: tf.Tensor; count: number } {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const shape = x.shape.map((size, index) => (axes.includes(index) ? 1 : size));
  return { kept: tf.reshape(dy, shape), count: x.size / tf.util.sizeFromShape(shape) };
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

/**
 * Gradient of kernel Tile: the repetitions summed. tfjs's own adds up one slice per repetition, up to rank 4; this one serves every rank,
 * and the second derivatives of whatever is repeated above.
 */
export const tileGradient: tf.GradConfig = {
  kernelName: tf.Tile,
  inputsToSave: ["x"],
  gradFunc: (dy, [input], attributes) => ({
    x: () => {
      const x = input as tf.Tensor;
      const { reps } = attributes as unknown as { reps: number[] };
      // Axes that are not repeated stay as they are, so that common cases sum over leading axes of a low rank.
      const parts = x.shape.map((size, axis) => (reps[axis] === 1 ? [size] : [reps[axis] as number, size]));
      const repeated = parts.flatMap((part) => (part.length === 1 ? [false] : [true, false]));
      const axes = repeated.flatMap((is, axis) => (is ? [axis] : []));
      return tf.reshape(tf.sum(tf.reshape(dy as tf.Tensor, parts.flat()), axes), x.shape);
    },
  }),
};
