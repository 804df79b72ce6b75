import type { HostTensor } from "@lethe/core";
import { perRow } from "./rows.ts";

/**
 * Jensen-Shannon divergence of every sample: JS(p, q) = (KL(p || m) + KL(q || m)) / 2 with m = (p + q) / 2, in nats.
 *
 * Symmetric, finite, between 0 and log 2. The argument order of KL matters: with m first it would be another, unbounded quantity.
 *
 * @param p `[n, c]` probabilities.
 * @param q `[n, c]` probabilities.
 * @returns `[n]` float64.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * const p = { shape: [1, 2], values: new Float64Array([1, 0]) };
 * const q = { shape: [1, 2], values: new Float64Array([0, 1]) };
 * jsDivergence(p, q)[0]; // 0.693147
 */
export function jsDivergence(p: HostTensor, q: HostTensor): Float64Array {
  return perRow(p, q, (start, classCount) => {
    let sum = 0;
    for (let i = start; i < start + classCount; i++) sum += towardsMiddle(p.values[i], q.values[i]) + towardsMiddle(q.values[i], p.values[i]);
    // Rounding may leave a sum of nearly cancelling terms just below 0, whose root would be NaN.
    return Math.max(0, sum / 2);
  });
}

/** a log(a / m), m = (a + b) / 2. The quotient is exactly 1 for equal arguments, and halving first would turn the smallest number into 0. */
function towardsMiddle(a: number, b: number): number {
  return a > 0 ? a * Math.log((2 * a) / (a + b)) : 0;
}

/**
 * Jensen-Shannon distance of every sample: sqrt(JS(p, q)), a metric, between 0 and sqrt(log 2) = 0.8326.
 *
 * @param p `[n, c]` probabilities.
 * @param q `[n, c]` probabilities.
 * @returns `[n]` float64.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * const p = { shape: [1, 2], values: new Float64Array([1, 0]) };
 * const q = { shape: [1, 2], values: new Float64Array([0, 1]) };
 * jsDistance(p, q)[0]; // 0.832555
 */
export function jsDistance(p: HostTensor, q: HostTensor): Float64Array {
  return jsDivergence(p, q).map(Math.sqrt);
}
