import type { HostTree } from "@lethe/core";

/** What dampening did to one parameter tensor. */
export interface Dampening {
  readonly values: Float32Array;
  readonly selected: number;
  /** beta of every selected scalar. */
  readonly factors: Float64Array;
}

/**
 * Selective dampening of one tensor:
 *
 *     selected_i  <=>  I_f,i > alpha I_D,i
 *     beta_i       =   min(lambda I_D,i / I_f,i, 1)
 *     theta_i     <-   beta_i theta_i   where selected
 *
 * The clamp is on the factor. The paper's one-line formula, min(beta theta, theta), read literally would leave negative weights alone.
 *
 * @param forget I_f, mean importance over the forget set; `full` I_D, over D; `theta` the weights.
 * @example
 * dampen([2, -3, -1, 4], [8, 0.5, 20, 0], [1, 0.1, 0.5, 0], 10, 1).values; // [2, -3, -0.025, 4]
 */
export function dampen(theta: ArrayLike<number>, forget: ArrayLike<number>, full: ArrayLike<number>, alpha: number, lambda: number): Dampening {
  const values = Float32Array.from(theta);
  const factors = new Float64Array(values.length);
  let selected = 0;
  for (let i = 0; i < values.length; i++) {
    if (!(forget[i] > alpha * full[i])) continue;
    const beta = Math.min((lambda * full[i]) / forget[i], 1);
    values[i] *= beta;
    factors[selected++] = beta;
  }
  return { values, selected, factors: factors.slice(0, selected) };
}

/** I_f / I_D of every scalar with I_D > 0, increasing. */
export function sortedRatios(forget: HostTree, full: HostTree): Float64Array {
  const found = new Float64Array(Object.values(forget).reduce((size, { values }) => size + values.length, 0));
  let count = 0;
  for (const [name, { values }] of Object.entries(forget)) {
    const other = full[name].values;
    for (let i = 0; i < values.length; i++) if (other[i] > 0) found[count++] = values[i] / other[i];
  }
  return found.subarray(0, count).toSorted();
}

/**
 * ASSD's alpha: the p-th percentile (linear interpolation) of the ratios I_f / I_D over all scalars, with
 *
 *     p = 100 - ln(1 + 100 s),   s = |D_f| / |D|
 *
 * so that about ln(1 + 100 s) percent of the weights are dampened (Schoepf, Foster, Brintrup 2024). Where more of them share the largest ratio, the percentile is that
 * ratio and nothing lies above it: vectors of words that one class alone uses all stand at |D| / |D_f|. Alpha is then a millionth below, so that those are dampened.
 *
 * @param sorted ratios, increasing.
 * @param share s.
 */
export function adaptiveAlpha(sorted: Float64Array, share: number): { alpha: number; percentile: number } {
  const percentile = Math.max(100 - Math.log(1 + 100 * share), 0);
  if (sorted.length === 0) return { alpha: Number.POSITIVE_INFINITY, percentile };
  const position = ((sorted.length - 1) * percentile) / 100;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const alpha = sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  const largest = sorted[sorted.length - 1];
  // Were all ratios the same, none of them would stand out.
  const tied = alpha === largest && sorted[0] < largest;
  return { alpha: tied ? largest * (1 - 1e-6) : alpha, percentile };
}

/**
 * The largest ratio I_f / I_D that is possible: D contains D_f, so |D| I_D >= |D_f| I_f for per-sample importances, and the ratio cannot pass
 * |D| / |D_f|. Over batches it holds with counts of batches, and only if no batch mixes the two sets.
 */
export function ratioBound(fullCount: number, forgetCount: number): number {
  return fullCount / forgetCount;
}
