import type { PguOptions } from "./options.ts";

export type RankRule = PguOptions["rankRule"];

/**
 * How many leading directions are protected.
 *
 *     k = #{ j : (s_1 + ... + s_j) / sum_m s_m <= tau }
 *
 * | rule     | energy s       | compared | added |
 * | -------- | -------------- | -------- | ----- |
 * | subset   | singular value | <=       | 0     |
 * | class    | singular value | <=       | 1     |
 * | depoison | singular value | <        | 0     |
 * | gpm      | its square     | <        | 0     |
 *
 * The first three are those of the authors' scripts. Singular values, not squares: at the same tau they protect many more directions than GPM's rule.
 *
 * @param singularValues of the inputs in decreasing order, none negative.
 * @example
 * rankOf([3, 2, 1], 0.9, "subset"); // 2
 * rankOf([3, 2, 1], 0.9, "gpm"); // 1
 */
export function rankOf(singularValues: ArrayLike<number>, tau: number, rule: RankRule): number {
  const energies = Float64Array.from(singularValues, (value) => (rule === "gpm" ? value * value : value));
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  // Inputs that are all zero: there is nothing to protect, and no gradient either.
  if (total === 0) return 0;
  const inclusive = rule === "subset" || rule === "class";
  let cumulative = 0;
  let rank = 0;
  for (const energy of energies) {
    cumulative += energy;
    const share = cumulative / total;
    if (inclusive ? share > tau : share >= tau) break;
    rank++;
  }
  return Math.min(energies.length, rule === "class" ? rank + 1 : rank);
}
