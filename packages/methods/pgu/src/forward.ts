import type * as tf from "@tensorflow/tfjs";
import { layerInternals, type Model, type Random, type Weights } from "@lethe/core";

/**
 * Logits with dropout at work and batch norm on its stored statistics, which tfjs's one flag for both cannot say: every batch norm is told for the
 * length of the call that it is not training.
 */
export function logitsWithDropout(model: Model, weights: Weights, inputs: tf.Tensor, random: Random): tf.Tensor2D {
  const norms = model.layers.filter(({ className }) => className === "BatchNormalization").map(({ layer }) => layerInternals(layer));
  const originals = norms.map((norm) => ({ norm, own: Object.hasOwn(norm, "call"), call: norm.call }));
  for (const { norm, call } of originals) norm.call = (batch, kwargs) => call.call(norm, batch, { ...kwargs, training: false });
  try {
    return model.forward(weights, inputs, "training", random).logits;
  } finally {
    for (const { norm, own, call } of originals) {
      if (own) norm.call = call;
      else delete (norm as Partial<typeof norm>).call;
    }
  }
}
