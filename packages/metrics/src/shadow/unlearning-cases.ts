import { LetheError, type HostTensor } from "@lethe/core";
import type { ScoreSizes } from "./model-scores.ts";

/** Scores after unlearning, and what each run had done with each sample; see `rolesOfRuns`. Where both masks are 0, a score is left out. */
export interface UnlearnedScores {
  /** `[runs, samples]` scaled confidences, see `margin`. */
  readonly phi: HostTensor;
  /** `[runs, samples]`: 1 where the run started from a model trained with the sample and unlearned it. */
  readonly forgotten: HostTensor;
  /** `[runs, samples]`: 1 where the model never saw the sample, and the run unlearned others. */
  readonly neverSeen: HostTensor;
}

export interface UnlearnedTargets extends UnlearnedScores {
  /** `[runs]`: which runs belong to the same draw of halves, and so are no independent evidence; see `rolesOfRuns`. Left out, each is on its own. */
  readonly drawOfRun?: ArrayLike<number>;
}

/** Scores of one group of (run, sample) pairs, by what is true of them. */
export interface Cases {
  readonly forgottenScores: number[];
  readonly neverSeenScores: number[];
}

/** @throws LetheError `metrics/shape-mismatch` unless every run has its draw, where draws are named. */
export function checkDraws({ drawOfRun }: UnlearnedTargets, { modelCount }: ScoreSizes): void {
  if (drawOfRun === undefined || drawOfRun.length === modelCount) return;
  throw new LetheError("metrics/shape-mismatch", `There are ${modelCount} runs and ${drawOfRun.length} names of their draws.`, {
    expected: modelCount,
    actual: drawOfRun.length,
  });
}

/** All cases together, by sample, and by the draw that the run belongs to. */
export function tallyCases(scores: Float64Array, targets: UnlearnedTargets, sizes: ScoreSizes) {
  const { forgotten, neverSeen, drawOfRun } = targets;
  const { sampleCount } = sizes;
  checkDraws(targets, sizes);
  const none = (): Cases => ({ forgottenScores: [], neverSeenScores: [] });
  const all = none();
  const bySample = Array.from({ length: sampleCount }, none);
  const byDraw = new Map<number, Cases>();
  scores.forEach((score, i) => {
    const isForgotten = forgotten.values[i] === 1;
    const isNeverSeen = neverSeen.values[i] === 1;
    if (isForgotten && isNeverSeen) {
      throw new LetheError("metrics/bad-mask", `Sample ${i % sampleCount} is both forgotten and never seen in one run.`, { sample: i % sampleCount });
    }
    if (!isForgotten && !isNeverSeen) return;
    const run = Math.floor(i / sampleCount);
    const draw = drawOfRun?.[run] ?? run;
    const ofDraw = byDraw.get(draw) ?? none();
    byDraw.set(draw, ofDraw);
    for (const cases of [all, bySample[i % sampleCount], ofDraw]) (isForgotten ? cases.forgottenScores : cases.neverSeenScores).push(score);
  });
  return { all, bySample, byDraw };
}
