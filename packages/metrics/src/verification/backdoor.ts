import { LetheError } from "@lethe/core";
import { checkLabels } from "../outputs/matrix.ts";
import { regularisedIncompleteBeta } from "../statistics/incomplete-beta.ts";

/**
 * Backdoor success rate: the share of triggered samples of other classes that the model puts into the trigger's target class, in [0, 1].
 *
 * Samples whose true label is the target do not count: they belong there without any trigger. After deletion the rate should be a retrained model's, which is not 0
 * but that of natural confusions. Needs samples that were marked before training.
 *
 * @param predicted `[n]` predicted classes of the triggered samples (see {@link predictions}).
 * @param labels `[n]` their true classes.
 * @returns null without a sample of another class.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/label-out-of-range`.
 * @example
 * backdoorSuccessRate([7, 7, 2, 7], [1, 2, 2, 7], 7); // 0.666667
 */
export function backdoorSuccessRate(predicted: ArrayLike<number>, labels: ArrayLike<number>, target: number): number | null {
  checkLabels(labels, predicted.length, Infinity, "the predictions");
  let count = 0;
  let hits = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === target) continue;
    count++;
    if (predicted[i] === target) hits++;
  }
  return count === 0 ? null : hits / count;
}

export interface DeletionTestInput {
  /** n, triggered samples shown to the model. */
  readonly queries: number;
  /** p, the success rate of a model that keeps the data: H0. */
  readonly rateIfKept: number;
  /** q < p, the rate of a model that never had it: H1. */
  readonly rateIfDeleted: number;
  /** alpha, the largest accepted probability of believing a deletion that did not happen. */
  readonly level: number;
}

export interface DeletionTest {
  /** Deletion is believed for at most this many successes; -1: no count is low enough. */
  readonly threshold: number;
  /** P(at most `threshold` successes | kept) <= alpha: believing in a deletion that did not happen. */
  readonly falseBelief: number;
  /** P(more than `threshold` successes | deleted): doubting one that did. */
  readonly falseDoubt: number;
}

/**
 * Test of a deletion by n triggered queries, each a success with probability p if the data was kept (H0) and q if it was deleted (H1): H0 is rejected
 * for at most k successes, k the largest with P(X <= k | p) <= alpha, X binomial.
 *
 * Both error rates are exact if queries are independent; a provider who suppresses the trigger passes without forgetting. Sommer et al. 2022 (Athena) take
 * deletion as H0.
 *
 * @throws LetheError `metrics/bad-argument` unless n >= 1 is whole, 0 <= q < p <= 1 and 0 < alpha < 1.
 * @example
 * deletionTest({ queries: 30, rateIfKept: 0.9, rateIfDeleted: 0.1, level: 0.001 }).threshold; // 20
 */
export function deletionTest({ queries, rateIfKept, rateIfDeleted, level }: DeletionTestInput): DeletionTest {
  const rates = rateIfDeleted >= 0 && rateIfDeleted < rateIfKept && rateIfKept <= 1;
  if (!(Number.isInteger(queries) && queries >= 1 && rates && level > 0 && level < 1)) {
    throw new LetheError("metrics/bad-argument", "A deletion test needs queries, 0 <= rateIfDeleted < rateIfKept <= 1 and a level between 0 and 1.", {
      queries,
      rateIfKept,
      rateIfDeleted,
      level,
    });
  }
  let threshold = -1;
  while (threshold < queries && atMost(threshold + 1, queries, rateIfKept) <= level) threshold++;
  return { threshold, falseBelief: atMost(threshold, queries, rateIfKept), falseDoubt: 1 - atMost(threshold, queries, rateIfDeleted) };
}

/** P(X <= k) for X binomial: I_(1-p)(n - k, k + 1). */
function atMost(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : regularisedIncompleteBeta(1 - p, n - k, k + 1);
}
