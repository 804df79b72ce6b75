import { mean } from "../statistics/moments.ts";

/** Accuracies of one model on the three sets, in [0, 1]. In a class scenario `test` holds the retained classes only. */
export interface Accuracies {
  readonly forget: number;
  readonly retain: number;
  readonly test: number;
}

/** {@link Accuracies} and the result of one membership attack on the forget set, in [0, 1]. */
export interface AccuraciesAndAttack extends Accuracies {
  readonly attack: number;
}

/**
 * Average gap: the mean of abs(m(theta_u) - m(theta_r)) over unlearning accuracy (1 - forget accuracy), retain accuracy, test accuracy and
 * the membership attack; 0 for a model that matches the oracle. The four-way mean of the SalUn line of work, here of shares in [0, 1], not percent.
 *
 * A gap says how far, not on which side: read it beside the verdicts.
 *
 * @param unlearned values of the judged model.
 * @param oracle values of a retrained model, or their means over several.
 * @example
 * const oracle = { forget: 0.5, retain: 1, test: 0.5, attack: 0.5 };
 * averageGap({ forget: 1, retain: 1, test: 0.5, attack: 0.75 }, oracle); // 0.1875
 */
export function averageGap(unlearned: AccuraciesAndAttack, oracle: AccuraciesAndAttack): number {
  const names = ["forget", "retain", "test", "attack"] as const;
  return mean(names.map((name) => Math.abs(unlearned[name] - oracle[name]))) as number;
}
