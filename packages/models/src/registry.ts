import type * as tf from "@tensorflow/tfjs";
import { allCnn } from "./all-cnn.ts";
import type { ClassifierOptions } from "./classifier.ts";
import { lenet5 } from "./lenet5.ts";
import { mlp } from "./mlp.ts";
import { resNet } from "./res-net.ts";
import { smallCnn } from "./small-cnn.ts";
import { smallResNet } from "./small-res-net.ts";
import { textMean } from "./text-mean.ts";
import { textTransformer } from "./text-transformer.ts";
import { vgg, vgg16Stages } from "./vgg.ts";
import { vit, vitSizes } from "./vit.ts";
import { wideResNet } from "./wide-res-net.ts";

export type ModelId =
  | ("mlp" | "purchase-mlp" | "lenet5" | "small-cnn" | "allcnn" | "allcnn-24" | "small-vgg" | "vgg16")
  | ("resnet8" | "resnet20" | "resnet18" | "resnet50" | "resnet18-imagenet" | "resnet50-imagenet" | "wrn-16-4" | "wrn-28-10")
  | ("vit-tiny" | "vit-tiny-16" | "vit-small-16" | "vit-base-16" | "text-mean" | "text-transformer");

/** What a builder of the menu is told. */
export interface BuilderOptions extends ClassifierOptions {
  /** Number of token ids, for those that take tokens; the others pay no heed to it. Default 10,000. */
  readonly vocabulary?: number;
}

/** One line of a menu of architectures. */
export interface ModelBuilder {
  readonly id: ModelId;
  readonly title: string;
  /** What one input is: numbers of any shape; `[height, width, channels]`; `[tokens]` of ids, where 0 is padding. */
  readonly takes: "numbers" | "images" | "tokens";
  /** @throws LetheError `model/bad-option` when the inputs do not suit the architecture. */
  build(options: BuilderOptions): tf.LayersModel;
}

/**
 * Every builder with its defaults, and the sizes that papers name.
 *
 * @example
 * const { build } = modelBuilders.find((builder) => builder.id === "mlp")!;
 * build({ inputShape: [64], classes: 10 }).countParams(); // 4810
 */
export const modelBuilders: readonly ModelBuilder[] = [
  { id: "mlp", title: "Multilayer perceptron, one hidden layer of 64", takes: "numbers", build: mlp },
  {
    id: "purchase-mlp",
    title: "Purchase-100 perceptron, one hidden layer of 128 with tanh",
    takes: "numbers",
    build: (options) => mlp({ ...options, hidden: [128], activation: "tanh" }),
  },
  { id: "lenet5", title: "LeNet-5 with tanh and average pooling", takes: "images", build: lenet5 },
  { id: "small-cnn", title: "Small convolutional network, 2 convolutions and 2 dense layers", takes: "images", build: smallCnn },
  { id: "allcnn", title: "All-CNN with batch norm, for small colour images", takes: "images", build: allCnn },
  {
    id: "allcnn-24",
    title: "All-CNN with batch norm and a quarter of the filters",
    takes: "images",
    build: (options) => allCnn({ ...options, width: 24 }),
  },
  { id: "small-vgg", title: "VGG of 6 convolutions, 32 to 128 filters", takes: "images", build: vgg },
  {
    id: "vgg16",
    title: "VGG-16 with batch norm, for small colour images",
    takes: "images",
    build: (options) => vgg({ ...options, stages: vgg16Stages }),
  },
  {
    id: "resnet8",
    title: "ResNet-8 of width 16, for small colour images",
    takes: "images",
    build: (options) => smallResNet({ ...options, width: 16, blocks: 1 }),
  },
  {
    id: "resnet20",
    title: "ResNet-20 of width 16, for small colour images",
    takes: "images",
    build: (options) => smallResNet({ ...options, width: 16, blocks: 3 }),
  },
  { id: "resnet18", title: "ResNet-18 for small colour images", takes: "images", build: resNet },
  { id: "resnet50", title: "ResNet-50 for small colour images", takes: "images", build: (options) => resNet({ ...options, depth: 50 }) },
  {
    id: "resnet18-imagenet",
    title: "ResNet-18 for large colour images",
    takes: "images",
    build: (options) => resNet({ ...options, stem: "large" }),
  },
  {
    id: "resnet50-imagenet",
    title: "ResNet-50 for large colour images",
    takes: "images",
    build: (options) => resNet({ ...options, depth: 50, stem: "large" }),
  },
  {
    id: "wrn-16-4",
    title: "Wide ResNet WRN-16-4, for small colour images",
    takes: "images",
    build: (options) => wideResNet({ ...options, depth: 16, widening: 4 }),
  },
  { id: "wrn-28-10", title: "Wide ResNet WRN-28-10, for small colour images", takes: "images", build: wideResNet },
  { id: "vit-tiny", title: "Vision transformer ViT-Ti, patches of 4, for small colour images", takes: "images", build: vit },
  {
    id: "vit-tiny-16",
    title: "Vision transformer ViT-Ti/16",
    takes: "images",
    build: (options) => vit({ ...options, ...vitSizes.tiny, patch: 16 }),
  },
  {
    id: "vit-small-16",
    title: "Vision transformer ViT-S/16",
    takes: "images",
    build: (options) => vit({ ...options, ...vitSizes.small, patch: 16 }),
  },
  {
    id: "vit-base-16",
    title: "Vision transformer ViT-B/16",
    takes: "images",
    build: (options) => vit({ ...options, ...vitSizes.base, patch: 16 }),
  },
  { id: "text-mean", title: "Mean of word vectors and a linear classifier, 10,000 token ids", takes: "tokens", build: textMean },
  { id: "text-transformer", title: "Transformer encoder of 2 blocks for texts, 10,000 token ids", takes: "tokens", build: textTransformer },
];
