import { roc, type Roc } from "../membership/roc.ts";
import { tooFewModels } from "./model-scores.ts";
import { rmiaOfRuns } from "./rmia-of-runs.ts";
import type { OutsideMeans, ProbabilitiesOfRuns } from "./runs-outside.ts";
import { tallyCases } from "./unlearning-cases.ts";

export interface Rehearsal {
  readonly a: number;
  /** Forgotten cases above never-seen ones, at this a. */
  readonly auc: number;
  readonly threshold: number;
}

/** 0, 0.1 ... 1. */
const grid: readonly number[] = Array.from({ length: 11 }, (_, tenths) => tenths / 10);

/**
 * The attack on each shadow run, whose cases are known, with the help of the runs of other draws: the a with the largest AUC over all of them, the first on a tie, and the
 * threshold that then divides them best.
 *
 * @param outside of each sample, see `meansOutside`.
 * @throws LetheError `metrics/too-few-models`.
 */
export function rehearseRmia(shadows: ProbabilitiesOfRuns, outside: readonly ((withoutDraw: number) => OutsideMeans)[], gamma: number): Rehearsal {
  const sizes = { modelCount: shadows.runs, sampleCount: shadows.samples };
  const curves = rmiaOfRuns(shadows, (sample, draw) => outside[sample](draw), grid, gamma).map((scores) => {
    const { forgottenScores, neverSeenScores } = tallyCases(scores, shadows, sizes).all;
    return roc({ members: forgottenScores, nonMembers: neverSeenScores });
  });
  let best: { readonly a: number; readonly curve: Roc } | undefined;
  curves.forEach((curve, index) => {
    if (curve !== null && (best === undefined || curve.auc > best.curve.auc)) best = { a: grid[index], curve };
  });
  if (best === undefined) throw tooFewModels(0, "with both cases to rehearse on", 0, 1);
  return { a: best.a, auc: best.curve.auc, threshold: dividingThreshold(best.curve) };
}

/** The largest TPR - FPR, the strictest on a tie; halfway to the next score, as nothing is known between the two. Infinite where nobody is best called forgotten. */
function dividingThreshold({ thresholds, truePositiveRates, falsePositiveRates }: Roc): number {
  const advantage = truePositiveRates.map((rate, index) => rate - falsePositiveRates[index]);
  const index = advantage.indexOf(advantage.reduce((most, each) => Math.max(most, each)));
  return index === 0 ? Infinity : (thresholds[index] + (thresholds[index + 1] ?? thresholds[index])) / 2;
}
