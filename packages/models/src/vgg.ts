import * as tf from "@tensorflow/tfjs";
import { classifier, expectImages, expectPositive, refuse, type ClassifierOptions } from "./classifier.ts";
import { batchNorm, centredConvolution, chain, globalAverage, relu, step } from "./layers.ts";

export interface VggOptions extends ClassifierOptions {
  /** Filters of the convolutions of each stage. Default {@link smallVggStages}. */
  readonly stages?: readonly (readonly number[])[];
}

/** Six convolutions, 32 to 128 filters. */
export const smallVggStages: readonly (readonly number[])[] = [
  [32, 32],
  [64, 64],
  [128, 128],
];

/** The thirteen convolutions of VGG-16, configuration D of table 1. */
export const vgg16Stages: readonly (readonly number[])[] = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

/**
 * Networks in the manner of VGG (Simonyan and Zisserman 2015) with batch norm, for small images: stages of 3x3 convolutions, each with batch norm
 * and ReLU, and 2x2 max pooling after each stage; then a global average and `classifier`. Layers are named after their place: `stage2/conv1`,
 * `stage2/norm1`, `stage2/relu1`, ..., `stage2/pool`.
 *
 * Differs from the paper, as usual for CIFAR: batch norm, and no dense layers of 4,096 units. With {@link vgg16Stages}, 32 x 32 x 3 and 10 classes it
 * is the widespread VGG-16-BN for CIFAR: 14,728,266 trainable parameters and 8,448 statistics. Its convolutions keep their biases, as in
 * torchvision, though batch norm undoes them in training. Kernels start from He's normal distribution by fan-out, biases from 0; batch norm
 * keeps 0.9 of its moving statistics at each step, epsilon 1e-5.
 *
 * @throws LetheError `model/bad-option`.
 * @see https://arxiv.org/abs/1409.1556
 * @example
 * vgg({ inputShape: [32, 32, 3], classes: 10, stages: [[8], [16, 16]] }).countParams(); // 4042
 */
export function vgg(options: VggOptions): tf.LayersModel {
  const { inputShape, stages = smallVggStages } = options;
  if (stages.length === 0) refuse("vgg", "stages", "[]", "at least one stage");
  for (const filters of stages) for (const count of filters) expectPositive("vgg", "stages", count);
  expectImages("vgg", inputShape, 2 ** stages.length);
  const steps = stages.map((filters, index) => {
    const stage = `stage${index + 1}/`;
    const convolutions = filters.map((count, at) =>
      chain(
        centredConvolution(`${stage}conv${at + 1}`, { filters: count, kernelSize: 3, bias: "zeros" }),
        batchNorm(`${stage}norm${at + 1}`),
        relu(`${stage}relu${at + 1}`),
      ),
    );
    return chain(...convolutions, step(tf.layers.maxPooling2d({ poolSize: 2, strides: 2, name: `${stage}pool` })));
  });
  return classifier("vgg", options, chain(...steps, globalAverage("pool")));
}
