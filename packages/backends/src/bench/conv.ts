import * as tf from "@tensorflow/tfjs";
import { chooseBackend } from "../choose.ts";

export interface ConvShape {
  batch: number;
  size: number;
  inChannels: number;
  outChannels: number;
  kernel: number;
  stride: number;
}

export interface ConvRates {
  /** GFLOP/s of the convolution, and of both its gradients, which have twice its work. */
  forward: number;
  backward: number;
  /** Median over interleaved pairs of backward rate over forward rate. */
  ratio: number;
}

const goal: ConvShape = {
  batch: 32,
  size: 32,
  inChannels: 32,
  outChannels: 32,
  kernel: 3,
  stride: 1,
};

/**
 * How fast a convolution's gradients run compared with the convolution on the completed wasm backend, at the shape the project's goal names:
 * 3 x 3, same padding, stride 1, input 32 x 32 x 32 x 32, 32 output channels. The goal is 0.6; tfjs alone cannot run it at all.
 */
export async function convBackwardOverForwardRate(): Promise<number> {
  await chooseBackend({ name: "wasm" });
  return convRates(goal).ratio;
}

/** Times pairs forward, backward, forward, backward ..., so that a change of the machine's speed meets both. */
export function convRates({ batch, size, inChannels, outChannels, kernel, stride }: ConvShape, pairs = 15): ConvRates {
  const x = tf.randomNormal([batch, size, size, inChannels], 0, 1, "float32", 1) as tf.Tensor4D;
  const filter = tf.randomNormal([kernel, kernel, inChannels, outChannels], 0, 1, "float32", 2) as tf.Tensor4D;
  const forward = (): tf.Tensor => tf.conv2d(x, filter, stride, "same");
  const dy = tf.tidy(() => tf.randomNormal(forward().shape, 0, 1, "float32", 3));
  const attributes = { strides: stride, pad: "same", dataFormat: "NHWC" };
  const gradient = (kernel: string, inputs: tf.NamedTensorMap, shapes: tf.NamedAttrMap): tf.Tensor =>
    tf.engine().runKernel(kernel, inputs, { ...attributes, ...shapes }) as tf.Tensor;
  const backward = (): tf.Tensor[] => [
    gradient("Conv2DBackpropInput", { dy, filter }, { inputShape: x.shape }),
    gradient("Conv2DBackpropFilter", { x, dy }, { filterShape: filter.shape }),
  ];
  const flops = 2 * dy.size * kernel * kernel * inChannels;
  const samples = Array.from({ length: pairs + 3 }, () => ({
    forward: milliseconds(forward),
    backward: milliseconds(backward),
  })).slice(3);
  tf.dispose([x, filter, dy]);
  return {
    forward: flops / median(samples.map(({ forward }) => forward)) / 1e6,
    backward: (2 * flops) / median(samples.map(({ backward }) => backward)) / 1e6,
    ratio: median(samples.map(({ forward, backward }) => (2 * forward) / backward)),
  };
}

function milliseconds(work: () => tf.TensorContainer): number {
  const start = performance.now();
  tf.dispose(work());
  return performance.now() - start;
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((first, second) => first - second);
  return sorted[sorted.length >> 1] as number;
}
