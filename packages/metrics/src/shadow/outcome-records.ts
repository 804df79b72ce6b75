import type { Flag } from "../evaluation/flags.ts";
import type { ResultRecord } from "../evaluation/result-record.ts";
import { utilityLost, type UtilityInput } from "../verdict/utility-guard.ts";
import type { UnlearningOutcome } from "./unlearning-outcome.ts";

/** An attack's outcome, and what it is to be read beside. */
export interface OutcomeEvidence<Outcome extends UnlearningOutcome> {
  readonly attack: Outcome;
  /** The same plan with retraining in the place of unlearning; its values become the targets. */
  readonly control?: Outcome;
  /** Accuracy of each target model after unlearning, for the utility guard. */
  readonly utility?: readonly UtilityInput[];
}

interface Identity {
  /** Begins the records' names. */
  readonly name: string;
  readonly title: string;
  /** How forgotten is told from never seen; ends a sentence. */
  readonly rule: string;
}

/** Accuracy, AUC, and TPR at 1% and 0.1% FPR; without a control the target is what guessing gives. */
export function outcomeRecords(identity: Identity, { attack, control, utility = [] }: OutcomeEvidence<UnlearningOutcome>): ResultRecord[] {
  const { title, rule } = identity;
  const lost = utility.filter(utilityLost).length;
  const record = (own: string, short: string, what: string, value: (outcome: UnlearningOutcome) => number | null, chance: number): ResultRecord => {
    const name = `${identity.name}-${own}`;
    return {
      name,
      version: 1,
      title: `${title} ${short}`,
      recipe: `${what} of telling forgotten from never-seen samples in held-out models by ${rule}; runs that never saw a sample had unlearned others.`,
      unit: "share",
      value: value(attack),
      target: control === undefined ? chance : value(control),
      direction: "match oracles",
      interval: own === "accuracy" ? attack.accuracyInterval : null,
      flags: lost === 0 ? [] : [utilityFlag(name, lost, utility.length)],
    };
  };
  return [
    record("accuracy", "accuracy", "Mean of true-positive and true-negative rate", ({ accuracy }) => accuracy, 0.5),
    record("auc", "AUC", "Area under the ROC curve", ({ auc }) => auc, 0.5),
    record("tpr-at-1-percent-fpr", "TPR at 1% FPR", "True-positive rate at 1% false-positive rate", (outcome) => outcome.tprAtFpr1Percent, 0.01),
    record(
      "tpr-at-0.1-percent-fpr",
      "TPR at 0.1% FPR",
      "True-positive rate at 0.1% false-positive rate",
      (outcome) => outcome.tprAtFpr01Percent,
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
