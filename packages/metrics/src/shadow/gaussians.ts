import type { HostTensor } from "@lethe/core";
import { checkMask, sizesOfScores, tooFewModels, valuesOfSample } from "./model-scores.ts";
import { mean } from "../statistics/moments.ts";

/** How sigma is estimated: each sample by itself, or one for all samples. */
export type VarianceEstimate = "per-sample" | "pooled";

/** One normal distribution of the score per sample, over models. */
export interface Gaussians {
  /** `[samples]`. */
  readonly mean: Float64Array;
  /** `[samples]`, all equal if pooled. */
  readonly sigma: Float64Array;
  /** `[samples]`: by how many models each was estimated. */
  readonly counts: Uint32Array;
}

/** From this many values of each side on, a sample's own variance is preferred: LiRA's authors pool it below some 64 models, 32 a side. */
const valuesForOwnVariance = 32;

/**
 * One normal distribution per sample, fitted to the scores of the models that the mask names.
 *
 * Per sample s_j^2 = sum over models of (phi_j - mu_j)^2 / (n_j - 1); pooled s^2 = sum over samples of (n_j - 1) s_j^2 / sum of (n_j - 1).
 *
 * @param phi `[models, samples]` scores.
 * @param mask `[models, samples]` zeros and ones.
 * @param smallestSigma raises every smaller sigma, so that models that agree exactly do not become infinitely sure.
 * @param side what the named models did with a sample, for errors: "trained with it".
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/bad-mask`, and `metrics/too-few-models` for a sample without
 * a value, or with one where two are needed.
 */
export function fitGaussians(phi: HostTensor, mask: HostTensor, variance: VarianceEstimate, smallestSigma: number, side: string): Gaussians {
  const sizes = sizesOfScores(phi, "the shadow models' scores");
  checkMask(mask, sizes, side);
  const needed = variance === "pooled" ? 1 : 2;
  const squares = new Float64Array(sizes.sampleCount);
  const centres = new Float64Array(sizes.sampleCount);
  const counts = new Uint32Array(sizes.sampleCount);
  for (let j = 0; j < sizes.sampleCount; j++) {
    const values = valuesOfSample(phi, j, mask);
    if (values.length < needed) throw tooFewModels(j, side, values.length, needed);
    // Equal values have mean and spread without rounding.
    const centre = values.every((value) => value === values[0]) ? values[0] : (mean(values) as number);
    squares[j] = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
    centres[j] = centre;
    counts[j] = values.length;
  }
  const degrees = counts.reduce((sum, count) => sum + count - 1, 0);
  if (variance === "pooled" && sizes.sampleCount > 0 && degrees === 0) throw tooFewModels(0, side, 1, 2);
  const pooled = Math.sqrt(squares.reduce((a, b) => a + b, 0) / degrees);
  const sigma = squares.map((square, j) => Math.max(smallestSigma, variance === "pooled" ? pooled : Math.sqrt(square / (counts[j] - 1))));
  return { mean: centres, sigma, counts };
}

/** The estimate that suits the number of models: `"per-sample"` if every sample has 32 values under each mask, else `"pooled"`. */
export function suitableVariance(...masks: readonly HostTensor[]): VarianceEstimate {
  const enough = masks.every((mask) => {
    const sampleCount = mask.shape[1];
    const counts = new Uint32Array(sampleCount);
    mask.values.forEach((value: number, i: number) => (counts[i % sampleCount] += value));
    return counts.every((count) => count >= valuesForOwnVariance);
  });
  return enough ? "per-sample" : "pooled";
}

/** log N(value; mu_j, s_j) without the constant log sqrt(2 pi), which cancels in every ratio. */
export function logDensity({ mean, sigma }: Gaussians, sample: number, value: number): number {
  return -(((value - mean[sample]) / sigma[sample]) ** 2) / 2 - Math.log(sigma[sample]);
}
