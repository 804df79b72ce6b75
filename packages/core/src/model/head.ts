import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import { layerInternals, single, type LayerCall } from "./internals.ts";
import type { LayerInfo } from "./layers.ts";
import { Model, type Weights } from "./model.ts";
import { substituting } from "./substitute.ts";

/** The last linear map of a classifier, as a model of its own: z = W^T h + b of the features h `[n, width]` that reach it. */
export interface Head {
  readonly layer: LayerInfo;
  /** Softmax regression on features, with the layer's weights; the caller's to dispose. */
  readonly model: Model;
  /** Name of a parameter of `model` -> its name in the whole model. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Takes the last layer off a classifier. With all other parameters fixed, the loss as a function of the head's is that of a softmax regression, which is
 * convex, and costs a hundredth of a pass through the network.
 *
 * @param sample one real input `[1, ...]`, to see what the layer's output becomes.
 * @throws LetheError `model/no-head` unless the last layer with parameters is a dense one that gives the logits, and is used once.
 *
 * @example
 * const { layer, model: head } = headOf(model, tf.zeros([1, 2]));
 * layer.kind; // "dense"
 * head.dispose();
 */
export function headOf(model: Model, sample: tf.Tensor): Head {
  const layer = model.layers.findLast(({ parameters }) => Object.keys(parameters).length > 0);
  const kernel = layer?.parameters["kernel"];
  if (
    layer?.kind !== "dense" ||
    kernel === undefined ||
    layerInternals(layer.layer).inboundNodes.length !== 1 ||
    !givesLogits(model, layer, sample)
  ) {
    throw new LetheError(
      "model/no-head",
      "The model's last layer with weights is no dense layer that gives the logits; choose parameters by name, or all of them.",
      { layer: layer?.name, className: layer?.className },
    );
  }
  const [width, units] = model.parameters[kernel].shape;
  const useBias = "bias" in layer.parameters;
  const head = new Model(tf.sequential({ layers: [tf.layers.dense({ name: layer.name, units, useBias, inputShape: [width] })] }));
  const names = new Map(Object.entries(head.layers[0].parameters).map(([role, name]) => [name, layer.parameters[role]]));
  for (const [own, whole] of names) (head.parameters[own] as tf.Variable).assign(model.parameters[whole]);
  return { layer, model: head, names };
}

/** h `[n, width]` of a batch; the caller's. */
export function headInputs(model: Model, { layer }: Pick<Head, "layer">, inputs: tf.Tensor, weights: Weights = model.weights): tf.Tensor2D {
  return tf.tidy(() =>
    substituting((substitution) => {
      let features: tf.Tensor | undefined;
      substitution.call(layer.layer, (original): LayerCall => (given, kwargs) => {
        features = tf.keep(tf.clone(single(given)));
        return original(given, kwargs);
      });
      model.forwardWithin(substitution, weights, inputs, "inference");
      const kept = features as unknown as tf.Tensor2D;
      const own = tf.clone(kept);
      kept.dispose();
      return own;
    }),
  );
}

/** Whether the layer's linear output, and nothing made of it, is what the model calls logits. */
function givesLogits(model: Model, { layer, parameters }: LayerInfo, sample: tf.Tensor): boolean {
  return tf.tidy(() =>
    substituting((substitution) => {
      let linear: tf.Tensor | undefined;
      substitution.call(layer, (original): LayerCall => (given, kwargs) => {
        const output = original(given, kwargs);
        linear = tf.keep(tf.clone(single(output)));
        return output;
      });
      const { logits } = model.forwardWithin(substitution, model.weights, sample, "inference");
      const found = linear as tf.Tensor | undefined;
      if (found === undefined) return false;
      const last = model.ending === "binary" ? tf.slice(logits, [0, 1], [-1, 1]) : logits;
      const same = found.shape.length === 2 && found.shape[1] === last.shape[1] && tf.all(tf.equal(found, last)).dataSync()[0] === 1;
      found.dispose();
      return same && model.parameters[parameters["kernel"]].shape.length === 2;
    }),
  );
}
