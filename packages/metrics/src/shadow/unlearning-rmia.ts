import { LetheError } from "@lethe/core";
import type { Matrix } from "../outputs/matrix.ts";
import { checkSameSamples, type ScoreSizes } from "./model-scores.ts";
import { rmiaOfRuns } from "./rmia-of-runs.ts";
import { rehearseRmia } from "./rmia-rehearsal.ts";
import { meansOutside, probabilitiesOfRuns, type ProbabilitiesOfRuns, type RunsWithPopulation } from "./runs-outside.ts";
import { unlearningOutcome, type UnlearningOutcome } from "./unlearning-outcome.ts";

export interface UnlearningRmiaInput {
  readonly shadows: RunsWithPopulation;
  /** Runs of models that are not among the shadows. */
  readonly targets: RunsWithPopulation;
  /** gamma: how many times likelier than a population sample one has to be. Left out, 1. */
  readonly ratio?: number;
}

/** The outcome of RMIA for unlearning: "forgotten if the score exceeds the threshold". */
export interface UnlearningRmia extends UnlearningOutcome {
  /** Chosen by the rehearsal, see `RmiaPrior`. */
  readonly a: number;
  /** Chosen by the rehearsal; infinite where calling nothing forgotten did best. */
  readonly threshold: number;
  /** Of the rehearsal at this a. */
  readonly rehearsalAuc: number;
  /** `[runs, samples]` of the targets: shares of the population; NaN where the sample was kept, which is not asked. */
  readonly scores: Matrix;
}

/**
 * RMIA for unlearning: can someone who knows the unlearning method tell a sample that was *unlearned* from one that was *never seen*, from how much likelier a model finds
 * it than models that never saw it do?
 *
 * The score of a sample x under a target run theta is the share of population samples z with
 *
 * (p(x | theta) / p(x)) / (p(z | theta) / p(z)) > gamma, p(.) = ((1 + a) p_out(.) + 1 - a) / 2,
 *
 * in [0, 1]; p_out is the mean over the shadow runs that never saw x and unlearned others, for z over the same runs; p = 1 / (1 + exp(-phi)). What runs that forgot or
 * kept x say of it is not used.
 *
 * a and the threshold come from a rehearsal: every shadow run is attacked with the help of the shadow runs of other draws, and of a = 0, 0.1 ... 1 the one with the
 * largest AUC over all of them is taken, the first on a tie; then the threshold with the largest TPR - FPR, halfway to the next score below. Targets have no part in either.
 *
 * One-sided, unlike U-LiRA: what stands out by being *less* likely than never seen gives an AUC below 0.5, which betrays it as well. A model with constant output cannot be
 * told apart by anything: read the result beside a utility guard, as `rmiaRecords` does.
 *
 * Zarifzadeh, Liu, Shokri 2024, Low-Cost High-Power Membership Inference Attacks, with the hypotheses of Hayes et al. 2024 (U-LiRA). Differs from {@link rmiaScores} in that
 * p_out of a population sample is taken over the references of x alone.
 *
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/bad-mask`, `metrics/bad-argument`, and `metrics/too-few-models` unless
 * the shadow runs are of two draws at least and have both cases.
 * @example
 * const column = (values: number[]) => ({ shape: [values.length, 1], values: Float64Array.from(values) });
 * const roles = { forgotten: column([1, 0, 1, 0]), neverSeen: column([0, 1, 0, 1]), drawOfRun: [0, 0, 1, 1], population: column([0, 0, 0, 0]) };
 * const attack = unlearningRmia({ shadows: { ...roles, phi: column([4, 0, 6, -1]) }, targets: { ...roles, phi: column([5, -3, 3, -2]) } });
 * attack.scores.values; // [1, 0, 1, 0]
 * attack.accuracy; // 1
 */
export function unlearningRmia({ shadows, targets, ratio = 1 }: UnlearningRmiaInput): UnlearningRmia {
  if (!(ratio > 0 && Number.isFinite(ratio))) {
    throw new LetheError("metrics/bad-argument", `RMIA's ratio must be a positive number; it is ${ratio}.`, { ratio });
  }
  const known = probabilitiesOfRuns(shadows, "the shadow models' scores");
  const attacked = probabilitiesOfRuns(targets, "the targets' scores");
  checkSameSamples(sizesOf(known), sizesOf(attacked), "the targets' scores");
  checkPopulations(shadows, targets);
  const outside = Array.from({ length: known.samples }, (_, sample) => meansOutside(known, sample));
  const { a, auc, threshold } = rehearseRmia(known, outside, ratio);
  const [scores] = rmiaOfRuns(attacked, (sample) => outside[sample](), [a], ratio);
  return {
    a,
    threshold,
    rehearsalAuc: auc,
    scores: { shape: [attacked.runs, attacked.samples], values: scores },
    ...unlearningOutcome(scores, threshold, targets, sizesOf(attacked)),
  };
}

function sizesOf({ runs, samples }: ProbabilitiesOfRuns): ScoreSizes {
  return { modelCount: runs, sampleCount: samples };
}

/** Every run is asked about the same population, and there is one. */
function checkPopulations(...sides: readonly RunsWithPopulation[]): void {
  const [, size] = sides[0].population.shape;
  if (size > 0 && sides.every(({ phi, population }) => population.shape[0] === phi.shape[0] && population.shape[1] === size)) return;
  throw new LetheError(
    "metrics/shape-mismatch",
    "The population must be scored by every run, be the same for shadows and targets, and not be empty.",
    {
      samples: sides.map(({ phi }) => phi.shape),
      population: sides.map(({ population }) => population.shape),
    },
  );
}
