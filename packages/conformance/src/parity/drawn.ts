import * as tf from "@tensorflow/tfjs";
import { arrayDataset, elementCount, type Dataset } from "@lethe/core";
import type { Numbers } from "./parity-case.ts";

/** Repeatable float32 values in [from, to): fractions of large sines, without two rows alike. */
export function drawn(shape: readonly number[], seed: number, from = -1, to = 1): Numbers {
  const values = Float32Array.from({ length: elementCount(shape) }, (_, index) => {
    const wave = Math.sin((index + 1) * 12.9898 + seed * 78.233) * 437.585453;
    return from + (to - from) * (wave - Math.floor(wave));
  });
  return { shape, values };
}

export function tensorOf<R extends tf.Rank>({ shape, values }: Numbers): tf.Tensor<R> {
  return tf.tensor(values as Float32Array, [...shape] as tf.ShapeMap[R], "float32");
}

export function drawnTensor<R extends tf.Rank>(shape: readonly number[], seed: number, from?: number, to?: number): tf.Tensor<R> {
  return tensorOf(drawn(shape, seed, from, to));
}

/** Samples of which each class lies around a pattern of its own, so that there is something to learn. */
export function drawnSamples(inputShape: readonly number[], classCount: number, size: number, seed: number): Dataset {
  const stride = elementCount(inputShape);
  const labels = Int32Array.from({ length: size }, (_, position) => position % classCount);
  const patterns = drawn([classCount, stride], seed).values;
  const noise = drawn([size, stride], seed + 1).values;
  const inputs = Float32Array.from({ length: size * stride }, (_, i) => {
    const label = labels[Math.floor(i / stride)];
    return patterns[label * stride + (i % stride)] + 0.7 * noise[i];
  });
  return arrayDataset({ name: "drawn samples", inputs, inputShape, labels, classCount, ids: Array.from(labels, (_, position) => `s${position}`) });
}
