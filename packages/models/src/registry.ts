import type * as tf from "@tensorflow/tfjs";
import type { ClassifierOptions } from "./classifier.ts";
import { mlp } from "./mlp.ts";
import { smallCnn } from "./small-cnn.ts";
import { smallResNet } from "./small-res-net.ts";

/** One line of a menu of architectures. */
export interface ModelBuilder {
  readonly id: "mlp" | "small-cnn" | "resnet8" | "resnet20";
  readonly title: string;
  /** @throws LetheError `model/bad-option` when the inputs do not suit the architecture. */
  build(options: ClassifierOptions): tf.LayersModel;
}

/**
 * Every builder with its defaults.
 *
 * @example
 * const { build } = modelBuilders.find((builder) => builder.id === "mlp")!;
 * build({ inputShape: [64], classes: 10 }).countParams(); // 4810
 */
export const modelBuilders: readonly ModelBuilder[] = [
  { id: "mlp", title: "Multilayer perceptron, one hidden layer of 64", build: mlp },
  { id: "small-cnn", title: "Small convolutional network, 2 convolutions and 2 dense layers", build: smallCnn },
  { id: "resnet8", title: "ResNet-8 of width 16, for small colour images", build: (options) => smallResNet({ ...options, width: 16, blocks: 1 }) },
  { id: "resnet20", title: "ResNet-20 of width 16, for small colour images", build: (options) => smallResNet({ ...options, width: 16, blocks: 3 }) },
];
