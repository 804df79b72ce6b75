import { roc, tprAtFpr, type Roc } from "../membership/roc.ts";
import { meanInterval, type Interval } from "../statistics/intervals.ts";
import type { ScoreSizes } from "./model-scores.ts";
import { tallyCases, type Cases, type UnlearnedTargets } from "./unlearning-cases.ts";

/**
 * How well an attack tells *unlearned* from *never seen*, over all targets. Shares in [0, 1], 0.5 being what guessing gives; null where a number is not
 * defined.
 */
export interface UnlearningOutcome {
  /** (TPR + TNR) / 2 of "forgotten if the score exceeds the threshold": accuracy at equal numbers of both cases. A tie counts half. */
  readonly accuracy: number | null;
  /**
   * 95% t-interval for the accuracy over the targets' draws of halves; null unless two draws have both cases. The draw and not the model is the unit: in 500 simulated
   * audits of perfect unlearning with 16 targets, U-LiRA's intervals over models covered 0.5 in 88%, over draws in 95%.
   */
  readonly accuracyInterval: Interval | null;
  readonly curve: Roc | null;
  readonly auc: number | null;
  readonly tprAtFpr1Percent: number | null;
  readonly tprAtFpr01Percent: number | null;
  /** `[samples]` like `accuracy`, of each sample alone: an unremarkable mean may hide a few that are always found. */
  readonly accuracyPerSample: readonly (number | null)[];
  readonly cases: { readonly forgotten: number; readonly neverSeen: number };
}

/**
 * @param scores `[runs, samples]` larger means "more likely forgotten"; where a run has neither forgotten the sample nor never seen it, not read.
 * @param threshold chosen without these targets.
 */
export function unlearningOutcome(scores: Float64Array, threshold: number, targets: UnlearnedTargets, sizes: ScoreSizes): UnlearningOutcome {
  const { all, bySample, byDraw } = tallyCases(scores, targets, sizes);
  const accuracyOf = (cases: Cases) => balancedAccuracy(cases, threshold);
  const curve = roc({ members: all.forgottenScores, nonMembers: all.neverSeenScores });
  const perDraw = [...byDraw.values()].map(accuracyOf).filter((value) => value !== null);
  const interval = meanInterval(perDraw, 0.95);
  return {
    accuracy: accuracyOf(all),
    accuracyInterval: interval && { lower: Math.max(0, interval.lower), upper: Math.min(1, interval.upper) },
    curve,
    auc: curve?.auc ?? null,
    tprAtFpr1Percent: curve && tprAtFpr(curve, 0.01),
    tprAtFpr01Percent: curve && tprAtFpr(curve, 0.001),
    accuracyPerSample: bySample.map(accuracyOf),
    cases: { forgotten: all.forgottenScores.length, neverSeen: all.neverSeenScores.length },
  };
}

function balancedAccuracy({ forgottenScores, neverSeenScores }: Cases, threshold: number): number | null {
  if (forgottenScores.length === 0 || neverSeenScores.length === 0) return null;
  const found = (scores: readonly number[], sign: number) =>
    scores.reduce((sum, score) => sum + (1 + Math.sign(sign * (score - threshold))) / 2, 0) / scores.length;
  return (found(forgottenScores, 1) + found(neverSeenScores, -1)) / 2;
}

/**
 * Histogram of shares: `counts[i]` values in [i / bins, (i + 1) / bins), the last bin with both ends; null values are left out.
 *
 * @example
 * shareHistogram([0, 0.5, 0.5, 1, null], 2); // [1, 3]
 */
export function shareHistogram(shares: readonly (number | null)[], bins: number): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (const share of shares) if (share !== null) counts[Math.min(bins - 1, Math.floor(share * bins))]++;
  return counts;
}
