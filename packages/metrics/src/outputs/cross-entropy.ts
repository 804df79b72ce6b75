import type { HostTensor } from "@lethe/core";
import { checkLabels } from "./matrix.ts";
import { logSoftmax } from "./softmax.ts";

/**
 * Cross-entropy of every sample: loss(x, y) = -log p(x)_y, in nats.
 *
 * @param logits `[n, c]`, any host type.
 * @param labels `[n]` class of each sample.
 * @returns `[n]` float64.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-logits`, `metrics/label-out-of-range`.
 * @example
 * crossEntropy({ shape: [1, 2], values: new Float32Array([0, 0]) }, [1])[0]; // 0.693147
 */
export function crossEntropy(logits: HostTensor, labels: ArrayLike<number>): Float64Array {
  const { shape, values } = logSoftmax(logits);
  const [count, classCount] = shape;
  checkLabels(labels, count, classCount);
  return Float64Array.from({ length: count }, (_, i) => 0 - values[i * classCount + labels[i]]);
}
