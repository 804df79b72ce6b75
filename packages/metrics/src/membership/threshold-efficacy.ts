import { fitLossThreshold, negated } from "./loss-threshold.ts";

/** Scores of one model's outputs, such as confidences: larger means more like a member. */
export interface ThresholdEfficacyInput {
  readonly members: ArrayLike<number>;
  readonly nonMembers: ArrayLike<number>;
  readonly forget: ArrayLike<number>;
}

/**
 * Share of the forget set below the score threshold with the best balanced accuracy between members and non-members: what {@link svcAttack} measures,
 * with the simplest classifier there is.
 *
 * For one feature that rises with membership both draw one boundary; they place it differently where the two sides overlap, because a support-vector
 * machine weighs how far a sample is beyond the boundary and this rule only counts. O(n log n), so it needs no sub-sample. Of equally good thresholds
 * the one that calls fewest samples members is taken.
 *
 * @returns null when one of the sets is empty.
 * @throws LetheError `metrics/nan-score`.
 * @example
 * thresholdEfficacy({ members: [0.9, 1, 0.95], nonMembers: [0.2, 0.4, 0.1], forget: [0.3, 0.9] }); // 0.5
 */
export function thresholdEfficacy({ members, nonMembers, forget }: ThresholdEfficacyInput): number | null {
  const threshold = fitLossThreshold({ members: negated(members), nonMembers: negated(nonMembers) });
  if (threshold === null || forget.length === 0) return null;
  let rejected = 0;
  for (let i = 0; i < forget.length; i++) if (forget[i] < -threshold) rejected++;
  return rejected / forget.length;
}
