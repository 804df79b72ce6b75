import { LetheError, type HostTensor } from "@lethe/core";
import { averageProbabilities, type RmiaPrior } from "./rmia-prior.ts";
import { checkMask, checkSameSamples, sizesOfScores, type ScoreSizes } from "./model-scores.ts";

/** Probabilities p(x | theta) that models give the right class of samples: of one model under attack, and of reference models. */
export interface RmiaProbabilities {
  /** `[samples]` under the model under attack. */
  readonly target: ArrayLike<number>;
  /** `[models, samples]` under the reference models. */
  readonly references: HostTensor;
}

export interface RmiaInput {
  readonly samples: RmiaProbabilities & {
    /** `[models, samples]`: 1 where the reference model was trained with the sample. */
    readonly members: HostTensor;
  };
  /** Samples z of the same distribution that neither the target nor any reference model was trained with. */
  readonly population: RmiaProbabilities;
}

export interface RmiaOptions {
  /** How p(x) is estimated. */
  readonly prior: RmiaPrior;
  /** gamma: how many times likelier than z a sample has to be. Left out, 1. */
  readonly ratio?: number;
}

/**
 * RMIA, the robust membership attack: score(x) = share of the population samples z with
 *
 * (p(x | theta) / p(x)) / (p(z | theta) / p(z)) > gamma,
 *
 * in [0, 1]; larger means "more likely a member". p(x) is the probability under models in general, see {@link RmiaPrior}. Useful from one
 * or two reference models on.
 *
 * p(x | theta) is the softmax probability of the right class. A sample whose p(x) is 0 has an infinite ratio, unless p(x | theta) is 0 too,
 * which leaves no evidence and scores 0. For unlearning, take references that were trained without x and then unlearned something else.
 *
 * Zarifzadeh, Liu, Shokri 2024, Low-Cost High-Power Membership Inference Attacks.
 *
 * @returns `[samples]` float64.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/bad-mask`, `metrics/not-a-probability`,
 * `metrics/too-few-models`, `metrics/bad-argument`.
 * @example
 * const samples = {
 *   target: [0.9, 0.5],
 *   references: { shape: [1, 2], values: new Float64Array([0.3, 0.5]) },
 *   members: { shape: [1, 2], values: new Uint8Array(2) },
 * };
 * const population = { target: [0.6, 0.9], references: { shape: [1, 2], values: new Float64Array([0.5, 0.5]) } };
 * rmiaScores({ samples, population }, { prior: { kind: "offline", a: 1 } }); // [1, 0]
 */
export function rmiaScores({ samples, population }: RmiaInput, { prior, ratio: gamma = 1 }: RmiaOptions): Float64Array {
  const sizes = checkProbabilities(samples, "the samples' probabilities");
  const others = checkProbabilities(population, "the population's probabilities");
  checkMask(samples.members, sizes, "members");
  if (sizes.modelCount !== others.modelCount || others.sampleCount === 0) {
    throw new LetheError("metrics/shape-mismatch", `The population must be scored by the same models, and not be empty.`, {
      samples: samples.references.shape,
      population: population.references.shape,
    });
  }
  const outside: HostTensor = { shape: population.references.shape, values: new Uint8Array(others.modelCount * others.sampleCount) };
  const ofX = ratios(samples.target, averageProbabilities(samples.references, samples.members, prior));
  // At a = 1 the offline estimate is p_out itself, which is all there is to know about a sample that no model was trained with.
  const ofZ = ratios(
    population.target,
    averageProbabilities(population.references, outside, prior.kind === "online" ? { kind: "offline", a: 1 } : prior),
  );
  return ofX.map((x) => ofZ.reduce((count, z) => count + (x / z > gamma ? 1 : 0), 0) / ofZ.length);
}

function ratios(target: ArrayLike<number>, average: Float64Array): Float64Array {
  return average.map((probability, i) => target[i] / probability);
}

function checkProbabilities({ target, references }: RmiaProbabilities, subject: string): ScoreSizes {
  const sizes = sizesOfScores(references, subject);
  checkSameSamples(sizes, { modelCount: 1, sampleCount: target.length }, `${subject} under the target`);
  for (const values of [target, references.values]) {
    for (let i = 0; i < values.length; i++) {
      if (values[i] >= 0 && values[i] <= 1) continue;
      throw new LetheError("metrics/not-a-probability", `Among ${subject} is ${values[i]}; pass softmax outputs, not logits or margins.`, {
        subject,
      });
    }
  }
  return sizes;
}
