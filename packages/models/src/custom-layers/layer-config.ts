import type * as tf from "@tensorflow/tfjs";

/** What every layer's constructor takes. */
export type LayerConfig = ConstructorParameters<typeof tf.layers.Layer>[0];

/** tfjs calls a layer with one tensor, or with an array of them. */
export function listOf(inputs: tf.Tensor | tf.Tensor[]): readonly tf.Tensor[] {
  return Array.isArray(inputs) ? inputs : [inputs];
}

/** The same for shapes; a shape is an array itself. */
export function shapesOf(shapes: tf.Shape | tf.Shape[]): readonly tf.Shape[] {
  return Array.isArray(shapes[0]) ? (shapes as tf.Shape[]) : [shapes as tf.Shape];
}
