import type { HostTensor } from "@lethe/core";
import { checkLabels, sizesOfLogits } from "./matrix.ts";
import { firstMaximum } from "./softmax.ts";

/**
 * Predicted class of every sample: the position of its largest logit; the first one wins a tie.
 *
 * @param logits `[n, c]`, any host type.
 * @returns `[n]` int32.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-logits`.
 * @example
 * predictions({ shape: [2, 2], values: new Float32Array([1, 2, 3, 3]) }); // [1, 0]
 */
export function predictions(logits: HostTensor): Int32Array {
  const { count, classCount } = sizesOfLogits(logits);
  return Int32Array.from({ length: count }, (_, row) => firstMaximum(logits.values, row * classCount, classCount));
}

/**
 * Share of samples whose predicted class is their label, in [0, 1]; null for no samples.
 *
 * @throws LetheError `metrics/shape-mismatch` unless there is one label per prediction.
 * @example
 * accuracy([1, 0, 2], [1, 1, 2]); // 0.666667
 */
export function accuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  checkLabels(labels, predicted.length, Infinity, "the predictions");
  let correct = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i]) correct++;
  return labels.length === 0 ? null : correct / labels.length;
}

/**
 * Accuracy within each class, `[c]`. A class without samples has no accuracy: null, never 0.
 *
 * @throws LetheError `metrics/shape-mismatch`, `metrics/label-out-of-range`.
 * @example
 * accuracyPerClass([1, 0, 0], [1, 1, 0], 3); // [1, 0.5, null]
 */
export function accuracyPerClass(predicted: ArrayLike<number>, labels: ArrayLike<number>, classCount: number): (number | null)[] {
  checkLabels(labels, predicted.length, classCount, "the predictions");
  const correct = new Float64Array(classCount);
  const total = new Float64Array(classCount);
  for (let i = 0; i < labels.length; i++) {
    total[labels[i]]++;
    if (predicted[i] === labels[i]) correct[labels[i]]++;
  }
  return Array.from(total, (count, label) => (count === 0 ? null : correct[label] / count));
}
