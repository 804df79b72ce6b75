import type { HostTensor } from "@lethe/core";
import { predictions } from "../outputs/accuracy.ts";
import { entropy } from "../outputs/entropy.ts";
import { checkLabels, type Matrix } from "../outputs/matrix.ts";
import { logSoftmax, softmax } from "../outputs/softmax.ts";

/**
 * What an attack looks at, one row per sample: whether the prediction is right (0 or 1), p(x)_y, the entropy, the {@link modifiedEntropy}, the
 * same as the published code computes it, or all of p(x).
 */
export type MembershipFeature = "correctness" | "confidence" | "entropy" | "modified-entropy" | "modified-entropy-as-published" | "probabilities";

/**
 * One feature of the softmax outputs for membership attacks, as a matrix.
 *
 * @param logits `[n, c]`, any host type.
 * @param labels `[n]`.
 * @returns `[n, 1]`, or `[n, c]` for `"probabilities"`; float64.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-logits`, `metrics/label-out-of-range`.
 * @example
 * const logits = { shape: [2, 2], values: new Float32Array([0, 0, 9, 0]) };
 * membershipFeature("correctness", logits, [0, 1]).values; // [1, 0]
 */
export function membershipFeature(feature: MembershipFeature, logits: HostTensor, labels: ArrayLike<number>): Matrix {
  const probabilities = softmax(logits);
  const [count, classCount] = probabilities.shape;
  checkLabels(labels, count, classCount);
  const column = (values: Float64Array): Matrix => ({ shape: [count, 1], values });
  switch (feature) {
    case "correctness":
      return column(Float64Array.from(predictions(logits), (predicted, i) => (predicted === labels[i] ? 1 : 0)));
    case "confidence":
      return column(Float64Array.from({ length: count }, (_, i) => probabilities.values[i * classCount + labels[i]]));
    case "entropy":
      return column(entropy(probabilities));
    case "modified-entropy":
      return column(modifiedEntropy(logits, labels));
    case "modified-entropy-as-published":
      return column(modifiedEntropyAsPublished(probabilities, labels));
    case "probabilities":
      return probabilities;
  }
}

const logOfSmallest = Math.log(1e-30);

/**
 * Modified entropy of every sample: -(1 - p_y) log p_y - sum over c != y of p_c log(1 - p_c), in nats. 0 when the model is sure and right, large when it
 * is sure and wrong. Probabilities inside logarithms are raised to 1e-30.
 *
 * Song, Mittal 2021, Systematic Evaluation of Privacy Risks of Machine Learning Models.
 *
 * @param logits `[n, c]`, any host type.
 * @param labels `[n]`.
 * @returns `[n]` float64.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-logits`, `metrics/label-out-of-range`.
 * @example
 * modifiedEntropy({ shape: [1, 2], values: new Float32Array([0, 0]) }, [1])[0]; // 0.693147
 */
export function modifiedEntropy(logits: HostTensor, labels: ArrayLike<number>): Float64Array {
  const { shape, values } = logSoftmax(logits);
  const [count, classCount] = shape;
  checkLabels(labels, count, classCount);
  return Float64Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let c = 0; c < classCount; c++) {
      const logP = values[row * classCount + c];
      // 1 - p from log p, so that a p just below 1 keeps its distance from 1.
      const rest = -Math.expm1(logP);
      if (c === labels[row]) sum -= rest * Math.max(logP, logOfSmallest);
      else sum -= Math.exp(logP) * Math.log(Math.max(rest, 1e-30));
    }
    // Turns -0 into 0.
    return sum + 0;
  });
}

/**
 * The variant of SalUn's and Unlearn-Sparse's code: (1 - p_c) log p_c for every class c that is the label of *any* sample of the set, p_c log p_c for the
 * others; log 1e-30 where p_c is 0 in float32. A sample's value depends on which labels are in the set; useful for comparison with their numbers only.
 */
function modifiedEntropyAsPublished({ shape: [count, classCount], values }: Matrix, labels: ArrayLike<number>): Float64Array {
  const present = new Set(Array.from(labels));
  return Float64Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let c = 0; c < classCount; c++) {
      const p = Math.fround(values[row * classCount + c]);
      sum -= (present.has(c) ? 1 - p : p) * (p > 0 ? Math.log(p) : logOfSmallest);
    }
    return sum + 0;
  });
}
