import type { HostTensor } from "@lethe/core";
import { perRow } from "./rows.ts";

/**
 * Activation distance of every sample: the Euclidean distance of the softmax outputs, norm2(p - q), between 0 and sqrt(2).
 *
 * Defined on outputs despite its name, after Chundawat et al. 2023 (Bad Teacher). Golatkar et al. and SCRUB use the L1 norm under the same
 * name: see {@link activationDistanceL1}.
 *
 * @param p `[n, c]` probabilities.
 * @param q `[n, c]` probabilities.
 * @returns `[n]` float64.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * const p = { shape: [1, 2], values: new Float64Array([1, 0]) };
 * const q = { shape: [1, 2], values: new Float64Array([0, 1]) };
 * activationDistance(p, q)[0]; // 1.414214
 */
export function activationDistance(p: HostTensor, q: HostTensor): Float64Array {
  return perRow(p, q, (start, classCount) => {
    let sum = 0;
    for (let i = start; i < start + classCount; i++) sum += (p.values[i] - q.values[i]) ** 2;
    return Math.sqrt(sum);
  });
}

/**
 * Activation distance as Golatkar et al. 2020 (Eternal Sunshine) and SCRUB compute it: the L1 norm of the difference of the softmax outputs, norm1(p - q), of
 * every sample; between 0 and 2, twice the total variation distance. Not comparable with {@link activationDistance}.
 *
 * @param p `[n, c]` probabilities.
 * @param q `[n, c]` probabilities.
 * @returns `[n]` float64.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * const p = { shape: [1, 2], values: new Float64Array([1, 0]) };
 * const q = { shape: [1, 2], values: new Float64Array([0.25, 0.75]) };
 * activationDistanceL1(p, q)[0]; // 1.5
 */
export function activationDistanceL1(p: HostTensor, q: HostTensor): Float64Array {
  return perRow(p, q, (start, classCount) => {
    let sum = 0;
    for (let i = start; i < start + classCount; i++) sum += Math.abs(p.values[i] - q.values[i]);
    return sum;
  });
}
