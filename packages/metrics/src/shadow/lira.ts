import type { HostTensor } from "@lethe/core";
import type { AttackScores } from "../membership/roc.ts";
import type { Matrix } from "../outputs/matrix.ts";
import { fitGaussians, logDensity, suitableVariance, type Gaussians, type VarianceEstimate } from "./gaussians.ts";
import { checkMask, checkSameSamples, sizesOfScores } from "./model-scores.ts";
import { normalCdf } from "./normal-distribution.ts";

/** What shadow models say about samples, and which of them were trained with which sample. */
export interface ShadowScores {
  /** `[models, samples]` scaled confidences, see `margin`. */
  readonly phi: HostTensor;
  /** `[models, samples]`: 1 where the model was trained with the sample, 0 where it was not. */
  readonly members: HostTensor;
}

export interface GaussianOptions {
  /** Left out, it follows from the number of models: a sample's own variance from 32 values of each side on. */
  readonly variance?: VarianceEstimate;
  /** Floor of every sigma, in the unit of phi. Left out, 0.001. */
  readonly smallestSigma?: number;
}

/** The two distributions of the score that LiRA compares. */
export interface Lira {
  readonly variance: VarianceEstimate;
  readonly members: Gaussians;
  readonly nonMembers: Gaussians;
}

/** Far below any spread that training leaves, so that it acts on models that agree exactly and on nothing else. Lethe's decision. */
export const defaultSmallestSigma = 1e-3;

/**
 * Fits LiRA, the likelihood-ratio attack: for each sample one normal distribution of phi over the models trained with it (IN) and one over
 * those trained without it (OUT).
 *
 * Carlini et al. 2022, Membership Inference Attacks From First Principles. Pooled variance is the "global" variance that they advise below
 * about 64 models; here each of IN and OUT has one of its own.
 *
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/bad-mask`, `metrics/too-few-models`.
 * @example
 * const phi = { shape: [4, 1], values: new Float64Array([4, 6, 0, 2]) };
 * const members = { shape: [4, 1], values: new Uint8Array([1, 1, 0, 0]) };
 * fitLira({ phi, members }).members.mean; // [5]
 */
export function fitLira({ phi, members }: ShadowScores, options: GaussianOptions = {}): Lira {
  checkMask(members, sizesOfScores(phi, "the shadow models' scores"), "members");
  const nonMembers = opposite(members);
  const variance = options.variance ?? suitableVariance(members, nonMembers);
  const smallest = options.smallestSigma ?? defaultSmallestSigma;
  return {
    variance,
    members: fitGaussians(phi, members, variance, smallest, "trained with it"),
    nonMembers: fitGaussians(phi, nonMembers, variance, smallest, "trained without it"),
  };
}

/**
 * Online LiRA: score = log N(phi; mu_in, s_in) - log N(phi; mu_out, s_out) of every sample under every target model, in nats; larger means
 * "more likely a member".
 *
 * Includes the -log s terms: without them a sample whose models differ in spread alone is ranked wrongly. Targets must not be among the
 * models that were fitted.
 *
 * @param targets `[targets, samples]` scaled confidences.
 * @returns `[targets, samples]` float64.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`.
 * @example
 * const phi = { shape: [4, 1], values: new Float64Array([4, 6, 0, 2]) };
 * const lira = fitLira({ phi, members: { shape: [4, 1], values: new Uint8Array([1, 1, 0, 0]) } });
 * liraScores(lira, { shape: [2, 1], values: new Float64Array([5, 3]) }).values; // [4, 0]
 */
export function liraScores({ members, nonMembers }: Lira, targets: HostTensor): Matrix {
  return mapTargets(targets, members, (phi, j) => logDensity(members, j, phi) - logDensity(nonMembers, j, phi));
}

/**
 * Offline LiRA, from OUT models alone: score = Phi((phi - mu_out) / s_out), the share of models trained without the sample that are less
 * confident; in [0, 1], larger means "more likely a member".
 *
 * One-sided: sees that a sample is handled with more confidence than usual, and cannot see a difference in spread alone.
 *
 * @param targets `[targets, samples]` scaled confidences.
 * @returns `[targets, samples]` float64.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`.
 * @example
 * const nonMembers = { mean: new Float64Array([1]), sigma: new Float64Array([2]), counts: new Uint32Array([8]) };
 * offlineLiraScores(nonMembers, { shape: [2, 1], values: new Float64Array([1, 3]) }).values; // [0.5, 0.841345]
 */
export function offlineLiraScores(nonMembers: Gaussians, targets: HostTensor): Matrix {
  return mapTargets(targets, nonMembers, (phi, j) => normalCdf((phi - nonMembers.mean[j]) / nonMembers.sigma[j]));
}

/**
 * Sorts the scores of an attack by what is true, for `roc` and `tprAtFpr`.
 *
 * @param scores `[targets, samples]`.
 * @param members `[targets, samples]` zeros and ones.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/bad-mask`.
 * @example
 * const scores = { shape: [1, 3] as const, values: new Float64Array([3, 1, 2]) };
 * splitByMembership(scores, { shape: [1, 3], values: new Uint8Array([1, 0, 1]) }); // { members: [3, 2], nonMembers: [1] }
 */
export function splitByMembership(scores: HostTensor, members: HostTensor): AttackScores {
  checkMask(members, sizesOfScores(scores, "the attack's scores"), "members");
  const those = (kind: number) => Float64Array.from(scores.values).filter((_, i) => members.values[i] === kind);
  return { members: those(1), nonMembers: those(0) };
}

function mapTargets(targets: HostTensor, fitted: Gaussians, score: (phi: number, sample: number) => number): Matrix {
  const sizes = sizesOfScores(targets, "the target models' scores");
  checkSameSamples({ modelCount: 0, sampleCount: fitted.mean.length }, sizes, "the target models' scores");
  const values = Float64Array.from(targets.values, (phi, i) => score(phi, i % sizes.sampleCount));
  return { shape: [sizes.modelCount, sizes.sampleCount], values };
}

function opposite({ shape, values }: HostTensor): HostTensor {
  return { shape, values: Uint8Array.from(values, (value) => 1 - value) };
}
