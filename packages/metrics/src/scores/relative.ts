/**
 * Retention: m(theta_u) / m(theta_r), the share of the retrained model's value that the unlearned one keeps; null where that value is 0.
 * Above 1 means more than the retrained model has, which is no merit. As in DeepUnlearn.
 *
 * @example
 * retention(0.72, 0.9); // 0.8
 */
export function retention(unlearned: number, oracle: number): number | null {
  return oracle === 0 ? null : unlearned / oracle;
}

/**
 * Symmetric absolute percentage error: SAPE = 100 abs(a - b) / (abs(a) + abs(b)), between 0 and 100 percent; null where both are 0. As in DeepUnlearn.
 *
 * @example
 * symmetricAbsolutePercentageError(0.6, 0.9); // 20
 */
export function symmetricAbsolutePercentageError(a: number, b: number): number | null {
  const sum = Math.abs(a) + Math.abs(b);
  return sum === 0 ? null : (100 * Math.abs(a - b)) / sum;
}
