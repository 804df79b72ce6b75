import * as tf from "@tensorflow/tfjs";

/**
 * He et al. (2015): normal with variance 2 / fan-in, which tfjs cuts off at two standard deviations. No seed is given, so that tfjs draws
 * one from `Math.random` for every kernel: `withSeededMathRandom` of `@lethe/core` then decides all of them.
 */
export const kernelInitializer = "heNormal";

/** `keep` of the old moving statistics stays at every step (PyTorch calls 1 - keep, 0.1, the momentum). */
const batchNormalization = { momentum: 0.9, epsilon: 1e-5 };

export type Step = (input: tf.SymbolicTensor) => tf.SymbolicTensor;

export interface ConvolutionOptions {
  readonly filters: number;
  /** Side of the square kernel in pixels. */
  readonly kernelSize: number;
  readonly strides?: number;
}

/** Convolution `<prefix>conv<suffix>` with padding `same` and no bias (the batch norm behind it has one), then batch norm `<prefix>norm<suffix>`. */
export function convolutionAndNorm(prefix: string, suffix: string, options: ConvolutionOptions): Step {
  const { filters, kernelSize, strides = 1 } = options;
  const convolution = tf.layers.conv2d({
    filters,
    kernelSize,
    strides,
    padding: "same",
    useBias: false,
    kernelInitializer,
    name: `${prefix}conv${suffix}`,
  });
  const norm = tf.layers.batchNormalization({ ...batchNormalization, name: `${prefix}norm${suffix}` });
  return (input) => norm.apply(convolution.apply(input)) as tf.SymbolicTensor;
}

export function relu(name: string): Step {
  const layer = tf.layers.activation({ activation: "relu", name });
  return (input) => layer.apply(input) as tf.SymbolicTensor;
}
