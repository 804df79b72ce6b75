import type { HostTensor } from "@lethe/core";
import { checkLabels, sizesOfLogits } from "./matrix.ts";

/**
 * Margin, or scaled confidence, of every sample: phi(x) = log p_y - log(sum over c != y of p_c) = z_y - logsumexp over c != y of z_c.
 *
 * Computed from the logits without forming p, so that it does not saturate when p_y rounds to 0 or 1. Infinite for a single class.
 * Carlini et al. 2022 (LiRA) attack this score because it is close to normal over models.
 *
 * @param logits `[n, c]`, any host type.
 * @param labels `[n]` class of each sample.
 * @returns `[n]` float64, log-odds in nats.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-logits`, `metrics/label-out-of-range`.
 * @example
 * margin({ shape: [1, 2], values: new Float32Array([1, 4]) }, [1])[0]; // 3
 */
export function margin(logits: HostTensor, labels: ArrayLike<number>): Float64Array {
  const { count, classCount } = sizesOfLogits(logits);
  checkLabels(labels, count, classCount);
  const { values } = logits;
  return Float64Array.from({ length: count }, (_, row) => {
    const start = row * classCount;
    const label = labels[row];
    let largest = -Infinity;
    for (let c = 0; c < classCount; c++) if (c !== label) largest = Math.max(largest, values[start + c]);
    let sum = 0;
    for (let c = 0; c < classCount; c++) if (c !== label) sum += Math.exp(values[start + c] - largest);
    return values[start + label] - largest - Math.log(sum);
  });
}
