import * as tf from "@tensorflow/tfjs";
import { drawn, drawnTensor, tensorOf } from "./drawn.ts";
import { tensorCase, type ParityCase } from "./parity-case.ts";

const matrix = (): tf.Tensor2D => drawnTensor([6, 5], 11);
const images = (): tf.Tensor4D => drawnTensor([2, 6, 5, 3], 12);
const volume = (): tf.Tensor3D => drawnTensor([3, 4, 5], 13);
const row = (): tf.Tensor1D => drawnTensor([5], 14, 0.5, 2);
const indices = (): tf.Tensor1D => tf.tensor1d([4, 0, 3, 0, 5], "int32");
/** Scale, offset, mean and variance of three channels. */
const channelStatistics = [drawn([3], 38), drawn([3], 39), drawn([3], 40), drawn([3], 41, 0.5, 2)];
const condition = (): tf.Tensor => tf.greater(matrix(), 0);

/** Whatever else networks, losses and methods are made of; against the cpu backend. */
const computations: Readonly<Record<string, () => tf.Tensor | readonly tf.Tensor[]>> = {
  "sums and means over axes": () => [
    tf.sum(volume()),
    tf.sum(volume(), 0),
    tf.sum(volume(), [0, 2]),
    tf.mean(volume(), -1),
    tf.mean(volume(), [0, 1]),
  ],
  "maxima, minima, products over axes": () => [tf.max(volume(), 1), tf.min(volume(), [0, 2]), tf.prod(volume(), 2)],
  "positions of maxima and minima": () => [tf.argMax(volume(), 2), tf.argMin(volume(), 0)],
  "all and any": () => [tf.all(condition(), 0), tf.any(condition(), 1)],
  "cumulative sums": () => [tf.cumsum(matrix(), 0), tf.cumsum(matrix(), 1, true, true)],
  moments: () => {
    const { mean, variance } = tf.moments(images(), [0, 1, 2]);
    return [mean, variance];
  },
  "row by row with a vector": () => [tf.add(matrix(), row()), tf.sub(matrix(), row()), tf.mul(matrix(), row()), tf.div(matrix(), row())],
  "maximum, minimum, squared difference": () => [
    tf.maximum(matrix(), 0.1),
    tf.minimum(matrix(), row()),
    tf.squaredDifference(matrix(), row()),
    tf.pow(row(), tf.abs(matrix())),
  ],
  "broadcasts of both sides": () => tf.mul(drawnTensor([4, 1, 3], 15), drawnTensor([1, 5, 1], 16)),
  comparisons: () => [
    tf.greater(matrix(), 0.2),
    tf.lessEqual(matrix(), row()),
    tf.equal(indices(), 0),
    tf.notEqual(indices(), 3),
    tf.logicalNot(condition()),
  ],
  "choice by a condition": () => tf.where(condition(), matrix(), tf.neg(matrix())),
  "batched matrix products": () => [
    tf.matMul(drawnTensor([3, 4, 5], 17), drawnTensor([3, 5, 2], 18)),
    tf.matMul(drawnTensor([2, 3, 4, 5], 19), drawnTensor([2, 3, 6, 5], 20), false, true),
  ],
  "dense layer with bias and relu, fused": () =>
    tf.fused.matMul({ a: matrix(), b: drawnTensor([5, 4], 21), bias: drawnTensor([4], 22), activation: "relu" }),
  "convolution with bias and relu, fused": () =>
    tf.fused.conv2d({
      x: images(),
      filter: drawnTensor([3, 3, 3, 4], 23),
      strides: 1,
      pad: "same",
      bias: drawnTensor([4], 24),
      activation: "relu",
    }),
  "max pooling": () => [tf.maxPool(images(), 2, 2, "same"), tf.maxPool(images(), 3, 2, "valid")],
  "average pooling": () => [tf.avgPool(images(), 2, 2, "valid"), tf.avgPool(images(), 3, 1, "same")],
  "batch norm": () => tf.batchNorm(images(), drawnTensor([3], 25), drawnTensor([3], 26, 0.5, 1.5), drawnTensor([3], 27), drawnTensor([3], 28), 1e-3),
  "softmax and log softmax": () => [tf.softmax(matrix()), tf.logSoftmax(tf.mul(matrix(), 30)), tf.logSumExp(matrix(), 1)],
  "softmax cross entropy": () => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([0, 1, 4, 2, 3, 1], "int32"), 5), matrix()),
  "rows by index": () => [
    tf.gather(matrix(), indices()),
    tf.gather(volume(), tf.tensor2d([2, 0, 1, 3], [2, 2], "int32"), 1),
    tf.gather(volume(), indices().slice(1, 3), -1),
  ],
  "elements by index, there and back": () => {
    const places = tf.tensor2d([0, 1, 5, 4, 3, 2], [3, 2], "int32");
    return [tf.gatherND(matrix(), places), tf.scatterND(places, drawnTensor([3], 29), [6, 5])];
  },
  "sums of segments": () => tf.unsortedSegmentSum(matrix(), tf.tensor1d([0, 2, 1, 2, 0, 2], "int32"), 3),
  "one-hot": () => tf.oneHot(indices(), 6),
  "slices, with strides too": () => [tf.slice(volume(), [1, 0, 2], [2, 3, 2]), tf.stridedSlice(volume(), [0, 1, 0], [3, 4, 5], [2, 2, 1])],
  "joined, stacked, split": () => [
    tf.concat([matrix(), matrix()], 1),
    tf.stack([matrix(), matrix()], 1),
    ...tf.split(matrix(), [2, 1, 3], 0),
    ...tf.unstack(volume(), 1),
  ],
  "transposed, reversed, padded, tiled": () => [
    tf.transpose(volume(), [2, 0, 1]),
    tf.reverse(volume(), [0, 2]),
    tf.pad(matrix(), [
      [1, 2],
      [0, 3],
    ]),
    tf.mirrorPad(
      matrix(),
      [
        [1, 1],
        [2, 0],
      ],
      "reflect",
    ),
    tf.tile(matrix(), [2, 3]),
  ],
  "the largest of each row": () => {
    const { values, indices: places } = tf.topk(matrix(), 3);
    return [values, places];
  },
  "einsum of attention": () => [
    tf.einsum("btc,chd->bthd", drawnTensor([2, 3, 4], 30), drawnTensor([4, 2, 5], 31)),
    tf.einsum("bthd,bshd->bhts", drawnTensor([2, 3, 2, 5], 32), drawnTensor([2, 4, 2, 5], 33)),
  ],
  "casts and whole numbers": () => [
    tf.cast(tf.mul(matrix(), 9), "int32"),
    tf.cast(condition(), "float32"),
    tf.floorDiv(tf.tensor1d([7, -7, 9], "int32"), 2),
    tf.mod(matrix(), 0.3),
  ],
  "images resized": () => [tf.image.resizeBilinear(images(), [9, 7]), tf.image.resizeNearestNeighbor(images(), [3, 10])],
  "means of the last axis, layer norm": () => {
    const { mean, variance } = tf.moments(volume(), -1, true);
    return tf.mul(tf.sub(volume(), mean), tf.rsqrt(tf.add(variance, 1e-5)));
  },
};

