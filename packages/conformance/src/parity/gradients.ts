import * as tf from "@tensorflow/tfjs";
import { drawn, drawnTensor } from "./drawn.ts";
import { networks } from "./networks.ts";
import { tensorCase, type ParityCase } from "./parity-case.ts";

const matrix = (): tf.Tensor2D => drawnTensor([6, 5], 51);
const images = (): tf.Tensor4D => drawnTensor([2, 6, 5, 3], 52);
const labels = (): tf.Tensor => tf.oneHot(tf.tensor1d([0, 1, 4, 2, 3, 1], "int32"), 5);
/** Weighs every element of the output differently, so that none can stand in for another. */
const weighed = (output: tf.Tensor): tf.Scalar => tf.sum(tf.mul(output, drawnTensor(output.shape, 53)));

type Operation = (...inputs: readonly tf.Tensor[]) => tf.Tensor;

/** Gradients of what networks are made of, beside convolutions, products and functions of one number. */
const operations: Readonly<Record<string, readonly [Operation, ...(() => tf.Tensor)[]]>> = {
  "max pooling": [(x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "same"), images],
  "max pooling of negative numbers": [(x) => tf.maxPool(tf.sub(x, 5) as tf.Tensor4D, 2, 1, "valid"), images],
  "batch norm": [
    (x, scale, offset) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D, 1e-3);
    },
    images,
    () => drawnTensor([3], 54),
    () => drawnTensor([3], 55),
  ],
  "softmax cross entropy": [(z) => tf.losses.softmaxCrossEntropy(labels(), z), matrix],
  softmax: [(z) => tf.softmax(z), matrix],
  "log softmax, log of sums of exponentials": [(z) => tf.add(tf.logSoftmax(z), tf.logSumExp(z, 1, true)), matrix],
  "maxima and means": [(x) => tf.add(tf.max(x, 1), tf.mean(x, 1)), matrix],
  "products of broadcasts": [(x, y) => tf.div(tf.mul(x, y), tf.add(tf.square(y), 1)), matrix, () => drawnTensor([5], 56)],
  "powers with exponents that vary": [(x, y) => tf.pow(tf.add(tf.square(x), 0.5), y), matrix, () => drawnTensor([5], 57)],
  "rows by index, some twice": [(x) => tf.gather(x, tf.tensor1d([4, 0, 4, 1], "int32")), matrix],
  "slices, joined and padded": [
    (x) =>
      tf.pad(tf.concat([tf.slice(x, [1, 0], [3, 5]), x], 0), [
        [1, 0],
        [0, 2],
      ]),
    matrix,
  ],
  "transposed, tiled, cumulative": [(x) => tf.cumsum(tf.tile(tf.transpose(x), [2, 1]), 1), matrix],
  "choice by a condition": [(x) => tf.where(tf.greater(matrix(), 0.1), tf.square(x), tf.neg(x)), matrix],
  "einsum of attention": [(x, weights) => tf.einsum("btc,chd->bthd", x, weights), () => drawnTensor([2, 3, 4], 58), () => drawnTensor([4, 2, 5], 59)],
};

const [points, features, classes] = [7, 5, 3];

/** Softmax regression: L = sum of cross entropies, and dL/dW = X^T (softmax(X W) - Y) in float64. */
const regression: ParityCase = tensorCase(
  "gradients",
  "softmax regression",
  () => {
    const target = tf.oneHot(tf.tensor1d(Int32Array.from({ length: points }, (_, i) => i % classes)), classes);
    const loss = (weights: tf.Tensor): tf.Scalar => {
      const logits = tf.matMul(drawnTensor([points, features], 60), weights);
      return tf.sum(tf.sub(tf.logSumExp(logits, 1), tf.sum(tf.mul(logits, target), 1)));
    };
    return tf.grad(loss)(drawnTensor([features, classes], 61));
  },
  () => {
    const [x, w] = [drawn([points, features], 60).values, drawn([features, classes], 61).values];
    const gradient = new Float64Array(features * classes);
    for (let i = 0; i < points; i++) {
      const logits = Float64Array.from({ length: classes }, (_, k) => {
        let sum = 0;
        for (let j = 0; j < features; j++) sum += x[i * features + j] * w[j * classes + k];
        return sum;
      });
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      for (let k = 0; k < classes; k++) {
        const error = Math.exp(logits[k]) / total - (i % classes === k ? 1 : 0);
        for (let j = 0; j < features; j++) gradient[j * classes + k] += x[i * features + j] * error;
      }
    }
    return [{ shape: [features, classes], values: gradient }];
  },
);

/** Each window's dy goes in equal shares to the inputs under it, of which there are fewer at the border. */
const averagePooling: ParityCase = tensorCase(
  "gradients",
  "average pooling, padded",
  () => tf.grad((x) => weighed(tf.avgPool(x as tf.Tensor4D, 3, 2, "same")))(images()),
  () => {
    const [n, height, width, channels] = [2, 6, 5, 3];
    const { outHeight, outWidth, padInfo } = tf.backend_util.computePool2DInfo([n, height, width, channels], 3, 2, 1, "same");
    const dy = drawn([n, outHeight, outWidth, channels], 53).values;
    const dx = new Float64Array(n * height * width * channels);
    for (let sample = 0; sample < n; sample++)
      for (let row = 0; row < outHeight; row++)
        for (let column = 0; column < outWidth; column++) {
          const under = [0, 1, 2].flatMap((k) => [0, 1, 2].map((l) => [2 * row - padInfo.top + k, 2 * column - padInfo.left + l]));
          const inside = under.filter(([i, j]) => i >= 0 && j >= 0 && i < height && j < width);
          for (const [i, j] of inside)
            for (let channel = 0; channel < channels; channel++) {
              const share = dy[((sample * outHeight + row) * outWidth + column) * channels + channel] / inside.length;
              dx[((sample * height + i) * width + j) * channels + channel] += share;
            }
        }
    return [{ shape: [n, height, width, channels], values: dx }];
  },
);

export const gradientCases: readonly ParityCase[] = [
  regression,
  averagePooling,
  ...Object.entries(operations).map(([name, [operation, ...inputs]]) =>
    tensorCase("gradients", name, () => tf.grads((...given: tf.Tensor[]) => weighed(operation(...given)))(inputs.map((input) => input()))),
  ),
  ...Object.entries(networks).map(([name, { shapes, loss }]) =>
    tensorCase("gradients", `network: ${name}`, () => {
      const parameters = shapes.map((shape, position) => drawnTensor(shape, 62 + position, -0.5, 0.5));
      const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) => loss(...given))(parameters);
      return [value, ...grads];
    }),
  ),
];
