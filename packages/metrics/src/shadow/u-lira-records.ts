import type { ResultRecord } from "../evaluation/result-record.ts";
import { outcomeRecords, type OutcomeEvidence } from "./outcome-records.ts";
import type { ULira } from "./u-lira.ts";

export type ULiraEvidence = OutcomeEvidence<ULira>;

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
export function uLiraRecords(evidence: ULiraEvidence): ResultRecord[] {
  const rule = `the ratio of two normal likelihoods of the margin, ${evidence.attack.variance} variance`;
  return outcomeRecords({ name: "u-lira", title: "U-LiRA", rule }, evidence);
}
