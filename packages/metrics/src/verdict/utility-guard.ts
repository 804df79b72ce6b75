/** Accuracies on the same samples, in [0, 1]. */
export interface UtilityInput {
  readonly accuracy: number;
  /** Mean of the oracles, or of the original model where there is no oracle. */
  readonly reference: number;
  /** Share of the most frequent label: the accuracy of always guessing it. */
  readonly majority: number;
}

/**
 * Whether a model has lost its use: acc - m <= max(0, acc_ref - m) / 2, where m is the accuracy of always guessing the most frequent label.
 *
 * Half of what the reference knows beyond guessing is gone. Needs no band, so it also works with one oracle or none, and no model with
 * constant output can pass it, however well it does in entropy or membership attacks. The factor one half is Lethe's decision: an alarm
 * for collapse; smaller losses are left to the bands.
 *
 * @example
 * utilityLost({ accuracy: 0.5, reference: 0.95, majority: 0.1 }); // true
 */
export function utilityLost({ accuracy, reference, majority }: UtilityInput): boolean {
  return accuracy - majority <= Math.max(0, reference - majority) / 2;
}
