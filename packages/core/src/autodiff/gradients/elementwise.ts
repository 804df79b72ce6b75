import * as tf from "@tensorflow/tfjs";
import { gradientOf } from "../define.ts";
import { sumTo } from "./broadcast.ts";

const pair = (kernelName: string, slopes: (a: tf.Tensor, b: tf.Tensor) => { a: () => tf.Tensor; b: () => tf.Tensor }): tf.GradConfig =>
  gradientOf(kernelName, ["a", "b"], (dy, [a, b]) => {
    const slope = slopes(a, b);
    return { a: () => sumTo(tf.mul(dy, slope.a()), a.shape), b: () => sumTo(tf.mul(dy, slope.b()), b.shape) };
  });

const mask = (condition: tf.Tensor): tf.Tensor => tf.cast(condition, "float32");

/** As in tfjs, which refuses shapes that broadcast. */
export const elementwiseGradients: readonly tf.GradConfig[] = [
  pair(tf.Maximum, (a, b) => ({ a: () => mask(tf.greaterEqual(a, b)), b: () => mask(tf.less(a, b)) })),
  pair(tf.Minimum, (a, b) => ({ a: () => mask(tf.lessEqual(a, b)), b: () => mask(tf.greater(a, b)) })),
  pair(tf.SquaredDifference, (a, b) => ({ a: () => tf.mul(2, tf.sub(a, b)), b: () => tf.mul(2, tf.sub(b, a)) })),
];
