import * as tf from "@tensorflow/tfjs";
import { gradientOf, zerosOf } from "../define.ts";

const comparisons = [tf.Equal, tf.NotEqual, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.LogicalAnd, tf.LogicalOr];

/** Functions of two tensors whose value jumps or stays: the gradient is zero almost everywhere. */
const binary = [...comparisons, tf.FloorDiv].map((kernelName) =>
  gradientOf(kernelName, ["a", "b"], (_, [a, b]) => ({ a: () => zerosOf(a.shape), b: () => zerosOf(b.shape) })),
);

const unary = [tf.LogicalNot, tf.All, tf.Any, tf.ArgMax, tf.ArgMin].map((kernelName) =>
  gradientOf(kernelName, ["x"], (_, [x]) => ({ x: () => zerosOf(x.shape) })),
);

/** A cast to integers or booleans jumps too; tfjs hands its gradient through as if nothing had been rounded. */
const cast = gradientOf<{ dtype: tf.DataType }>(tf.Cast, [], (dy, _, { dtype }) => ({
  x: () => (dtype === "float32" ? tf.clone(dy) : zerosOf(dy.shape)),
}));

export const stepGradients: readonly tf.GradConfig[] = [...binary, ...unary, cast];
