import { LetheError } from "@lethe/core";
import { checkLabels } from "../outputs/matrix.ts";
import { backdoorSuccessRate, deletionTest, type DeletionTest } from "./backdoor.ts";

export interface DeletionVerificationInput {
  /** `[n]` classes that the model before the deletion predicts for triggered samples, which were not trained on. */
  readonly before: ArrayLike<number>;
  /** `[n]` those of the model after it. */
  readonly after: ArrayLike<number>;
  /** `[n]` those of a model that was trained without the deleted samples. */
  readonly oracle: ArrayLike<number>;
  /** `[n]` true classes. */
  readonly labels: ArrayLike<number>;
  /** The class that the trigger stands for. */
  readonly target: number;
  /** alpha, the largest accepted probability of believing a deletion that did not happen. Default 0.001. */
  readonly level?: number | undefined;
}

export interface DeletionVerification {
  /** Success rates of the trigger, over the n samples of other classes than the target. */
  readonly before: number;
  readonly after: number;
  readonly oracle: number;
  /** n */
  readonly queries: number;
  /** With p = `before` and q = `oracle`; null where the trigger was not learnt, so that there is nothing to tell apart. */
  readonly test: DeletionTest | null;
  /** `"undecided"`: no test, or n is too small for any count of successes to show a deletion. */
  readonly verdict: "deleted" | "kept" | "undecided";
}

/**
 * Verification of a deletion by a backdoor: samples with a trigger were trained on and are to be deleted, and the trigger's success rate falls from p, that of
 * the model before, to q, that of an oracle trained without them, if the deletion happened. {@link deletionTest} of the model after, on the n samples
 * that the rates are of, with its two error rates: deletion believed though the data was kept, and doubted though it was deleted.
 *
 * p and q are themselves shares of the same n samples, so that both error rates are only as good as these estimates. Evidence about this trigger: a
 * provider who suppresses it passes without forgetting.
 *
 * @returns null without a sample of another class than the target.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/bad-argument`.
 * @see https://arxiv.org/abs/2003.04247 Sommer et al. 2022, Towards Probabilistic Verification of Machine Unlearning (Athena)
 * @example
 * const labels = new Array(30).fill(1);
 * const rate = (successes) => labels.map((_, i) => (i < successes ? 7 : 1));
 * const { verdict, test } = verifyDeletion({ before: rate(27), after: rate(4), oracle: rate(3), labels, target: 7 });
 * verdict; // "deleted"
 * test.threshold; // 20
 */
export function verifyDeletion(input: DeletionVerificationInput): DeletionVerification | null {
  const { before, after, oracle, labels, target, level = 0.001 } = input;
  for (const predicted of [before, after, oracle]) checkLabels(labels, predicted.length, Infinity, "the predictions");
  if (!(level > 0 && level < 1)) throw new LetheError("metrics/bad-argument", `level is ${level}; give a number between 0 and 1.`, { level });
  const queries = Array.from(labels).filter((label) => label !== target).length;
  if (queries === 0) return null;
  const rateOf = (predicted: ArrayLike<number>) => backdoorSuccessRate(predicted, labels, target)!;
  const rates = { before: rateOf(before), after: rateOf(after), oracle: rateOf(oracle) };
  const isLearnt = rates.before > rates.oracle;
  const test = isLearnt ? deletionTest({ queries, rateIfKept: rates.before, rateIfDeleted: rates.oracle, level }) : null;
  return { ...rates, queries, test, verdict: verdictOf(test, Math.round(rates.after * queries)) };
}

function verdictOf(test: DeletionTest | null, successes: number): DeletionVerification["verdict"] {
  if (test === null || test.threshold < 0) return "undecided";
  return successes <= test.threshold ? "deleted" : "kept";
}
