import type * as tf from "@tensorflow/tfjs";
import { classifier, expectPositive, expectTokens, type ClassifierOptions } from "./classifier.ts";
import { MaskedMean } from "./custom-layers/masked-mean.ts";
import { registerLayers } from "./custom-layers/register.ts";
import { embedding } from "./transformer.ts";

export interface TextMeanOptions extends ClassifierOptions {
  /** Token ids are 0, padding, to `vocabulary` - 1. Default 10,000. */
  readonly vocabulary?: number;
  /** d, the length of each token's vector. Default 64. */
  readonly width?: number;
}

/**
 * The mean of a text's word vectors and a linear classifier over it, as in fastText (Joulin et al. 2017) without its n-grams: `embedding`, mean over the
 * tokens that are not padding (id 0), `classifier`. Inputs are token ids `[n, tokens] int32`, padded with 0 to the same length.
 *
 * Parameters: vocabulary d + (d + 1) classes. Vectors start from a normal distribution with standard deviation 0.02, cut off at two of them, the
 * classifier's kernel from He's. Keep ids within the vocabulary: what lies outside is read from somewhere else in memory by some backends.
 *
 * @throws LetheError `model/bad-option`.
 * @see https://arxiv.org/abs/1607.01759
 * @example
 * textMean({ inputShape: [40], classes: 4, vocabulary: 1000, width: 16 }).countParams(); // 16068
 */
export function textMean(options: TextMeanOptions): tf.LayersModel {
  const { inputShape, vocabulary = 10_000, width = 64 } = options;
  expectTokens("text-mean", inputShape);
  expectPositive("text-mean", "vocabulary", vocabulary, 2);
  expectPositive("text-mean", "width", width);
  registerLayers();
  const body = (ids: tf.SymbolicTensor): tf.SymbolicTensor =>
    new MaskedMean({ name: "mean" }).apply([embedding("embedding", vocabulary, width)(ids), ids]) as tf.SymbolicTensor;
  return classifier("text-mean", options, body, { dtype: "int32" });
}
