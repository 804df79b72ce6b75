import { LetheError } from "@lethe/core";

/**
 * Disagreement of every sample: 1 where two models predict different classes, else 0. Its mean over two retrained models is their churn.
 *
 * @param first `[n]` predicted classes (see {@link predictions}).
 * @param second `[n]` predicted classes.
 * @returns `[n]` float64.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * disagreement([1, 2, 3], [1, 0, 3]); // [0, 1, 0]
 */
export function disagreement(first: ArrayLike<number>, second: ArrayLike<number>): Float64Array {
  if (first.length !== second.length) {
    throw new LetheError("metrics/shape-mismatch", `${first.length} and ${second.length} predictions cannot be compared.`, {
      first: first.length,
      second: second.length,
    });
  }
  return Float64Array.from({ length: first.length }, (_, i) => (first[i] === second[i] ? 0 : 1));
}
