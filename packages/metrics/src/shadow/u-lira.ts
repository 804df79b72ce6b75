import type { Matrix } from "../outputs/matrix.ts";
import { fitGaussians, logDensity, suitableVariance, type VarianceEstimate } from "./gaussians.ts";
import { defaultSmallestSigma, type GaussianOptions } from "./lira.ts";
import { checkMask, checkSameSamples, sizesOfScores } from "./model-scores.ts";
import type { UnlearnedScores, UnlearnedTargets } from "./unlearning-cases.ts";
import { unlearningOutcome, type UnlearningOutcome } from "./unlearning-outcome.ts";

export interface ULiraInput extends GaussianOptions {
  readonly shadows: UnlearnedScores;
  /** Runs of models that are not among the shadows. */
  readonly targets: UnlearnedTargets;
}

/** The outcome of U-LiRA: "forgotten if p(H_u | phi) > 1/2". */
export interface ULira extends UnlearningOutcome {
  readonly variance: VarianceEstimate;
  /** `[runs, samples]` log N(phi; H_u) - log N(phi; H_n) in nats, for all target runs and samples. */
  readonly logRatios: Matrix;
  /** `[runs, samples]` p(H_u | phi) = N_u / (N_u + N_n). */
  readonly posteriors: Matrix;
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
  return {
    variance,
    logRatios: { shape, values: logRatios },
    posteriors: { shape, values: logRatios.map((ratio) => 1 / (1 + Math.exp(-ratio))) },
    ...unlearningOutcome(logRatios, 0, targets, sizes),
  };
}
