import { roc } from "./roc.ts";

/** Losses, in nats, of samples whose membership is known. */
export interface KnownLosses {
  readonly members: ArrayLike<number>;
  readonly nonMembers: ArrayLike<number>;
}

/** Losses of the samples under attack: the forget set, and unseen samples that took no part in fitting the threshold. */
export interface AttackedLosses {
  readonly forget: ArrayLike<number>;
  readonly unseen: ArrayLike<number>;
}

/** What the rule "member if loss <= threshold" does. */
export interface LossThresholdAttack {
  /** In nats; -Infinity where calling nobody a member is the best that can be done. */
  readonly threshold: number;
  /** Share of the forget set called members. */
  readonly truePositiveRate: number;
  /** Share of the unseen samples called members. */
  readonly falsePositiveRate: number;
  /** TPR - FPR, in [-1, 1]; 0 is no better than guessing. */
  readonly advantage: number;
}

/**
 * Membership inference by one loss threshold for all samples: predict member if loss(x) <= tau.
 *
 * tau maximises the balanced accuracy (TPR + TNR) / 2 on samples of known membership; of equally good values the smallest is taken. It is
 * then applied to samples that did not choose it. A population attack: it understates what an attacker with shadow models can do. Retained
 * samples have lower loss than any forgotten one, so a tau learnt from them is loose.
 *
 * Differs from Yeom et al. 2018 (Privacy Risk in Machine Learning), whose tau is the mean training loss. O(n log n).
 *
 * @returns null when one of the four sets is empty.
 * @throws LetheError `metrics/nan-score`.
 * @example
 * const known = { members: [0.1, 0.2, 0.3], nonMembers: [0.9, 1.1, 2] };
 * lossThresholdAttack(known, { forget: [0.2, 0.3], unseen: [0.7, 0.1] })?.advantage; // 0.5
 */
export function lossThresholdAttack(known: KnownLosses, attacked: AttackedLosses): LossThresholdAttack | null {
  const threshold = fitLossThreshold(known);
  if (threshold === null || attacked.forget.length === 0 || attacked.unseen.length === 0) return null;
  const truePositiveRate = shareAtMost(attacked.forget, threshold);
  const falsePositiveRate = shareAtMost(attacked.unseen, threshold);
  return { threshold, truePositiveRate, falsePositiveRate, advantage: truePositiveRate - falsePositiveRate };
}

/**
 * The loss tau that maximises the balanced accuracy of "member if loss <= tau"; the smallest such one, -Infinity if nothing beats
 * calling nobody a member; null when either set is empty.
 *
 * @example
 * fitLossThreshold({ members: [0.1, 0.3], nonMembers: [0.9, 0.2] }); // 0.1
 */
export function fitLossThreshold({ members, nonMembers }: KnownLosses): number | null {
  const curve = roc({ members: negated(members), nonMembers: negated(nonMembers) });
  if (curve === null) return null;
  let best = 0;
  const advantage = (i: number) => curve.truePositiveRates[i] - curve.falsePositiveRates[i];
  for (let i = 1; i < curve.thresholds.length; i++) if (advantage(i) > advantage(best)) best = i;
  return -curve.thresholds[best];
}

/** Scores from losses or entropies: small means member, so the sign is turned. */
export function negated(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value) => -value);
}

function shareAtMost(values: ArrayLike<number>, threshold: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] <= threshold) count++;
  return count / values.length;
}
