import type { HostTensor } from "@lethe/core";
import { checkMask, sizesOfScores, tooFewModels } from "./model-scores.ts";
import { checkDraws, type UnlearnedTargets } from "./unlearning-cases.ts";

/** Runs, and what they say of samples that no model was trained with. */
export interface RunsWithPopulation extends UnlearnedTargets {
  /** `[runs, population]` scaled confidences under the same runs. */
  readonly population: HostTensor;
}

/** Probabilities of the right class under runs. */
export interface ProbabilitiesOfRuns extends UnlearnedTargets {
  readonly runs: number;
  readonly samples: number;
  /** `[runs, samples]` */
  readonly ofSamples: Float64Array;
  /** Of each run, `[population]`. */
  readonly ofPopulation: readonly Float64Array[];
  readonly draws: ArrayLike<number>;
}

/** p = 1 / (1 + exp(-phi)), since phi = log(p / (1 - p)). */
export function probabilitiesOfRuns(side: RunsWithPopulation, subject: string): ProbabilitiesOfRuns {
  const sizes = sizesOfScores(side.phi, subject);
  checkMask(side.forgotten, sizes, "forgotten");
  checkMask(side.neverSeen, sizes, "never seen");
  checkDraws(side, sizes);
  const { modelCount, sampleCount } = sizes;
  const { sampleCount: width } = sizesOfScores(side.population, `${subject} on the population`);
  const population = probabilities(side.population);
  return {
    ...side,
    runs: modelCount,
    samples: sampleCount,
    ofSamples: probabilities(side.phi),
    ofPopulation: Array.from({ length: side.population.shape[0] }, (_, run) => population.subarray(run * width, (run + 1) * width)),
    draws: side.drawOfRun ?? Array.from({ length: modelCount }, (_, run) => run),
  };
}

function probabilities({ values }: HostTensor): Float64Array {
  return Float64Array.from(values, (phi) => 1 / (1 + Math.exp(-phi)));
}

/** p_out: mean probabilities of one attacked sample and of the population, under the same runs. */
export interface OutsideMeans {
  readonly ofSample: number;
  /** `[population]` */
  readonly ofPopulation: Float64Array;
}

/**
 * Means over the runs that never saw a sample, once for all of them and again without those of any one draw. A population sample is averaged over the very runs that
 * the attacked one is, so that one that the target never saw either cannot be told from the population by how its mean came about.
 *
 * @throws LetheError `metrics/too-few-models` where no run is left.
 */
export function meansOutside(shadows: ProbabilitiesOfRuns, sample: number): (withoutDraw?: number) => OutsideMeans {
  const width = shadows.ofPopulation[0]?.length ?? 0;
  const byDraw = new Map<number, { count: number; ofSample: number; readonly ofPopulation: Float64Array }>();
  for (let run = 0; run < shadows.runs; run++) {
    const place = run * shadows.samples + sample;
    if (shadows.neverSeen.values[place] !== 1) continue;
    const draw = shadows.draws[run];
    const sums = byDraw.get(draw) ?? { count: 0, ofSample: 0, ofPopulation: new Float64Array(width) };
    byDraw.set(draw, sums);
    sums.count++;
    sums.ofSample += shadows.ofSamples[place];
    add(sums.ofPopulation, shadows.ofPopulation[run]);
  }
  return (withoutDraw) => {
    const others = [...byDraw].flatMap(([draw, sums]) => (draw === withoutDraw ? [] : [sums]));
    const count = others.reduce((sum, each) => sum + each.count, 0);
    if (count === 0) throw tooFewModels(sample, withoutDraw === undefined ? "that never saw it" : "of other draws that never saw it", 0, 1);
    const ofPopulation = new Float64Array(width);
    for (const each of others) add(ofPopulation, each.ofPopulation);
    return { ofSample: others.reduce((sum, each) => sum + each.ofSample, 0) / count, ofPopulation: ofPopulation.map((sum) => sum / count) };
  };
}

function add(sums: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] += values[i];
}
