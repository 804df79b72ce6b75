import { roc, tprAtFpr, type Roc } from "../membership/roc.ts";
import type { Matrix } from "../outputs/matrix.ts";
import { meanInterval, type Interval } from "../statistics/intervals.ts";
import { fitGaussians, logDensity, suitableVariance, type VarianceEstimate } from "./gaussians.ts";
import { defaultSmallestSigma, type GaussianOptions } from "./lira.ts";
import { checkMask, checkSameSamples, sizesOfScores } from "./model-scores.ts";
import { tallyCases, type Cases, type UnlearnedScores, type UnlearnedTargets } from "./u-lira-cases.ts";

export interface ULiraInput extends GaussianOptions {
  readonly shadows: UnlearnedScores;
  /** Runs of models that are not among the shadows. */
  readonly targets: UnlearnedTargets;
}

/** The outcome of U-LiRA. Shares in [0, 1], 0.5 being what guessing gives; null where a number is not defined. */
export interface ULira {
  readonly variance: VarianceEstimate;
  /** `[runs, samples]` log N(phi; H_u) - log N(phi; H_n) in nats, for all target runs and samples. */
  readonly logRatios: Matrix;
  /** `[runs, samples]` p(H_u | phi) = N_u / (N_u + N_n). */
  readonly posteriors: Matrix;
  /** (TPR + TNR) / 2 of "forgotten if p(H_u | phi) > 1/2": accuracy at equal numbers of both cases. A tie counts half. */
  readonly accuracy: number | null;
  /**
   * 95% t-interval for the accuracy over the targets' draws of halves; null unless two draws have both cases. The draw and not the model is the unit: in 500 simulated
   * audits of perfect unlearning with 16 targets, intervals over models covered 0.5 in 88%, over draws in 95%.
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
 * U-LiRA: can someone who knows the unlearning method tell a sample that was *unlearned* from one that was *never seen*?
 *
 * For each sample one normal distribution of phi over runs that unlearned it (H_u) and one over runs that never saw it and unlearned others
 * (H_n); held-out targets are then judged by the posterior p(H_u | phi) at equal priors. Perfect unlearning gives 0.5; carry out the same
 * plan with retraining in the place of unlearning for the value and the noise of a perfect method. Every setting of the method must
 * have been chosen on other models.
 *
 * A model with constant output cannot be told apart by anything: read the result beside a utility guard, as `uLiraRecords` does.
 *
 * Hayes, Shumailov, Triantafillou, Khalifa, Papernot 2024, Inexact Unlearning Needs More Careful Evaluations to Avoid a False Sense of Privacy.
 *
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/bad-mask`, `metrics/too-few-models`.
 * @example
 * const column = (values: number[]) => ({ shape: [values.length, 1], values: Float64Array.from(values) });
 * const shadows = { phi: column([4, 6, 0, 2]), forgotten: column([1, 1, 0, 0]), neverSeen: column([0, 0, 1, 1]) };
 * const targets = { phi: column([5, 2]), forgotten: column([1, 0]), neverSeen: column([0, 1]) };
 * const attack = uLira({ shadows, targets });
 * attack.accuracy; // 1
 * attack.logRatios.values; // [4, -2]
 */
export function uLira({ shadows, targets, ...options }: ULiraInput): ULira {
  const variance = options.variance ?? suitableVariance(shadows.forgotten, shadows.neverSeen);
  const smallest = options.smallestSigma ?? defaultSmallestSigma;
  const forgotten = fitGaussians(shadows.phi, shadows.forgotten, variance, smallest, "that unlearned it");
  const neverSeen = fitGaussians(shadows.phi, shadows.neverSeen, variance, smallest, "that never saw it");
  const sizes = sizesOfScores(targets.phi, "the targets' scores");
  checkSameSamples({ modelCount: 0, sampleCount: forgotten.mean.length }, sizes, "the targets' scores");
  checkMask(targets.forgotten, sizes, "forgotten");
  checkMask(targets.neverSeen, sizes, "never seen");

  const logRatios = Float64Array.from(targets.phi.values, (phi, i) => {
    const sample = i % sizes.sampleCount;
    return logDensity(forgotten, sample, phi) - logDensity(neverSeen, sample, phi);
  });
  const shape = [sizes.modelCount, sizes.sampleCount] as const;
  const cases = tallyCases(logRatios, targets, sizes);
  const curve = roc({ members: cases.all.forgottenScores, nonMembers: cases.all.neverSeenScores });
  const perDraw = [...cases.byDraw.values()].map(balancedAccuracy).filter((value) => value !== null);
  const interval = meanInterval(perDraw, 0.95);
  return {
    variance,
    logRatios: { shape, values: logRatios },
    posteriors: { shape, values: logRatios.map((ratio) => 1 / (1 + Math.exp(-ratio))) },
    accuracy: balancedAccuracy(cases.all),
    accuracyInterval: interval && { lower: Math.max(0, interval.lower), upper: Math.min(1, interval.upper) },
    curve,
    auc: curve?.auc ?? null,
    tprAtFpr1Percent: curve && tprAtFpr(curve, 0.01),
    tprAtFpr01Percent: curve && tprAtFpr(curve, 0.001),
    accuracyPerSample: cases.bySample.map(balancedAccuracy),
    cases: { forgotten: cases.all.forgottenScores.length, neverSeen: cases.all.neverSeenScores.length },
  };
}

function balancedAccuracy({ forgottenScores, neverSeenScores }: Cases): number | null {
  if (forgottenScores.length === 0 || neverSeenScores.length === 0) return null;
  const found = (scores: readonly number[], sign: number) =>
    scores.reduce((sum, score) => sum + (1 + Math.sign(sign * score)) / 2, 0) / scores.length;
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
