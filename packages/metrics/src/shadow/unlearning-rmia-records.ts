import type { ResultRecord } from "../evaluation/result-record.ts";
import { outcomeRecords, type OutcomeEvidence } from "./outcome-records.ts";
import type { UnlearningRmia } from "./unlearning-rmia.ts";

export type RmiaEvidence = OutcomeEvidence<UnlearningRmia>;

/**
 * The results of RMIA for unlearning as records for a table: accuracy, AUC, and TPR at 1% and 0.1% FPR, with targets and flags as those of `uLiraRecords`. The names begin
 * with `unlearning-rmia`, as `rmia` alone asks who was trained on (`attackRecords`).
 *
 * @example
 * const column = (values: number[]) => ({ shape: [values.length, 1], values: Float64Array.from(values) });
 * const roles = { forgotten: column([1, 0, 1, 0]), neverSeen: column([0, 1, 0, 1]), drawOfRun: [0, 0, 1, 1], population: column([0, 0, 0, 0]) };
 * const attack = unlearningRmia({ shadows: { ...roles, phi: column([4, 0, 6, -1]) }, targets: { ...roles, phi: column([5, -3, 3, -2]) } });
 * const [accuracy, auc] = rmiaRecords({ attack });
 * accuracy.name; // "unlearning-rmia-accuracy"
 * auc.value; // 1
 * auc.target; // 0.5
 */
export function rmiaRecords(evidence: RmiaEvidence): ResultRecord[] {
  const rule =
    "the share of population samples whose probability rose less against that of shadow runs which never saw the sample, " +
    `a = ${evidence.attack.a} and the threshold rehearsed on shadow runs`;
  return outcomeRecords({ name: "unlearning-rmia", title: "RMIA", rule }, evidence);
}