export const kernelCases: readonly ParityCase[] = [
  ...Object.entries(computations).map(([name, build]) => tensorCase("kernels", name, build)),
  // Rounding up adds windows that lie half outside.
  tensorCase(
    "kernels",
    "max pooling with sizes rounded up",
    () => tf.maxPool(drawnTensor<tf.Rank.R4>([1, 3, 3, 1], 34), 2, 2, 0, "ceil"),
    () => {
      const [a, b, c, d, e, f, g, h, i] = Array.from(drawn([9], 34).values);
      return [{ shape: [1, 2, 2, 1], values: [Math.max(a, b, d, e), Math.max(c, f), Math.max(g, h), i] }];
    },
  ),
  tensorCase(
    "kernels",
    "batch norm over channels that come second",
    () => {
      const layer = tf.layers.batchNormalization({ axis: 1, epsilon: 1e-3 });
      layer.build([2, 3, 4]);
      layer.setWeights(channelStatistics.map(tensorOf));
      const normal = layer.apply(drawnTensor([2, 3, 4], 35)) as tf.Tensor;
      for (const weight of layer.weights) weight.dispose();
      return normal;
    },
    () => {
      const [scale, offset, mean, variance] = channelStatistics.map(({ values }) => values);
      const normal = Array.from(drawn([2, 3, 4], 35).values, (value, i) => {
        const channel = Math.floor(i / 4) % 3;
        return (scale[channel] * (value - mean[channel])) / Math.sqrt(variance[channel] + 1e-3) + offset[channel];
      });
      return [{ shape: [2, 3, 4], values: normal }];
    },
  ),
  tensorCase(
    "kernels",
    "einsum that sums a letter of one operand alone",
    () => tf.einsum("ij,k->i", drawnTensor([2, 3], 36), drawnTensor([4], 37)),
    () => {
      const [a, b] = [Array.from(drawn([2, 3], 36).values), Array.from(drawn([4], 37).values)];
      const total = b.reduce((sum, value) => sum + value, 0);
      return [{ shape: [2], values: [0, 1].map((i) => total * a.slice(3 * i, 3 * i + 3).reduce((sum, value) => sum + value, 0)) }];
    },
  ),
];
