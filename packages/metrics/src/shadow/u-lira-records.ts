import type { Flag } from "../evaluation/flags.ts";
import type { ResultRecord } from "../evaluation/result-record.ts";
import { utilityLost, type UtilityInput } from "../verdict/utility-guard.ts";
import type { ULira } from "./u-lira.ts";

export interface ULiraEvidence {
  readonly attack: ULira;
  /** The same plan with retraining in the place of unlearning; its values become the targets. */
  readonly control?: ULira;
  /** Accuracy of each target model after unlearning, for the utility guard. */
  readonly utility?: readonly UtilityInput[];
}

/**
 * The results of U-LiRA as records for a table: accuracy, AUC, and TPR at 1% and 0.1% FPR.
 *
 * Without a control the target is what guessing gives: 0.5, 0.5, 0.01 and 0.001. Flagged `utility-lost` when any target model has collapsed:
 * its outputs then hide what was forgotten along with everything else.
 *
 * @example
 * const column = (values: number[]) => ({ shape: [values.length, 1], values: Float64Array.from(values) });
 * const shadows = { phi: column([4, 6, 0, 2]), forgotten: column([1, 1, 0, 0]), neverSeen: column([0, 0, 1, 1]) };
 * const targets = { phi: column([5, 2]), forgotten: column([1, 0]), neverSeen: column([0, 1]) };
 * const [accuracy] = uLiraRecords({ attack: uLira({ shadows, targets }), utility: [{ accuracy: 0.1, reference: 0.9, majority: 0.1 }] });
 * accuracy.value; // 1
 * accuracy.target; // 0.5
 * accuracy.flags[0].code; // "utility-lost"
 */
export function uLiraRecords({ attack, control, utility = [] }: ULiraEvidence): ResultRecord[] {
  const lost = utility.filter(utilityLost).length;
  const recipe = (what: string) =>
    `${what} of telling forgotten from never-seen samples in held-out models by the ratio of two normal likelihoods of the margin, ` +
    `${attack.variance} variance; runs that never saw a sample had unlearned others.`;
  const record = (name: string, title: string, what: string, value: (result: ULira) => number | null, chance: number): ResultRecord => ({
    name,
    version: 1,
    title,
    recipe: recipe(what),
    unit: "share",
    value: value(attack),
    target: control === undefined ? chance : value(control),
    direction: "match oracles",
    interval: name === "u-lira-accuracy" ? attack.accuracyInterval : null,
    flags: lost === 0 ? [] : [utilityFlag(name, lost, utility.length)],
  });
  return [
    record("u-lira-accuracy", "U-LiRA accuracy", "Mean of true-positive and true-negative rate", ({ accuracy }) => accuracy, 0.5),
    record("u-lira-auc", "U-LiRA AUC", "Area under the ROC curve", ({ auc }) => auc, 0.5),
    record(
      "u-lira-tpr-at-1-percent-fpr",
      "U-LiRA TPR at 1% FPR",
      "True-positive rate at 1% false-positive rate",
      (result) => result.tprAtFpr1Percent,
      0.01,
    ),
    record(
      "u-lira-tpr-at-0.1-percent-fpr",
      "U-LiRA TPR at 0.1% FPR",
      "True-positive rate at 0.1% false-positive rate",
      (result) => result.tprAtFpr01Percent,
      0.001,
    ),
  ];
}

function utilityFlag(name: string, lost: number, count: number): Flag {
  return {
    code: "utility-lost",
    sentence: `${lost} of ${count} target models have lost at least half of what the reference knows beyond guessing, so the attack proves nothing.`,
    metrics: [name],
  };
}
