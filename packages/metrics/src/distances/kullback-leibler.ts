import type { HostTensor } from "@lethe/core";
import { perRow } from "./rows.ts";

const smallest = 1e-12;

/**
 * Kullback-Leibler divergence of every sample: KL(q || p) = sum over c of q_c log(q_c / p_c), in nats.
 *
 * Not symmetric: `q` is the reference (an oracle), `p` the model that is judged. 0 log 0 = 0; probabilities inside logarithms are raised to
 * 1e-12, so that no value exceeds about 27.6.
 *
 * @param q `[n, c]` probabilities of the reference.
 * @param p `[n, c]` probabilities of the model.
 * @returns `[n]` float64.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * const q = { shape: [1, 2], values: new Float64Array([1, 0]) };
 * const p = { shape: [1, 2], values: new Float64Array([0.5, 0.5]) };
 * klDivergence(q, p)[0]; // 0.693147
 */
export function klDivergence(q: HostTensor, p: HostTensor): Float64Array {
  return perRow(q, p, (start, classCount) => {
    let sum = 0;
    for (let i = start; i < start + classCount; i++) {
      if (q.values[i] > 0) sum += q.values[i] * (Math.log(Math.max(q.values[i], smallest)) - Math.log(Math.max(p.values[i], smallest)));
    }
    return sum;
  });
}
