import { offlinePrior } from "./rmia-prior.ts";
import type { OutsideMeans, ProbabilitiesOfRuns } from "./runs-outside.ts";

/** What the references of one attacked sample say, for a run that belongs to this draw. */
export type MeansFor = (sample: number, draw: number) => OutsideMeans;

/**
 * Scores of runs for every a: `[runs, samples]` each, NaN where a run has neither forgotten the sample nor never seen it.
 *
 * @param gamma see `unlearningRmia`.
 */
export function rmiaOfRuns(attacked: ProbabilitiesOfRuns, meansFor: MeansFor, grid: readonly number[], gamma: number): readonly Float64Array[] {
  const { samples, ofSamples, ofPopulation } = attacked;
  const scores = grid.map(() => new Float64Array(ofSamples.length).fill(NaN));
  for (let sample = 0; sample < samples; sample++) {
    for (const [draw, runs] of runsByDraw(attacked, sample)) {
      const means = meansFor(sample, draw);
      grid.forEach((a, index) => {
        const prior = offlinePrior(means.ofSample, a);
        const priors = means.ofPopulation.map((out) => offlinePrior(out, a));
        for (const run of runs) {
          const place = run * samples + sample;
          scores[index][place] = shareBelow(ofSamples[place], prior, ofPopulation[run], priors, gamma);
        }
      });
    }
  }
  return scores;
}

/** Those whose case it is to have forgotten the sample, or never to have seen it. */
function runsByDraw({ runs, samples, forgotten, neverSeen, draws }: ProbabilitiesOfRuns, sample: number): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (let run = 0; run < runs; run++) {
    const place = run * samples + sample;
    if (forgotten.values[place] !== 1 && neverSeen.values[place] !== 1) continue;
    const before = found.get(draws[run]);
    if (before === undefined) found.set(draws[run], [run]);
    else before.push(run);
  }
  return found;
}

/** Share of z with (p / prior) / (p_z / prior_z) > gamma. Multiplied out, equal ratios stay equal, and a ratio of nothing to nothing is no evidence. */
function shareBelow(probability: number, prior: number, ofPopulation: Float64Array, priors: Float64Array, gamma: number): number {
  const scale = gamma * prior;
  let count = 0;
  for (let z = 0; z < priors.length; z++) if (probability * priors[z] > scale * ofPopulation[z]) count++;
  return count / priors.length;
}
