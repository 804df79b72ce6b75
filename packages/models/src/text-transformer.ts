import type * as tf from "@tensorflow/tfjs";
import { classifier, expectDivisor, expectPositive, expectRate, expectTokens, type ClassifierOptions } from "./classifier.ts";
import { MaskedMean } from "./custom-layers/masked-mean.ts";
import { registerLayers } from "./custom-layers/register.ts";
import { addPositions, embedding, encoder, layerNorm, smallNormal, type EncoderOptions } from "./transformer.ts";

export interface TextTransformerOptions extends ClassifierOptions {
  /** Token ids are 0, padding, to `vocabulary` - 1. Default 10,000. */
  readonly vocabulary?: number;
  /** d, the length of each token's vector. Default 64. */
  readonly width?: number;
  /** Encoder blocks. Default 2. */
  readonly depth?: number;
  /** Divides the width. Default 4. */
  readonly heads?: number;
  /** Rate after the positions, the attention and both layers of the perceptrons. Default 0. */
  readonly dropout?: number;
}

/**
 * A small transformer encoder (Vaswani et al. 2017, pre-norm as in GPT-2) that classifies texts: `embedding`, learned `positions`, blocks as those of
 * {@link vit}, layer norm, the mean over the tokens that are not padding, `classifier`. Inputs are token ids `[n, tokens] int32`, padded with 0 to
 * the same length; padding is neither attended to nor averaged.
 *
 * Parameters with d the width and t the tokens: (vocabulary + t) d + depth (12 d^2 + 13 d) + 2 d + (d + 1) classes. Kernels, embeddings and
 * positions start from a normal distribution with standard deviation 0.02, cut off at two of them by tfjs, biases from 0; layer norms have epsilon
 * 1e-6. Keep ids within the vocabulary: what lies outside is read from somewhere else in memory by some backends.
 *
 * @throws LetheError `model/bad-option`.
 * @see https://arxiv.org/abs/1706.03762
 * @example
 * textTransformer({ inputShape: [40], classes: 4, vocabulary: 1000, width: 16 }).countParams(); // 23300
 */
export function textTransformer(options: TextTransformerOptions): tf.LayersModel {
  const { inputShape, vocabulary = 10_000, width = 64, depth = 2, heads = 4, dropout = 0 } = options;
  expectTokens("text-transformer", inputShape);
  expectPositive("text-transformer", "vocabulary", vocabulary, 2);
  expectPositive("text-transformer", "width", width);
  expectPositive("text-transformer", "depth", depth);
  expectDivisor("text-transformer", "heads", heads, [width]);
  expectRate("text-transformer", "dropout", dropout);
  registerLayers();
  const encoding: EncoderOptions = { width, heads, hidden: 4 * width, dropout };
  const body = (ids: tf.SymbolicTensor): tf.SymbolicTensor => {
    const placed = addPositions(encoding)(embedding("embedding", vocabulary, width)(ids));
    const encoded = layerNorm("norm")(encoder(depth, encoding, ids)(placed));
    return new MaskedMean({ name: "mean" }).apply([encoded, ids]) as tf.SymbolicTensor;
  };
  return classifier("text-transformer", options, body, { dtype: "int32", initializer: smallNormal() });
}
