import * as tf from "@tensorflow/tfjs";
import { listOf, shapesOf, type LayerConfig } from "./layer-config.ts";

/**
 * The integers 0 ... length - 1 for every sample, `[n, ...]` to `[n, length] int32`.
 *
 * An embedding behind it is a table that is the same for all samples: one row is a class token, as many rows as tokens are learned positions. So
 * their parameters live in a standard layer that per-sample gradients and curvature know, and no layer of ours has weights.
 */
export class BatchIndices extends tf.layers.Layer {
  static readonly className = "LetheBatchIndices";
  readonly length: number;

  constructor(config: LayerConfig & { readonly length: number }) {
    super(config);
    this.length = config.length;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return [shapesOf(inputShape)[0][0], this.length];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [samples] = listOf(inputs)[0].shape;
    return tf.tidy(() => tf.tile(tf.reshape(tf.range(0, this.length, 1, "int32"), [1, this.length]), [samples, 1]));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), length: this.length };
  }
}
