export interface NormalisedUnlearningInput {
  /** Test accuracy of the unlearned model, in [0, 1]. */
  readonly test: number;
  /** Accuracy of a membership attack between forget and unseen samples, in [0, 1]. */
  readonly attack: number;
  /** w, the share of test accuracy in the score. Default 1/2. */
  readonly testWeight?: number;
}

/**
 * Normalised machine unlearning score: NoMUS = w TA + (1 - w) (1 - 2 abs(MIA - 1/2)); in [0, 1], 1 for a perfect model whose forget set an attack
 * cannot tell from unseen samples. Choi, Na 2023 (MUFAC).
 *
 * Averages utility and forgetting, so that one can pay for the other.
 *
 * @example
 * normalisedUnlearningScore({ test: 0.8, attack: 0.6 }); // 0.8
 */
export function normalisedUnlearningScore({ test, attack, testWeight = 0.5 }: NormalisedUnlearningInput): number {
  return testWeight * test + (1 - testWeight) * (1 - 2 * Math.abs(attack - 0.5));
}
