import * as tf from "@tensorflow/tfjs";
import { gradientOf } from "../define.ts";
import { backwardIsRecorded } from "../recording.ts";

/** dx_i = dy prod_{j != i} x_j. Written without a division, so that zeros are no exception. */
const prod = gradientOf<{ axis?: number | number[] | null }>(tf.Prod, ["x"], (dy, [x], { axis }) => ({
  x: () => {
    const axes = tf.util.parseAxisParam(axis ?? x.shape.map((_, i) => i), x.shape);
    const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const order = [...kept, ...axes];
    const moved = tf.transpose(x, order);
    const rows = tf.util.sizeFromShape(kept.map((i) => x.shape[i]));
    const factors = tf.reshape(moved, [rows, x.size / rows]) as tf.Tensor2D;
    const slopes = tf.mul(tf.reshape(dy, [rows, 1]), productsOfOthers(factors));
    return tf.transpose(tf.reshape(slopes, moved.shape), tf.backend_util.getUndoAxesPermutation(order));
  },
}));

/** `[rows, n]` to `[rows, n]`: the product of a row without its i-th entry. */
function productsOfOthers(factors: tf.Tensor2D): tf.Tensor {
  if (!backwardIsRecorded()) return tf.mul(tf.cumprod(factors, 1, true, false), tf.cumprod(factors, 1, true, true));
  // Kernel Cumprod has no gradient. n copies of each row, the i-th with a one in place of its i-th entry, take n times the memory.
  const [rows, n] = factors.shape;
  const own = tf.cast(tf.expandDims(tf.eye(n), 0), "bool");
  return tf.prod(tf.where(own, tf.ones([1, 1, 1]), tf.reshape(factors, [rows, 1, n])), 2);
}

/** Summed from the other end. tfjs's own transposes the result besides, unless the axis is the last one. */
const cumsum = gradientOf<{ axis: number; exclusive: boolean; reverse: boolean }>(tf.Cumsum, [], (dy, _, { axis, exclusive, reverse }) => ({
  x: () => tf.cumsum(dy, axis, exclusive, !reverse),
}));

/**
 * Gradient of kernel Tile: the repetitions summed, for every rank; tfjs's own adds up one slice per repetition, and stops at rank four.
 *
 * @example
 * tf.registerGradient(tileGradient);
 * const slope = tf.grad((x) => tf.mul(tf.tile(x, [3]), tf.tensor1d([1, 2, 3, 4, 5, 6])));
 * slope(tf.tensor1d([0, 0])).arraySync(); // [9, 12]
 */
export const tileGradient = gradientOf<{ reps: number[] }>(tf.Tile, ["x"], (dy, [x], { reps }) => ({
  x: () => {
    // Axes that are not repeated stay as they are, and those of one entry have no axis beside their repetitions: backends know ranks up to six.
    const parts = x.shape.flatMap((size, axis) => {
      const repeated = { length: reps[axis], summed: true };
      const own = { length: size, summed: false };
      if (reps[axis] === 1) return [own];
      return size === 1 ? [repeated] : [repeated, own];
    });
    const shape = parts.map(({ length }) => length);
    const axes = parts.flatMap(({ summed }, axis) => (summed ? [axis] : []));
    return tf.reshape(tf.sum(tf.reshape(dy, shape), axes), x.shape);
  },
}));

export const reductionGradients: readonly tf.GradConfig[] = [prod, cumsum, tileGradient];
