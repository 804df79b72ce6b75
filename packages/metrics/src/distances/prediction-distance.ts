import { LetheError } from "@lethe/core";
import { checkLabels } from "../outputs/matrix.ts";

/**
 * Prediction distance of every sample: 1 where one model is right and the other one wrong, else 0. Its sum is the distance of Golatkar et al. 2020 (Eternal
 * Sunshine), its mean a share.
 *
 * Finer than a difference of accuracies, in which a sample lost and another one won cancel; coarser than {@link disagreement}, which also sees two different
 * wrong answers. Two retrained models are not at distance 0: compare with theirs.
 *
 * @param first `[n]` predicted classes (see {@link predictions}).
 * @param second `[n]` predicted classes.
 * @param labels `[n]` true classes.
 * @returns `[n]` float64.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/label-out-of-range`.
 * @example
 * predictionDistance([1, 2, 3, 0], [1, 0, 0, 3], [1, 2, 3, 1]); // [0, 1, 1, 0]
 */
export function predictionDistance(first: ArrayLike<number>, second: ArrayLike<number>, labels: ArrayLike<number>): Float64Array {
  if (first.length !== second.length) {
    throw new LetheError("metrics/shape-mismatch", `${first.length} and ${second.length} predictions cannot be compared.`, {
      first: first.length,
      second: second.length,
    });
  }
  checkLabels(labels, first.length, Infinity, "the predictions");
  return Float64Array.from({ length: first.length }, (_, i) => ((first[i] === labels[i]) === (second[i] === labels[i]) ? 0 : 1));
}
