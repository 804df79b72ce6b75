import * as tf from "@tensorflow/tfjs";
import { classifier, expectImages, expectPositive, type ClassifierOptions } from "./classifier.ts";
import { convolutionAndNorm, kernelInitializer, relu } from "./layers.ts";

export interface SmallCnnOptions extends ClassifierOptions {
  /** Filters of the two convolutions. Default `[8, 16]`. */
  readonly filters?: readonly [number, number];
  /** Units of the dense layer before the classifier. Default 64. */
  readonly hidden?: number;
}

/**
 * A small convolutional network for grey images of about 28 x 28 pixels, made to train in seconds on one thread: twice 3x3 convolution,
 * batch norm, ReLU and 2x2 max pooling (layers `block1/conv`, `block1/norm`, `block1/relu`, `block1/pool`, `block2/...`), then `flatten`,
 * a dense layer `hidden` with ReLU, and `classifier`. Kernels start from He's normal distribution; batch norm keeps 0.9 of its moving
 * statistics at each step, epsilon 1e-5.
 *
 * Parameters with images h x w x c, filters f1 and f2, hidden width d: 9 c f1 + 9 f1 f2 + 4 (f1 + f2) + (floor(h/4) floor(w/4) f2 + 1) d +
 * (d + 1) classes, where 2 (f1 + f2) batch-norm statistics are not trainable. For 28 x 28 x 1, 10 classes and the defaults: 52,210.
 *
 * @throws LetheError `model/bad-option`.
 * @example
 * const network = smallCnn({ inputShape: [28, 28, 1], classes: 10 });
 * network.countParams(); // 52210
 */
export function smallCnn(options: SmallCnnOptions): tf.LayersModel {
  const { inputShape, filters = [8, 16], hidden = 64 } = options;
  // Each of the two poolings halves the sides; less than 4 pixels would leave nothing.
  expectImages("small-cnn", inputShape, 4);
  filters.forEach((count) => expectPositive("small-cnn", "filters", count));
  expectPositive("small-cnn", "hidden", hidden);
  return classifier("small-cnn", options, (input) => {
    let features = input;
    filters.forEach((count, index) => {
      const block = `block${index + 1}/`;
      const activated = relu(`${block}relu`)(convolutionAndNorm(block, "", { filters: count, kernelSize: 3 })(features));
      features = tf.layers.maxPooling2d({ poolSize: 2, strides: 2, name: `${block}pool` }).apply(activated) as tf.SymbolicTensor;
    });
    const flat = tf.layers.flatten({ name: "flatten" }).apply(features);
    return tf.layers.dense({ units: hidden, activation: "relu", kernelInitializer, name: "hidden" }).apply(flat) as tf.SymbolicTensor;
  });
}
