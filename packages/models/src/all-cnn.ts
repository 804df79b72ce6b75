import * as tf from "@tensorflow/tfjs";
import { classifier, expectImages, expectPositive, expectRate, type ClassifierOptions } from "./classifier.ts";
import { batchNorm, centredConvolution, chain, dropout, globalAverage, kernelInitializer, relu, step, type Step } from "./layers.ts";

export interface AllCnnOptions extends ClassifierOptions {
  /** Default `"batch-norm"`. */
  readonly variant?: "batch-norm" | "paper";
  /** Filters w of the first convolutions; later ones have 2 w. Default 96. */
  readonly width?: number;
  /** Rate after each convolution of stride 2. Default 0; the paper trains with 0.5 there, and 0.2 on the image. */
  readonly dropout?: number;
}

interface Convolution {
  /** In units of w. */
  readonly filters: 1 | 2;
  readonly kernelSize: number;
  readonly strides?: number;
}

/**
 * All-CNN-C (Springenberg, Dosovitskiy, Brox and Riedmiller 2015): a network of 3x3 convolutions and ReLU whose pooling layers are convolutions of
 * stride 2, then a global average, then `classifier`. Layers are named `conv1`, `norm1`, `relu1`, ... Two variants:
 *
 * - `"batch-norm"`, that of the unlearning literature (the code of Golatkar, Achille and Soatto 2020, and what follows it): filters w, w, 2 w at
 *   stride 2, 2 w, 2 w, 2 w at stride 2, 2 w, and 2 w of 1x1; each convolution without bias and followed by batch norm (keeps 0.9 of its moving
 *   statistics, epsilon 1e-5); zeros around the image everywhere; 1,620,010 trainable parameters and 2,688 statistics with 32 x 32 x 3, 10 classes.
 * - `"paper"`, table 2 of the paper: filters w, w, w at stride 2, 2 w, 2 w, 2 w at stride 2, 2 w unpadded, 2 w of 1x1, biases, no batch norm;
 *   1,369,738 parameters. Its last 1x1 convolution, with one filter per class, is here the dense layer after the average: both are linear, so
 *   their order makes no difference.
 *
 * Kernels start from He's normal distribution: by fan-out with batch norm, by fan-in in `"paper"`, which nothing else keeps in scale.
 *
 * @throws LetheError `model/bad-option`.
 * @see https://arxiv.org/abs/1412.6806
 * @example
 * allCnn({ inputShape: [32, 32, 3], classes: 10, variant: "paper" }).countParams(); // 1369738
 */
export function allCnn(options: AllCnnOptions): tf.LayersModel {
  const { inputShape, variant = "batch-norm", width = 96, dropout: rate = 0 } = options;
  // The unpadded convolution needs 3 pixels after two halvings.
  expectImages("allcnn", inputShape, variant === "paper" ? 9 : 1);
  expectPositive("allcnn", "width", width);
  expectRate("allcnn", "dropout", rate);
  const build = variant === "paper" ? withBias : withNorm;
  const third = { filters: variant === "paper" ? 1 : 2, kernelSize: 3, strides: 2 } as const;
  const wide = { filters: 2, kernelSize: 3 } as const;
  const narrow = { filters: 1, kernelSize: 3 } as const;
  const convolutions: readonly Convolution[] = [narrow, narrow, third, wide, wide, { ...wide, strides: 2 }, wide, { filters: 2, kernelSize: 1 }];
  const steps = convolutions.map((convolution, index) => {
    const place = String(index + 1);
    return chain(build(place, convolution, width), dropout(`dropout${place}`, convolution.strides === 2 ? rate : 0));
  });
  return classifier("allcnn", options, chain(...steps, globalAverage("pool")));
}

function withNorm(place: string, { filters, kernelSize, strides = 1 }: Convolution, width: number): Step {
  const convolution = centredConvolution(`conv${place}`, { filters: filters * width, kernelSize, strides });
  return chain(convolution, batchNorm(`norm${place}`), relu(`relu${place}`));
}

function withBias(place: string, { filters, kernelSize, strides = 1 }: Convolution, width: number): Step {
  const padding = place === "7" ? "valid" : "same";
  const convolution = tf.layers.conv2d({ filters: filters * width, kernelSize, strides, padding, kernelInitializer, name: `conv${place}` });
  return chain(step(convolution), relu(`relu${place}`));
}
