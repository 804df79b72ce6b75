import * as tf from "@tensorflow/tfjs";
import { listOf, shapesOf } from "./layer-config.ts";

/**
 * Mean of the vectors `[n, t, d]` whose token ids `[n, t]`, the second input, are not 0: sum_t m_t x_t / max(1, sum_t m_t), `[n, d]`. A text that
 * is all padding has mean 0.
 */
export class MaskedMean extends tf.layers.Layer {
  static readonly className = "LetheMaskedMean";

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [samples, , width] = shapesOf(inputShape)[0];
    return [samples, width];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [vectors, ids] = listOf(inputs);
      const mask = tf.expandDims(tf.cast(tf.notEqual(ids, 0), "float32"), 2);
      return tf.div(tf.sum(tf.mul(vectors, mask), 1), tf.maximum(tf.sum(mask, 1), 1));
    });
  }
}
