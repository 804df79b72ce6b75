import type { ResultRecord } from "../evaluation/result-record.ts";
import { roc, tprAtFpr, type AttackScores } from "../membership/roc.ts";

export interface AttackEvidence {
  readonly attack: "lira" | "lira-offline" | "rmia";
  /** Of the judged models: the forget set as members, never-seen samples as the others; see `splitByMembership`. */
  readonly scores: AttackScores;
  /** The same attack on retrained models; its values become the targets. */
  readonly control?: AttackScores;
}

const descriptions = {
  lira: { title: "LiRA", rule: "ratio of two normal likelihoods of the margin, fitted to shadow models with and without the sample" },
  "lira-offline": { title: "Offline LiRA", rule: "normal distribution function of the margin, fitted to shadow models without the sample" },
  rmia: { title: "RMIA", rule: "share of population samples whose probability rose less against that of reference models" },
} as const;

/**
 * The results of an attack with shadow models as records for a table: AUC, and TPR at 1% and 0.1% FPR. Without a control the target is what
 * guessing gives: 0.5, 0.01 and 0.001. No value where one side has no scores.
 *
 * @throws LetheError `metrics/nan-score`.
 * @example
 * const [auc, atOnePercent] = attackRecords({ attack: "rmia", scores: { members: [0.9, 0.4], nonMembers: [0.5, 0.1] } });
 * auc.name; // "rmia-auc"
 * auc.value; // 0.75
 * atOnePercent.value; // 0.5
 */
export function attackRecords({ attack, scores, control }: AttackEvidence): ResultRecord[] {
  const { title, rule } = descriptions[attack];
  const curve = roc(scores);
  const reference = control && roc(control);
  const record = (name: string, what: string, value: (curve: NonNullable<ReturnType<typeof roc>>) => number, chance: number): ResultRecord => ({
    name: `${attack}-${name}`,
    version: 1,
    title: `${title}, ${what}`,
    recipe: `${what} of telling forgotten from never-seen samples by the ${rule}; no interpolation.`,
    unit: "share",
    value: curve && value(curve),
    target: reference === undefined ? chance : reference && value(reference),
    direction: "match oracles",
    interval: null,
    flags: [],
  });
  return [
    record("auc", "AUC", ({ auc }) => auc, 0.5),
    record("tpr-at-1-percent-fpr", "TPR at 1% FPR", (curve) => tprAtFpr(curve, 0.01), 0.01),
    record("tpr-at-0.1-percent-fpr", "TPR at 0.1% FPR", (curve) => tprAtFpr(curve, 0.001), 0.001),
  ];
}
