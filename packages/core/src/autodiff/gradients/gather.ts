import * as tf from "@tensorflow/tfjs";
import { gradientOf, zerosOf } from "../define.ts";

/**
 * Gradient of kernel GatherV2: the rows of dy added up where they were read.
 *
 * By ScatterNd, which every backend has. tfjs takes UnsortedSegmentSum, which the wasm backend lacks and which the cpu backend computes in
 * (rows of x) x (size of dy) operations.
 *
 * @example
 * tf.registerGradient(gatherGradient);
 * const slope = tf.grad((table) => tf.gather(table, tf.tensor1d([2, 0, 2], "int32")));
 * slope(tf.tensor1d([5, 6, 7])).arraySync(); // [1, 0, 2]
 */
export const gatherGradient = gradientOf<{ axis: number; batchDims?: number }>(tf.GatherV2, ["x", "indices"], (dy, [x, indices], attributes) => ({
  x: () => {
    const { batchDims = 0 } = attributes;
    const axis = tf.util.parseAxisParam(attributes.axis, x.shape)[0];
    const sizes = [x.shape.slice(0, batchDims), x.shape.slice(batchDims, axis), x.shape.slice(axis + 1)].map((part) => tf.util.sizeFromShape(part));
    const [batch, outer, inner] = sizes;
    const [rows, read] = [x.shape[axis], indices.size / batch];
    const values = tf.reshape(tf.transpose(tf.reshape(dy, [batch, outer, read, inner]), [0, 2, 1, 3]), [batch * read, outer * inner]);
    const firstRow = tf.reshape(tf.range(0, batch * rows, rows, "int32"), [batch, 1]);
    const at = tf.reshape(tf.add(tf.reshape(indices, [batch, read]), firstRow), [batch * read, 1]);
    const sums = tf.scatterND(at as tf.Tensor2D, values, [batch * rows, outer * inner]);
    return tf.reshape(tf.transpose(tf.reshape(sums, [batch, rows, outer, inner]), [0, 2, 1, 3]), x.shape);
  },
  indices: () => zerosOf(indices.shape),
}));

/** GatherNd reads what ScatterNd adds up, and the other way round: each is the gradient of the other. */
const gatherNd = gradientOf(tf.GatherNd, ["params", "indices"], (dy, [params, indices]) => ({
  params: () => tf.scatterND(indices, dy, params.shape),
  indices: () => zerosOf(indices.shape),
}));

const scatterNd = gradientOf(tf.ScatterNd, ["indices"], (dy, [indices]) => ({
  updates: () => tf.gatherND(dy, indices),
  indices: () => zerosOf(indices.shape),
}));

export const gatherGradients: readonly tf.GradConfig[] = [gatherGradient, gatherNd, scatterNd];
