import type { HostTree } from "@lethe/core";

/**
 * What was retrained and what was not, put together:
 *
 *     P_final = P'_T + (P_B - P_T)
 *
 * so that P_final - P'_B = (P_B - P_T) - (P'_B - P'_T), which is at most sum_{k>T} Delta_k in the 1-norm. Computed in float64 and rounded once; for T = B the
 * result is P'_T, bit for bit. For parameters alone: a variance of batch norm could come out negative.
 *
 * @param retrained P'_T.
 * @param later P_B, or another snapshot after P_T.
 * @param at P_T.
 * @example
 * const w = (value) => ({ w: { shape: [1], values: Float32Array.of(value) } });
 * stitch(w(6), w(11), w(8)).w.values; // [9]
 */
export function stitch(retrained: HostTree, later: HostTree, at: HostTree): HostTree {
  return Object.fromEntries(
    Object.entries(retrained).map(([name, { shape, values }]) => {
      const [to, from] = [later[name].values, at[name].values];
      const stitched = new Float32Array(values.length);
      for (let i = 0; i < stitched.length; i++) stitched[i] = values[i] + (to[i] - from[i]);
      return [name, { shape, values: stitched }];
    }),
  );
}
