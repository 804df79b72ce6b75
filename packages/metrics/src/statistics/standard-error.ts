import { standardDeviation } from "./moments.ts";

/**
 * The smallest difference of a share that n samples can show: max(1/n, sqrt(p (1 - p) / n)), one sample or one binomial standard error.
 *
 * @example
 * shareResolution(1, 50); // 0.02
 */
export function shareResolution(share: number, count: number): number {
  return Math.max(1 / count, Math.sqrt((share * (1 - share)) / count));
}

/**
 * The smallest difference of an AUC that the samples can show: one sample of the smaller side, or one standard error by Hanley and McNeil
 * (Radiology 143, 1982): variance = [A (1-A) + (n_1 - 1)(Q_1 - A^2) + (n_0 - 1)(Q_2 - A^2)] / (n_1 n_0), Q_1 = A / (2-A), Q_2 = 2 A^2 / (1+A).
 *
 * @example
 * aucResolution(0.5, 100, 100); // 0.040927
 */
export function aucResolution(auc: number, positives: number, negatives: number): number {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const variance = (auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)) / (positives * negatives);
  return Math.max(1 / Math.min(positives, negatives), Math.sqrt(Math.max(0, variance)));
}

/**
 * The smallest difference of a mean over samples: the standard error s / sqrt(n), at least one sample's worth.
 *
 * @param oneSample by how much a single sample, as different as can be, moves one value.
 * @example
 * meanResolution([1, 2, 3], 0.3); // 0.577350
 */
export function meanResolution(perSample: ArrayLike<number>, oneSample: number): number {
  const spread = standardDeviation(perSample) ?? 0;
  return Math.max(oneSample / perSample.length, spread / Math.sqrt(perSample.length));
}
