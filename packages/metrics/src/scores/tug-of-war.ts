import type { Accuracies, AccuraciesAndAttack } from "./gap.ts";

/**
 * Tug-of-War: ToW = (1 - dF)(1 - dR)(1 - dT), d the absolute difference of the two models' accuracies on the forget, retain and test
 * set; in [0, 1], 1 for a model that matches the oracle. Zhao et al. 2024, What makes unlearning hard and what to do about it.
 *
 * Sees accuracies, not samples, and saturates near 1 on easy random forget sets.
 *
 * @param unlearned accuracies of the judged model.
 * @param oracle accuracies of a retrained model, or their means over several.
 * @example
 * tugOfWar({ forget: 0.5, retain: 1, test: 0.75 }, { forget: 0, retain: 1, test: 0.5 }); // 0.375
 */
export function tugOfWar(unlearned: Accuracies, oracle: Accuracies): number {
  const closeness = (name: keyof Accuracies) => 1 - Math.abs(unlearned[name] - oracle[name]);
  return closeness("forget") * closeness("retain") * closeness("test");
}

/**
 * Tug-of-War with a membership attack in the place of forget accuracy: ToW-MIA = (1 - dM)(1 - dR)(1 - dT), dM the absolute difference of the attack's
 * results; Zhao et al. 2024 take the efficacy of the {@link svcAttack} on the confidence.
 *
 * @param unlearned values of the judged model; `forget` is not used.
 * @param oracle values of a retrained model, or their means over several.
 * @example
 * const oracle = { forget: 0, retain: 1, test: 0.5, attack: 0.25 };
 * tugOfWarWithAttack({ forget: 0.5, retain: 1, test: 0.75, attack: 0.75 }, oracle); // 0.375
 */
export function tugOfWarWithAttack(unlearned: AccuraciesAndAttack, oracle: AccuraciesAndAttack): number {
  return tugOfWar({ ...unlearned, forget: unlearned.attack }, { ...oracle, forget: oracle.attack });
}
