import { LetheError, type HostTensor } from "@lethe/core";
import { mean } from "../statistics/moments.ts";
import { checkMask, sizesOfScores, tooFewModels, valuesOfSample } from "./model-scores.ts";

export interface MemorisationInput {
  /** `[models, samples]`: 1 where the model gets the sample right, 0 where it does not; or the probability of the right class. */
  readonly correct: HostTensor;
  /** `[models, samples]`: 1 where the model was trained with the sample (see `membersOfModels`). */
  readonly members: HostTensor;
}

/**
 * Memorisation of every sample: mem(x) = P(right | trained with x) - P(right | trained without x), over models that differ in their training sets; in [-1, 1].
 *
 * Near 1: known only by heart, so that a retrained model loses it, and forgetting it shows. Near 0: a retrained model knows it as well, and doing nothing already
 * passes. Each sample should have some ten models of either kind; the standard error is about sqrt(1 / (2 n)) at worst for n of each.
 *
 * Feldman, Zhang 2020, What Neural Networks Memorize and Why, with random halves for their random subsets of 70%.
 *
 * @returns `[samples]` float64.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/bad-mask`, `metrics/too-few-models`.
 * @example
 * const members = { shape: [4, 2], values: new Uint8Array([1, 1, 1, 1, 0, 0, 0, 0]) };
 * const correct = { shape: [4, 2], values: new Uint8Array([1, 1, 1, 1, 0, 1, 0, 1]) };
 * memorisation({ correct, members }); // [1, 0]
 */
export function memorisation({ correct, members }: MemorisationInput): Float64Array {
  const sizes = sizesOfScores(correct, "the models' answers");
  checkMask(members, sizes, "members");
  return Float64Array.from({ length: sizes.sampleCount }, (_, j) => {
    const inside = valuesOfSample(members, j);
    const rate = (kind: number, side: string) => {
      const value = mean(valuesOfSample(correct, j).filter((_, model) => inside[model] === kind));
      if (value === null) throw tooFewModels(j, side, 0, 1);
      return value;
    };
    return rate(1, "trained with it") - rate(0, "trained without it");
  });
}

/** Positions of samples, each list increasing. */
export interface MemorisationStrata {
  readonly low: Uint32Array;
  readonly middle: Uint32Array;
  readonly high: Uint32Array;
}

/**
 * Three forget sets of one size for the question of how a method depends on memorisation: the samples with the smallest scores, those around the median, and those with
 * the largest; of equal scores the first sample comes first.
 *
 * After Zhao et al. 2024 (RUM), who take 3,000 each. A method that is only tried on random forget sets is tried on the first kind.
 *
 * @param scores `[n]` as of {@link memorisation}.
 * @param size samples in each; at most n / 3.
 * @throws LetheError `metrics/bad-argument`, `metrics/nan-score`.
 * @example
 * memorisationStrata([0.9, 0, 0.4, 0.1, 0.5, 1], 2); // { low: [1, 3], middle: [2, 4], high: [0, 5] }
 */
export function memorisationStrata(scores: ArrayLike<number>, size: number): MemorisationStrata {
  const count = scores.length;
  if (!(Number.isInteger(size) && size >= 1 && 3 * size <= count)) {
    throw new LetheError("metrics/bad-argument", `Three strata of ${size} samples cannot be made of ${count}.`, { size, count });
  }
  const bad = Array.from(scores).findIndex(Number.isNaN);
  if (bad >= 0) throw new LetheError("metrics/nan-score", `The score of sample ${bad} is not a number.`, { sample: bad });
  const order = Uint32Array.from({ length: count }, (_, i) => i).toSorted((a, b) => scores[a] - scores[b]);
  const middle = (count - size) >> 1;
  const part = (start: number) => order.slice(start, start + size).toSorted();
  return { low: part(0), middle: part(middle), high: part(count - size) };
}
