import * as tf from "@tensorflow/tfjs";
import { classifier, expectDivisor, expectImages, expectPositive, expectRate, type ClassifierOptions } from "./classifier.ts";
import { FirstToken } from "./custom-layers/first-token.ts";
import { registerLayers } from "./custom-layers/register.ts";
import { step } from "./layers.ts";
import { addPositions, encoder, layerNorm, learnedVectors, smallNormal, type EncoderOptions } from "./transformer.ts";

export interface VitOptions extends ClassifierOptions {
  /** Side of the square patches in pixels; divides both sides of the image. Default 4, for images of 32 x 32; with 224 x 224 pixels 16 is usual. */
  readonly patch?: number;
  /** d, the length of each token's vector. Default 192. */
  readonly width?: number;
  /** Encoder blocks. Default 12. */
  readonly depth?: number;
  /** Divides the width. Default 3. */
  readonly heads?: number;
  /** Rate after the positions, the attention and both layers of the perceptrons. Default 0. */
  readonly dropout?: number;
}

/** Width, depth and heads of ViT-Ti and ViT-S (Touvron et al. 2021, table 1) and of ViT-B (Dosovitskiy et al. 2021, table 1). */
export const vitSizes = {
  tiny: { width: 192, depth: 12, heads: 3 },
  small: { width: 384, depth: 12, heads: 6 },
  base: { width: 768, depth: 12, heads: 12 },
} as const;

/**
 * The vision transformer (Dosovitskiy et al. 2021): patches, a class token before them, learned positions, pre-norm encoder blocks whose perceptrons are
 * four times as wide as the tokens and use gelu(x) = x Phi(x), layer norm, and a `classifier` over the class token. All dense layers have biases, those of
 * queries, keys and values too. Layers are named after their place, e.g. `block1/attention/qkv`.
 *
 * Kernels, class token and positions start from a normal distribution with standard deviation 0.02 as in the code of DeiT, but cut off at two of
 * them by tfjs; biases start from 0. The paper starts `classifier` from 0, which would leave all else without a gradient at first. Layer norms have
 * epsilon 1e-6. Dropout is off unless asked for; there is no stochastic depth. The class token and the positions are embeddings, `class` `[1, d]` and
 * `positions` `[tokens + 1, d]`, so that every parameter lives in a standard layer.
 *
 * Parameters for 224 x 224 x 3, patches of 16 and 1,000 classes: tiny 5,717,416, small 22,050,664, base 86,567,656.
 *
 * @throws LetheError `model/bad-option`.
 * @see https://arxiv.org/abs/2010.11929
 * @example
 * const network = vit({ inputShape: [32, 32, 3], classes: 10, width: 24, depth: 2 });
 * network.countParams(); // 17506
 */
export function vit(options: VitOptions): tf.LayersModel {
  const { inputShape, patch = 4, depth = vitSizes.tiny.depth } = options;
  const { width = vitSizes.tiny.width, heads = vitSizes.tiny.heads, dropout = 0 } = options;
  expectImages("vit", inputShape);
  expectDivisor("vit", "patch", patch, inputShape.slice(0, 2));
  expectPositive("vit", "width", width);
  expectPositive("vit", "depth", depth);
  expectDivisor("vit", "heads", heads, [width]);
  expectRate("vit", "dropout", dropout);
  registerLayers();
  const encoding: EncoderOptions = { width, heads, hidden: 4 * width, dropout };
  const initializer = smallNormal();
  const body = (input: tf.SymbolicTensor): tf.SymbolicTensor => {
    const cut = tf.layers.conv2d({ filters: width, kernelSize: patch, strides: patch, kernelInitializer: smallNormal(), name: "patches" });
    const count = (inputShape[0] / patch) * (inputShape[1] / patch);
    const patches = tf.layers.reshape({ targetShape: [count, width], name: "patches/flat" }).apply(cut.apply(input)) as tf.SymbolicTensor;
    const token = learnedVectors("class", 1, width)(patches);
    const tokens = tf.layers.concatenate({ axis: 1, name: "tokens" }).apply([token, patches]) as tf.SymbolicTensor;
    const encoded = encoder(depth, encoding)(addPositions(encoding)(tokens));
    return step(new FirstToken({ name: "class/state" }))(layerNorm("norm")(encoded));
  };
  return classifier("vit", options, body, { initializer });
}
