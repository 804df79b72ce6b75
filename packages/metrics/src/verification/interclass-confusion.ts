import { LetheError } from "@lethe/core";
import { checkLabels } from "../outputs/matrix.ts";

export interface InterclassConfusion {
  /** Samples of the two classes. */
  readonly count: number;
  /** IC-ERR: share of them that is put into any other class than their own, in [0, 1]. */
  readonly error: number;
  /** FGT-ERR: number of them that is put into the other one of the two. */
  readonly confusions: number;
  /** The same as a share, in [0, 1]. */
  readonly confusionShare: number;
}

/**
 * Interclass confusion: training swapped the labels between two classes for the forget set; has the model unlearned the confusion?
 *
 * IC-ERR = share of the test samples of classes A and B that are misclassified; FGT-ERR = C_AB + C_BA, the entries of the confusion matrix between
 * exactly those two. Both should be a retrained model's. Sensitive where overall accuracy is not. Goel et al. 2022, Towards Adversarial Evaluations for Inexact Machine Unlearning.
 *
 * @param predicted `[n]` predicted classes of test samples, of all classes or of the two.
 * @param labels `[n]` their true classes.
 * @param classes A and B.
 * @returns null without a sample of the two classes.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/label-out-of-range`, `metrics/bad-argument` when A is B.
 * @example
 * interclassConfusion([0, 1, 1, 2, 2], [0, 0, 1, 1, 2], [0, 1]); // { count: 4, error: 0.5, confusions: 1, confusionShare: 0.25 }
 */
export function interclassConfusion(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: readonly [number, number],
): InterclassConfusion | null {
  checkLabels(labels, predicted.length, Infinity, "the predictions");
  const [a, b] = classes;
  if (a === b) throw new LetheError("metrics/bad-argument", `Class ${a} cannot be confused with itself.`, { classes });
  let count = 0;
  let errors = 0;
  let confusions = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== a && labels[i] !== b) continue;
    count++;
    if (predicted[i] === labels[i]) continue;
    errors++;
    if (predicted[i] === (labels[i] === a ? b : a)) confusions++;
  }
  return count === 0 ? null : { count, error: errors / count, confusions, confusionShare: confusions / count };
}
