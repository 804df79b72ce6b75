import { createRandom, LetheError, type HostTensor } from "@lethe/core";
import { valuesOfSample } from "../shadow/model-scores.ts";
import { mean } from "../statistics/moments.ts";
import { competitionEpsilon } from "./epsilon.ts";
import { sizesOfPair, splitModels } from "./model-pairs.ts";

/** Accuracies of every model, in [0, 1]; `[models]`. */
export interface ModelAccuracies {
  readonly retain: ArrayLike<number>;
  readonly test: ArrayLike<number>;
}

export interface ForgettingScoreInput {
  /** `[models, samples]` scaled confidences of the forget set under unlearned models. */
  readonly unlearned: HostTensor;
  /** `[models, samples]` under as many retrained models. */
  readonly retrained: HostTensor;
  /** For the final score. */
  readonly accuracies?: { readonly unlearned: ModelAccuracies; readonly retrained: ModelAccuracies };
}

/** Null where a number is not defined. */
export interface ForgettingScore {
  readonly modelsPerSide: number;
  /** Number of bins of width 1/2 that earn points. */
  readonly bins: number;
  /** `[samples]`, in [0, 50]. */
  readonly epsilons: readonly (number | null)[];
  /** `[samples]`, in [0, 1]. */
  readonly points: readonly (number | null)[];
  /** Samples without an epsilon; they are left out of the score. */
  readonly undefinedSamples: readonly number[];
  /** F, the mean of the points. */
  readonly forgetScore: number | null;
  /** F (RA_u / RA_r) (TA_u / TA_r); null without accuracies. */
  readonly finalScore: number | null;
}

const binWidth = 0.5;

/**
 * The score of the NeurIPS 2023 machine unlearning competition: how hard it is to tell unlearned from retrained models by their outputs on
 * each forgotten sample.
 *
 * A sample's epsilon is the largest that a simple rule shows (`competitionEpsilon` in the source). In bin n = 1, 2 ... of width 1/2 it earns
 * 2^(1 - n), above ceil(log(N - 1)) nothing, N being the number of models per side (512 in the competition). F = mean of the points, and
 * final score = F (RA_u / RA_r) (TA_u / TA_r) with mean accuracies on retain and test set.
 *
 * Follows the published code down to its grids. Where that code stops with an error (no rule is left, as for two equal constants), epsilon
 * is null and the sample left out; undefined samples are named. Being the best of many rules on the same models, epsilon exceeds 0 for equal
 * distributions too: read F beside {@link forgettingCeiling}, and for a bound that holds see `certifiedEpsilons`. Unlearned models
 * usually start from one original and so vary too little; noise, useless otherwise, then raises the score.
 *
 * Triantafillou et al. 2024, Are we making progress in unlearning? Findings from the first NeurIPS unlearning competition.
 *
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/too-few-models` below three models a side.
 * @example
 * const phi = { shape: [4, 1], values: new Float64Array([0, 1, 2, 3]) };
 * const { epsilons, bins, forgetScore } = forgettingScore({ unlearned: phi, retrained: phi });
 * epsilons; // [0]
 * bins; // 4
 * forgetScore; // 1
 */
export function forgettingScore({ unlearned, retrained, accuracies }: ForgettingScoreInput): ForgettingScore {
  const { modelCount, sampleCount } = sizesOfPair(unlearned, retrained);
  if (modelCount < 3) {
    throw new LetheError("metrics/too-few-models", `Below three models a side no epsilon is measurable; there are ${modelCount}.`, {
      models: modelCount,
    });
  }
  const bins = Math.ceil(Math.log(modelCount - 1)) / binWidth;
  const epsilons = Array.from({ length: sampleCount }, (_, j) =>
    competitionEpsilon(valuesOfSample(unlearned, j).toSorted(), valuesOfSample(retrained, j).toSorted()),
  );
  const points = epsilons.map((epsilon) => (epsilon === null ? null : pointsOf(epsilon, bins)));
  const forgetScore = mean(points.filter((value) => value !== null));
  return {
    modelsPerSide: modelCount,
    bins,
    epsilons,
    points,
    undefinedSamples: epsilons.flatMap((epsilon, j) => (epsilon === null ? [j] : [])),
    forgetScore,
    finalScore: forgetScore === null || accuracies === undefined ? null : withUtility(forgetScore, accuracies, modelCount),
  };
}

function pointsOf(epsilon: number, bins: number): number {
  const bin = Math.floor(epsilon / binWidth);
  return bin < bins ? 2 ** -bin : 0;
}

/** Null where the retrained models are right nowhere. */
function withUtility(score: number, { unlearned, retrained }: NonNullable<ForgettingScoreInput["accuracies"]>, modelCount: number): number | null {
  const average = (values: ArrayLike<number>) => {
    if (values.length === modelCount) return mean(values) as number;
    throw new LetheError("metrics/shape-mismatch", `There are ${modelCount} models and ${values.length} accuracies.`, {
      expected: modelCount,
      actual: values.length,
    });
  };
  const final = score * (average(unlearned.retain) / average(retrained.retain)) * (average(unlearned.test) / average(retrained.test));
  return Number.isFinite(final) ? final : null;
}

export interface SplitOptions {
  /** How many random splits of the models. Left out, 10. */
  readonly splits?: number;
  readonly seed: number | string;
}

/** What retrained models score against one another. */
export interface ForgettingCeiling {
  /** F of each split. */
  readonly values: readonly number[];
  readonly mean: number | null;
  readonly modelsPerSide: number;
}

/**
 * The score F that perfect unlearning gets: retrained models against other retrained models, over random halves of them. Far below 1, as the
 * largest epsilon of many rules is never 0 by chance alone.
 *
 * F depends on the number of models, and a half has half as many: for the ceiling of an evaluation with N models a side pass 2 N retrained models.
 *
 * @param retrained `[models, samples]` scaled confidences.
 * @throws LetheError as {@link forgettingScore}; at least six models.
 * @example
 * const phi = { shape: [8, 1], values: new Float64Array([0, 1, 2, 3, 4, 5, 6, 7]) };
 * forgettingCeiling(phi, { seed: 1, splits: 3 }).modelsPerSide; // 4
 */
export function forgettingCeiling(retrained: HostTensor, { splits = 10, seed }: SplitOptions): ForgettingCeiling {
  const random = createRandom(seed).split("forgetting ceiling");
  const scores = Array.from({ length: splits }, (_, split) => {
    const [first, second] = splitModels(retrained, random.split(split));
    return forgettingScore({ unlearned: first, retrained: second });
  });
  const values = scores.map(({ forgetScore }) => forgetScore).filter((value) => value !== null);
  return { values, mean: mean(values), modelsPerSide: retrained.shape[0] >> 1 };
}
