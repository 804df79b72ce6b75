import * as tf from "@tensorflow/tfjs";
import { layerInternals, single, type LayerCall } from "./internals.ts";
import { layerWeight } from "./taps.ts";
import type { LayerInfo } from "./layers.ts";
import type { Model, Weights } from "./model.ts";
import { substituting, type Substitution } from "./substitute.ts";

/** What reached a linear map inside a layer in one call of it. */
export interface LayerInput {
  readonly layer: LayerInfo;
  /** A separable convolution has two linear maps and so two inputs. */
  readonly part: "whole" | "depthwise" | "pointwise";
  /** Without the zeros of `border`. */
  readonly input: tf.Tensor;
  /** Zeros that a layer of its own puts around the image right before this one. */
  readonly border: Border;
}

/** Rows and columns of zeros around images. */
export interface Border {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

const noBorder: Border = { top: 0, bottom: 0, left: 0, right: 0 };

/**
 * The inputs of these layers in one forward pass, inference mode, in the order of their calls; a layer that is called twice is there twice, one that
 * is not called is not. The tensors are the caller's: dispose them.
 */
export function layerInputs(model: Model, layers: readonly LayerInfo[], weights: Weights, inputs: tf.Tensor): LayerInput[] {
  const found: LayerInput[] = [];
  const bordered = new Map<tf.Tensor, Pick<LayerInput, "input" | "border">>();
  const record = (layer: LayerInfo, part: LayerInput["part"], given: tf.Tensor): void => {
    // A dense layer takes the zeros as vectors like the others.
    const { input, border } = (layer.kind === "dense" ? undefined : bordered.get(given)) ?? { input: given, border: noBorder };
    found.push({ layer, part, input: tf.keep(tf.clone(input)), border });
  };
  try {
    tf.tidy(() =>
      substituting((substitution) => {
        for (const { layer, className } of model.layers) if (className === "ZeroPadding2D") noteBorder(substitution, layer, bordered);
        for (const info of layers) {
          substitution.call(info.layer, (original): LayerCall => (given, kwargs) => {
            const input = single(given);
            record(info, info.kind === "separable-conv2d" ? "depthwise" : "whole", input);
            if (info.kind === "separable-conv2d") record(info, "pointwise", depthwiseOutput(info, weights, input));
            return original(given, kwargs);
          });
        }
        model.forwardWithin(substitution, weights, inputs, "inference");
      }),
    );
  } catch (error) {
    found.forEach(({ input }) => input.dispose());
    throw error;
  } finally {
    bordered.forEach(({ input }) => input.dispose());
  }
  return found;
}

/** Remembers which images, with which zeros around them, the layer's outputs are. */
function noteBorder(substitution: Substitution, layer: tf.layers.Layer, bordered: Map<tf.Tensor, Pick<LayerInput, "input" | "border">>): void {
  const { padding, dataFormat } = layer as unknown as { padding: readonly (readonly [number, number])[]; dataFormat: string };
  if (dataFormat !== "channelsLast") return;
  const [[top, bottom], [left, right]] = padding;
  substitution.call(layer, (original): LayerCall => (given, kwargs) => {
    const output = single(original(given, kwargs));
    bordered.set(output, { input: tf.keep(tf.clone(single(given))), border: { top, bottom, left, right } });
    return output;
  });
}

function depthwiseOutput(info: LayerInfo, weights: Weights, input: tf.Tensor): tf.Tensor {
  const { strides, padding, dilationRate } = layerInternals(info.layer);
  const kernel = layerWeight(info, weights, "depthwise_kernel") as tf.Tensor4D;
  const [down, right] = strides;
  return tf.depthwiseConv2d(input as tf.Tensor4D, kernel, [down, right], padding, "NHWC", [...dilationRate] as [number, number]);
}
