import * as tf from "@tensorflow/tfjs";
import { differentiate } from "../autodiff/gradient.ts";
import { layerInternals, single, type LayerCall } from "./internals.ts";
import type { LayerInfo } from "./layers.ts";
import type { Model, Weights } from "./model.ts";
import { substituting, type Substitution } from "./substitute.ts";

/** Which layers can be tapped, and which parameters are out of their reach. */
export interface TapPlan {
  readonly layers: readonly LayerInfo[];
  /** Parameters of layers of unknown kind, or of layers that one forward pass calls more than once. */
  readonly uncovered: readonly string[];
}

/** What reached a linear map inside a layer, and the gradient of the summed loss at its result, before bias gradient or activation. */
export interface LayerRecord {
  readonly layer: LayerInfo;
  /** A separable convolution has two linear maps and so two records. */
  readonly part: "whole" | "depthwise" | "pointwise";
  readonly input: tf.Tensor;
  readonly outputGradient: tf.Tensor;
}

export interface TapResult {
  readonly records: readonly LayerRecord[];
  /** Summed loss. */
  readonly value: tf.Scalar;
}

/**
 * Finds out by one forward pass which layers are called exactly once.
 *
 * @param sample one real input `[1, ...]`: where the network leaves sizes free, an invented one may be too small for its kernels, which the wasm
 * backend answers by writing outside its memory.
 */
export function planTaps(model: Model, sample: tf.Tensor): TapPlan {
  const calls = new Map<LayerInfo, number>();
  const withParameters = model.layers.filter((layer) => Object.keys(layer.parameters).length > 0);
  tf.tidy(() => {
    substituting((substitution) => {
      for (const info of withParameters) {
        substitution.call(info.layer, (original) => (inputs, kwargs) => {
          calls.set(info, (calls.get(info) ?? 0) + 1);
          return original(inputs, kwargs);
        });
      }
      model.forwardWithin(substitution, model.weights, sample, "inference");
    });
  });
  const layers = withParameters.filter((layer) => layer.kind !== "other" && calls.get(layer) === 1);
  const covered = new Set(layers.flatMap((layer) => Object.values(layer.parameters)));
  return { layers, uncovered: Object.keys(model.parameters).filter((name) => !covered.has(name)) };
}

/**
 * One forward and one backward pass that hands out, for each planned layer, its input a and the gradient g of the summed loss at its
 * pre-activation output. No parameter gradient is computed. The records are the caller's: dispose them.
 *
 * Backward needs something to differentiate by. Each tapped value passes through an identity that also takes a scalar anchor; its gradient
 * keeps g and passes it on. The anchor is the only variable, so exactly the operations between the first tap and the loss are visited.
 */
export function runTaps(model: Model, plan: TapPlan, weights: Weights, inputs: tf.Tensor, summedLoss: (logits: tf.Tensor2D) => tf.Scalar): TapResult {
  const opened: OpenRecord[] = [];
  const value = tf.tidy(() => {
    const anchor = tf.scalar(0);
    const run = () =>
      substituting((substitution) => {
        for (const layer of plan.layers) {
          tapLayer(substitution, layer, weights, (output, input, part) => {
            const record: OpenRecord = { layer, part, input: tf.keep(tf.clone(input)), outputGradient: undefined };
            opened.push(record);
            return identityTap(output, anchor, (gradient) => {
              record.outputGradient = tf.keep(tf.clone(gradient));
            });
          });
        }
        return summedLoss(model.forwardWithin(substitution, weights, inputs, "inference").logits);
      });
    try {
      return differentiate(run, [anchor]).value;
    } catch (error) {
      opened.forEach(disposeRecord);
      throw error;
    }
  });
  // A layer whose output does not reach the loss has no gradient.
  opened.filter(({ outputGradient }) => outputGradient === undefined).forEach(disposeRecord);
  return { records: opened.filter((record): record is LayerRecord => record.outputGradient !== undefined), value };
}

type OpenRecord = Omit<LayerRecord, "outputGradient"> & { outputGradient: tf.Tensor | undefined };

