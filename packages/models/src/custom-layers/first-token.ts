import * as tf from "@tensorflow/tfjs";
import { listOf, shapesOf } from "./layer-config.ts";

/** The first of each sample's vectors, `[n, t, d]` to `[n, d]`: where the class token stands. */
export class FirstToken extends tf.layers.Layer {
  static readonly className = "LetheFirstToken";

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [samples, , width] = shapesOf(inputShape)[0];
    return [samples, width];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [tokens] = listOf(inputs) as [tf.Tensor3D];
      const [samples, , width] = tokens.shape;
      return tf.reshape(tf.slice(tokens, [0, 0, 0], [samples, 1, width]), [samples, width]);
    });
  }
}
