import * as tf from "@tensorflow/tfjs";
import { createRandom, Model, type Dataset } from "@lethe/core";
import { mlp, smallCnn, smallResNet, vit } from "@lethe/models";
import { drawnSamples, drawnTensor } from "./drawn.ts";

/** A network as a function of its parameters alone: what the loss of a batch is. */
export interface Network {
  readonly shapes: readonly (readonly number[])[];
  loss(...parameters: readonly tf.Tensor[]): tf.Scalar;
}

const images = (): tf.Tensor4D => drawnTensor([4, 8, 8, 2], 41);
const crossEntropy = (logits: tf.Tensor): tf.Scalar => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([0, 1, 2, 1], "int32"), 3), logits);
const pooled = (features: tf.Tensor): tf.Tensor => tf.mean(features, [1, 2]);

/** Small networks that hold, between them, the layers that are common. */
export const networks: Readonly<Record<string, Network>> = {
  "convolutions, batch norm, relu, poolings": {
    shapes: [[3, 3, 2, 4], [4], [4], [3, 3, 4, 3]],
    loss(filter, scale, offset, second) {
      const features = tf.conv2d(images(), filter as tf.Tensor4D, 1, "same");
      const { mean, variance } = tf.moments(features, [0, 1, 2]);
      const normal = tf.batchNorm(features, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D, 1e-3);
      const small = tf.avgPool(tf.maxPool(tf.relu(normal) as tf.Tensor4D, 2, 2, "same"), 3, 2, "same") as tf.Tensor4D;
      return crossEntropy(pooled(tf.tanh(tf.conv2d(small, second as tf.Tensor4D, 2, "same"))));
    },
  },
  // Negative maxima throughout: a kernel that forgets windows without a positive number shows here.
  "max pooling of negative numbers": {
    shapes: [[3, 3, 2, 3]],
    loss: (filter) =>
      crossEntropy(pooled(tf.square(tf.maxPool(tf.sub(tf.conv2d(images(), filter as tf.Tensor4D, 1, "same"), 9) as tf.Tensor4D, 2, 2, "same")))),
  },
  "depthwise and separable convolutions, elu, swish": {
    shapes: [
      [3, 3, 2, 2],
      [1, 1, 4, 3],
    ],
    loss(filter, point) {
      const features = tf.elu(tf.depthwiseConv2d(images(), filter as tf.Tensor4D, 2, "same")) as tf.Tensor4D;
      const mixed = tf.conv2d(features, point as tf.Tensor4D, 1, "valid");
      return crossEntropy(pooled(tf.mul(mixed, tf.sigmoid(mixed))));
    },
  },
  "attention over embeddings": {
    shapes: [
      [5, 6],
      [6, 2, 3],
      [6, 2, 3],
      [6, 2, 3],
      [6, 3],
    ],
    loss(embedding, query, key, value, head) {
      const tokens = tf.gather(embedding, tf.tensor2d([0, 1, 2, 0, 3, 4, 1, 1, 4, 2, 3, 0], [4, 3], "int32"));
      const [q, k, v] = [query, key, value].map((weights) => tf.einsum("btc,chd->bthd", tokens, weights));
      const mixed = tf.einsum("bhts,bshd->bthd", tf.softmax(tf.einsum("bthd,bshd->bhts", q, k)), v);
      return crossEntropy(tf.matMul(tf.reshape(tf.mean(mixed, 1), [4, 6]), head as tf.Tensor2D));
    },
  },
};

/** A model as users have them, with the same weights and samples on every backend. */
export interface ModelAndData {
  /** The caller's, with its network. */
  readonly model: Model;
  readonly data: Dataset;
}

const classes = 3;

function modelAndData(build: () => tf.LayersModel, inputShape: readonly number[]): () => ModelAndData {
  // tfjs draws initial weights on the host, so that they are the same on every backend.
  return () => {
    const untrained = new Model(build());
    const model = untrained.initialise(createRandom("parity"));
    untrained.dispose();
    return { model, data: drawnSamples(inputShape, classes, 12, 43) };
  };
}

export const models: Readonly<Record<string, () => ModelAndData>> = {
  perceptron: modelAndData(() => mlp({ inputShape: [6], classes, hidden: [7], activation: "tanh" }), [6]),
  "small CNN": modelAndData(() => smallCnn({ inputShape: [8, 8, 1], classes, filters: [3, 4], hidden: 6 }), [8, 8, 1]),
  "ResNet-8": modelAndData(() => smallResNet({ inputShape: [8, 8, 3], classes, width: 2 }), [8, 8, 3]),
  "vision transformer": modelAndData(() => vit({ inputShape: [8, 8, 3], classes, patch: 4, width: 6, depth: 1, heads: 2 }), [8, 8, 3]),
};
