export interface AdaptiveUnlearningInput {
  /** Accuracies of the unlearned model, in [0, 1]. */
  readonly unlearned: { readonly forget: number; readonly test: number };
  /** Test accuracy of the model before unlearning. */
  readonly originalTest: number;
  /**
   * Where forget accuracy should end: `"samples"` at the test accuracy, `"class"` at 0. In a class scenario both test accuracies are of the retained classes.
   */
  readonly scenario: "samples" | "class";
}

/**
 * Adaptive unlearning score: AUS = (1 - (TA_o - TA_u)) / (1 + Delta), Delta = abs(TA_u - FA_u) for samples and abs(0 - FA_u) for a class.
 *
 * Near 1 when no test accuracy was lost and the forget set is treated like unseen data; above 1 when test accuracy rose. Compares with the original
 * model, not with a retrained one, so read it beside the oracles' score.
 *
 * Cotogni et al. 2023 (DUCK); the form for samples is the one that ERASURE computes.
 *
 * @example
 * adaptiveUnlearningScore({ unlearned: { forget: 0.9, test: 0.8 }, originalTest: 0.85, scenario: "samples" }); // 0.863636
 */
export function adaptiveUnlearningScore({ unlearned: { forget, test }, originalTest, scenario }: AdaptiveUnlearningInput): number {
  const aim = scenario === "samples" ? test : 0;
  return (1 - (originalTest - test)) / (1 + Math.abs(aim - forget));
}
