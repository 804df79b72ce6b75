/**
 * Indiscernibility = 1 - abs(a - 1/2) / (1/2), a the accuracy of a membership attack on two sets of equal size; 1 where the attack guesses,
 * 0 where it is always right or always wrong. As in DeepUnlearn, with the accuracy of {@link logisticAttack}.
 *
 * @param attackAccuracy in [0, 1].
 * @example
 * indiscernibility(0.75); // 0.5
 */
export function indiscernibility(attackAccuracy: number): number {
  return 1 - Math.abs(attackAccuracy - 0.5) / 0.5;
}
