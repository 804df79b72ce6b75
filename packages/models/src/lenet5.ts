import * as tf from "@tensorflow/tfjs";
import { classifier, expectImages, type ClassifierOptions } from "./classifier.ts";
import { chain, step } from "./layers.ts";

export interface LeNet5Options extends ClassifierOptions {
  /** Of both convolutions and both hidden dense layers. Default `"tanh"`. */
  readonly activation?: "tanh" | "relu";
}

/**
 * LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998) as it is built today: convolution of 6 filters 5x5, 2x2 average pooling, convolution of 16
 * filters 5x5, 2x2 average pooling, dense layers of 120 and 84 units, `classifier`.
 *
 * Images with a side below 32 are padded with two zeros on every side by the first convolution, so that 28 x 28 pixels give what 32 x 32 do:
 * 61,706 parameters with one channel and 10 classes. Differs from the paper: every filter of the second convolution sees all maps of the first
 * (the paper's table 1 leaves out some), pooling has no parameters, the hidden activation is a plain tanh, and the output layer is dense where
 * the paper has radial basis functions. Kernels start from Glorot's normal distribution (tfjs's own choice, right for tanh), biases from 0.
 *
 * @throws LetheError `model/bad-option`.
 * @see http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf
 * @example
 * lenet5({ inputShape: [28, 28, 1], classes: 10 }).countParams(); // 61706
 */
export function lenet5(options: LeNet5Options): tf.LayersModel {
  const { inputShape, activation = "tanh" } = options;
  // 12 pixels are 2 after both poolings and the second, unpadded convolution has had its 4.
  expectImages("lenet5", inputShape, 12);
  const padding = Math.min(inputShape[0], inputShape[1]) < 32 ? "same" : "valid";
  const common = { activation, kernelInitializer: "glorotNormal" } as const;
  return classifier(
    "lenet5",
    options,
    chain(
      step(tf.layers.conv2d({ ...common, filters: 6, kernelSize: 5, padding, name: "conv1" })),
      step(tf.layers.averagePooling2d({ poolSize: 2, strides: 2, name: "pool1" })),
      step(tf.layers.conv2d({ ...common, filters: 16, kernelSize: 5, name: "conv2" })),
      step(tf.layers.averagePooling2d({ poolSize: 2, strides: 2, name: "pool2" })),
      step(tf.layers.flatten({ name: "flatten" })),
      step(tf.layers.dense({ ...common, units: 120, name: "hidden1" })),
      step(tf.layers.dense({ ...common, units: 84, name: "hidden2" })),
    ),
  );
}
