import type { HostTensor } from "@lethe/core";
import { sizesOfLogits, type Matrix } from "./matrix.ts";

/**
 * Logarithm of the softmax in float64: log p_c = z_c - z_m - log(1 + sum over c != m of exp(z_c - z_m)), z_m the largest logit of the row.
 *
 * The largest term is taken out of the sum, so that a confident row keeps its tiny loss instead of rounding to 0; nothing overflows.
 *
 * @param logits `[n, c]`, any host type.
 * @returns `[n, c]` float64, natural logarithm.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-logits`.
 * @example
 * const logits = { shape: [1, 2], values: new Float32Array([0, 100]) };
 * logSoftmax(logits).values[0]; // -100
 */
export function logSoftmax(logits: HostTensor): Matrix {
  const { count, classCount } = sizesOfLogits(logits);
  const values = new Float64Array(count * classCount);
  for (let row = 0; row < count; row++) {
    const start = row * classCount;
    const best = firstMaximum(logits.values, start, classCount);
    const largest = logits.values[start + best];
    let rest = 0;
    for (let c = 0; c < classCount; c++) if (c !== best) rest += Math.exp(logits.values[start + c] - largest);
    const logSum = Math.log1p(rest);
    for (let c = 0; c < classCount; c++) values[start + c] = logits.values[start + c] - largest - logSum;
  }
  return { shape: [count, classCount], values };
}

/**
 * Softmax in float64: p_c = exp(z_c) / sum over k of exp(z_k), computed as exp(log p_c).
 *
 * @param logits `[n, c]`, any host type.
 * @returns `[n, c]` float64 probabilities.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-logits`.
 * @example
 * softmax({ shape: [1, 2], values: new Float32Array([1, 1]) }).values[0]; // 0.5
 */
export function softmax(logits: HostTensor): Matrix {
  const { shape, values } = logSoftmax(logits);
  return { shape, values: values.map(Math.exp) };
}

/** Position, within `length` values from `start`, of the largest; the first one wins a tie. */
export function firstMaximum(values: ArrayLike<number>, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[start + i] > values[start + best]) best = i;
  return best;
}