function disposeRecord({ input, outputGradient }: OpenRecord): void {
  input.dispose();
  outputGradient?.dispose();
}

export function disposeTaps(result: TapResult): void {
  result.value.dispose();
  result.records.forEach(disposeRecord);
}

type Tap = (output: tf.Tensor, input: tf.Tensor, part: LayerRecord["part"]) => tf.Tensor;

function identityTap(output: tf.Tensor, anchor: tf.Scalar, onGradient: (gradient: tf.Tensor) => void): tf.Tensor {
  const tap = tf.customGrad((value) => ({
    value: tf.clone(value as tf.Tensor),
    gradFunc: (gradient: tf.Tensor) => {
      onGradient(gradient);
      return [gradient, tf.scalar(0)];
    },
  }));
  return tap(output, anchor);
}

/**
 * Layers with an activation are computed here from their parts, since the tap has to sit before it; and because the fused kernels that
 * tfjs layers use compute the weight gradient too, wanted or not.
 */
function tapLayer(substitution: Substitution, info: LayerInfo, weights: Weights, tap: Tap): void {
  const internals = layerInternals(info.layer);
  const weight = (role: string): tf.Tensor => layerWeight(info, weights, role);
  const hasBias = "bias" in info.parameters || "bias" in info.buffers;
  const finish = (linear: tf.Tensor, input: tf.Tensor, part: LayerRecord["part"]): tf.Tensor => {
    const biased = hasBias ? tf.add(linear, weight("bias")) : linear;
    const tapped = tap(biased, input, part);
    return internals.activation ? internals.activation.apply(tapped) : tapped;
  };
  const { padding } = internals;
  const strides = internals.strides as [number, number];
  // Asked for in the call: by then the model may have put a wider kernel in place of a dilated one.
  const dilated = (field: "kernel" | "depthwiseKernel"): [kernel: tf.Tensor4D, dilations: [number, number]] => [
    internals[field]!.read() as tf.Tensor4D,
    internals.dilationRate as [number, number],
  ];
  const compute: Partial<Record<LayerInfo["kind"], (input: tf.Tensor) => tf.Tensor>> = {
    dense: (input) => finish(denseProduct(input, weight("kernel") as tf.Tensor2D), input, "whole"),
    conv2d: (input) => {
      const [kernel, dilations] = dilated("kernel");
      return finish(tf.conv2d(input as tf.Tensor4D, kernel, strides, padding, "NHWC", dilations), input, "whole");
    },
    "depthwise-conv2d": (input) =>
      finish(tf.depthwiseConv2d(input as tf.Tensor4D, weight("depthwise_kernel") as tf.Tensor4D, strides, padding), input, "whole"),
    "separable-conv2d": (input) => {
      const [kernel, dilations] = dilated("depthwiseKernel");
      const depthwise = tf.depthwiseConv2d(input as tf.Tensor4D, kernel, strides, padding, "NHWC", dilations);
      const between = tap(depthwise, input, "depthwise") as tf.Tensor4D;
      return finish(tf.conv2d(between, weight("pointwise_kernel") as tf.Tensor4D, 1, "valid"), between, "pointwise");
    },
  };
  const own = compute[info.kind];
  substitution.call(info.layer, (original: LayerCall): LayerCall => {
    if (own) return (inputs) => own(single(inputs));
    return (inputs, kwargs) => tap(single(original(inputs, kwargs)), single(inputs), "whole");
  });
}

function denseProduct(input: tf.Tensor, kernel: tf.Tensor2D): tf.Tensor {
  const flat = tf.matMul(tf.reshape(input, [-1, kernel.shape[0]]), kernel);
  return tf.reshape(flat, [...input.shape.slice(0, -1), kernel.shape[1]]);
}

/** The tensor that plays `role` in a layer, trainable or frozen. */
export function layerWeight(info: LayerInfo, weights: Weights, role: string): tf.Tensor {
  return weights.parameters[info.parameters[role]] ?? weights.buffers[info.buffers[role]];
}
