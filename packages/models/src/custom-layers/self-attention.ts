import * as tf from "@tensorflow/tfjs";
import { listOf, shapesOf, type LayerConfig } from "./layer-config.ts";

/** Added to the score of a padding token: its exponential is exactly 0 in float32, and no infinity can make a NaN of a row that is all padding. */
const farBelow = -1e9;

/**
 * Multi-head scaled dot-product attention (Vaswani et al. 2017, section 3.2) without its projections, `[n, t, 3 d]` to `[n, t, d]`.
 *
 * The last axis holds queries, keys and values one after another, each of them head after head: for head j with e = d / heads,
 * y_j = softmax(Q_j K_j^T / sqrt(e)) V_j, and y is the heads' results side by side. With token ids `[n, t]` as second input, no token attends to
 * those with id 0. The projections before and after it are dense layers, which hold all parameters.
 */
export class SelfAttention extends tf.layers.Layer {
  static readonly className = "LetheSelfAttention";
  readonly heads: number;

  constructor(config: LayerConfig & { readonly heads: number }) {
    super(config);
    this.heads = config.heads;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [samples, tokens, width] = shapesOf(inputShape)[0];
    return [samples, tokens, width === null ? null : width / 3];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [projected, ids] = listOf(inputs) as [tf.Tensor3D, tf.Tensor2D?];
      const [samples, tokens, width] = projected.shape;
      const size = width / 3 / this.heads;
      const [query, key, value] = tf.split(projected, 3, 2).map((part) => tf.reshape(part, [samples, tokens, this.heads, size]));
      const scaled = tf.mul(tf.transpose(query, [0, 2, 1, 3]), 1 / Math.sqrt(size));
      const scores = tf.matMul(scaled, tf.transpose(key, [0, 2, 3, 1]));
      const attention = tf.softmax(ids ? tf.add(scores, paddingScores(ids)) : scores);
      const mixed = tf.matMul(attention, tf.transpose(value, [0, 2, 1, 3]));
      return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [samples, tokens, width / 3]);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), heads: this.heads };
  }
}

/** `[n, 1, 1, t]`: 0 at a token, far below 0 at padding. */
function paddingScores(ids: tf.Tensor2D): tf.Tensor {
  return tf.reshape(tf.mul(tf.cast(tf.equal(ids, 0), "float32"), farBelow), [ids.shape[0], 1, 1, ids.shape[1]]);
}
