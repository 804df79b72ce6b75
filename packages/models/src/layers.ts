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
  const norm = batchNorm(`${prefix}norm${suffix}`);
  return (input) => norm(convolution.apply(input) as tf.SymbolicTensor);
}

export interface CentredConvolutionOptions extends ConvolutionOptions {
  /** Default `"none"`: a batch norm follows. */
  readonly bias?: "zeros" | "none";
}

/**
 * Convolution `name` of an odd kernel with (kernelSize - 1) / 2 zeros on every side, as PyTorch pads: at stride 2 on even sides tfjs's own
 * `same` pads below and on the right only, so that weights trained elsewhere would see images moved by a pixel.
 *
 * Kernels start from the normal distribution with variance 2 / fan-out, fan-out = kernelSize^2 filters (He et al. 2015, equation 14), not cut off:
 * `kaiming_normal_(mode="fan_out")`, which torchvision's VGG and ResNet and the authors' wide ResNet start from. Biases start from 0.
 */
export function centredConvolution(name: string, options: CentredConvolutionOptions): Step {
  const { filters, kernelSize, strides = 1, bias = "none" } = options;
  const centredBySame = strides === 1 || kernelSize === 1;
  const convolution = tf.layers.conv2d({
    filters,
    kernelSize,
    strides,
    padding: centredBySame ? "same" : "valid",
    useBias: bias === "zeros",
    kernelInitializer: tf.initializers.randomNormal({ stddev: Math.sqrt(2 / (kernelSize ** 2 * filters)) }),
    name,
  });
  const around = zeroBorder(`${name}/border`, (kernelSize - 1) / 2);
  return (input) => convolution.apply(centredBySame ? input : around(input)) as tf.SymbolicTensor;
}

/** `pixels` zeros on every side of an image. */
export function zeroBorder(name: string, pixels: number): Step {
  return step(tf.layers.zeroPadding2d({ padding: pixels, name }));
}

export function batchNorm(name: string): Step {
  return step(tf.layers.batchNormalization({ ...batchNormalization, name }));
}

export function relu(name: string): Step {
  return step(tf.layers.activation({ activation: "relu", name }));
}

/** Nothing at all at rate 0. */
export function dropout(name: string, rate: number): Step {
  return rate === 0 ? (input) => input : step(tf.layers.dropout({ rate, name }));
}

export function add(name: string, ...terms: readonly tf.SymbolicTensor[]): tf.SymbolicTensor {
  return tf.layers.add({ name }).apply([...terms]) as tf.SymbolicTensor;
}

/** Mean over all pixels, `[n, h, w, c]` to `[n, c]`. */
export function globalAverage(name: string): Step {
  return step(tf.layers.globalAveragePooling2d({ name }));
}

export function step(layer: tf.layers.Layer): Step {
  return (input) => layer.apply(input) as tf.SymbolicTensor;
}

/** The steps one after another. */
export function chain(...steps: readonly Step[]): Step {
  return (input) => steps.reduce((features, each) => each(features), input);
}
