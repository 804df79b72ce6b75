import * as tf from "@tensorflow/tfjs";
import { classifier, expectImages, expectPositive, refuse, type ClassifierOptions } from "./classifier.ts";
import { add, batchNorm, centredConvolution, chain, globalAverage, relu, step, zeroBorder, type ConvolutionOptions, type Step } from "./layers.ts";

export interface ResNetOptions extends ClassifierOptions {
  /** Layers with weights on the longest path. Default 18. */
  readonly depth?: 18 | 34 | 50;
  /** `"small"`: 3x3 convolution of stride 1, for CIFAR. `"large"`: 7x7 of stride 2 and 3x3 max pooling of stride 2, for ImageNet. Default `"small"`. */
  readonly stem?: "small" | "large";
  /** Filters w of the stem; the stages work with w, 2 w, 4 w and 8 w. Default 64. */
  readonly width?: number;
}

/** Blocks per stage (table 1 of the paper), their kind, and how many times a stage's filters leave each block. */
const depths = {
  18: { blocks: [2, 2, 2, 2], block: basicBlock, expansion: 1 },
  34: { blocks: [3, 4, 6, 3], block: basicBlock, expansion: 1 },
  50: { blocks: [3, 4, 6, 3], block: bottleneck, expansion: 4 },
} as const;

/**
 * ResNet-18, -34 and -50 (He, Zhang, Ren and Sun 2016), equal to torchvision's layer by layer, padding included: a stem, four stages of residual blocks
 * with stride 2 at the start of the last three, a global average, `classifier`. Layers are named after their place: `stem/conv`,
 * `stage2/block1/conv1`, `stage2/block1/norm1`, ..., `stage2/block1/shortcut/conv`. For the narrow networks of the paper's section 4.2 see
 * `smallResNet`.
 *
 * Shortcuts that change shape are 1x1 convolutions with batch norm (option B). Bottlenecks have their stride in the 3x3 convolution, where
 * torchvision and most after it have it (the paper: in the first 1x1). Convolutions have no bias; their kernels start from He's normal distribution
 * by fan-out; gamma of the last batch norm of a block starts from 1; batch norm keeps 0.9 of its moving statistics at each step, epsilon 1e-5.
 *
 * Trainable parameters (and statistics): ResNet-18, small stem, 10 classes 11,173,962 (9,600); large stem, 1,000 classes 11,689,512 (9,600). ResNet-50:
 * 23,520,842 (53,120) and 25,557,032 (53,120).
 *
 * @throws LetheError `model/bad-option`.
 * @see https://arxiv.org/abs/1512.03385
 * @example
 * const network = resNet({ inputShape: [32, 32, 3], classes: 10, width: 8 });
 * network.name; // "resnet18"
 * network.countParams(); // 177602
 */
export function resNet(options: ResNetOptions): tf.LayersModel {
  const { inputShape, depth = 18, stem = "small", width = 64 } = options;
  if (!(depth in depths)) refuse("resnet", "depth", String(depth), Object.keys(depths).join(" or "));
  const name = `resnet${depth}`;
  expectImages(name, inputShape);
  expectPositive(name, "width", width);
  const { blocks, block, expansion } = depths[depth];
  return classifier(name, options, (input) => {
    let features = (stem === "large" ? largeStem : smallStem)(width)(input);
    blocks.forEach((count, stage) => {
      for (let index = 1; index <= count; index++) {
        const strides = stage > 0 && index === 1 ? 2 : 1;
        const prefix = `stage${stage + 1}/block${index}/`;
        const filters = width * 2 ** stage;
        const shortcut = shortcutTo(prefix, filters * expansion, strides);
        const sum = add(`${prefix}add`, block(prefix, filters, strides)(features), shortcut(features));
        features = relu(`${prefix}relu`)(sum);
      }
    });
    return globalAverage("pool")(features);
  });
}

function smallStem(width: number): Step {
  return chain(normed("stem/", "", { filters: width, kernelSize: 3 }), relu("stem/relu"));
}

/** Zeros around what a ReLU gives are as good as the minus infinities that PyTorch's pooling has there. */
function largeStem(width: number): Step {
  return chain(
    normed("stem/", "", { filters: width, kernelSize: 7, strides: 2 }),
    relu("stem/relu"),
    zeroBorder("stem/pool/border", 1),
    step(tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name: "stem/pool" })),
  );
}

/** 3x3 of the given stride, 3x3. */
function basicBlock(prefix: string, filters: number, strides: number): Step {
  return chain(normed(prefix, "1", { filters, kernelSize: 3, strides }), relu(`${prefix}relu1`), normed(prefix, "2", { filters, kernelSize: 3 }));
}

/** 1x1, 3x3 of the given stride, 1x1 with four times as many filters. */
function bottleneck(prefix: string, filters: number, strides: number): Step {
  return chain(
    normed(prefix, "1", { filters, kernelSize: 1 }),
    relu(`${prefix}relu1`),
    normed(prefix, "2", { filters, kernelSize: 3, strides }),
    relu(`${prefix}relu2`),
    normed(prefix, "3", { filters: 4 * filters, kernelSize: 1 }),
  );
}

function shortcutTo(prefix: string, filters: number, strides: number): Step {
  return (input) => {
    if (strides === 1 && input.shape.at(-1) === filters) return input;
    return normed(`${prefix}shortcut/`, "", { filters, kernelSize: 1, strides })(input);
  };
}

function normed(prefix: string, suffix: string, options: ConvolutionOptions): Step {
  return chain(centredConvolution(`${prefix}conv${suffix}`, options), batchNorm(`${prefix}norm${suffix}`));
}
