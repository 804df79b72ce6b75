import { LetheError, type HostTensor, type Random } from "@lethe/core";
import { checkSameSamples, sizesOfScores, type ScoreSizes } from "../shadow/model-scores.ts";

/** The sizes of two sets of models of equal number on the same samples. */
export function sizesOfPair(unlearned: HostTensor, reference: HostTensor): ScoreSizes {
  const sizes = sizesOfScores(unlearned, "the unlearned models' scores");
  const others = sizesOfScores(reference, "the retrained models' scores");
  checkSameSamples(sizes, others, "the retrained models' scores");
  if (sizes.modelCount !== others.modelCount) {
    throw new LetheError(
      "metrics/shape-mismatch",
      `There are ${sizes.modelCount} unlearned and ${others.modelCount} retrained models; use as many of both.`,
      {
        expected: sizes.modelCount,
        actual: others.modelCount,
      },
    );
  }
  return sizes;
}

/** Two random halves of the models, equally large: of an odd number, one model is left out. */
export function splitModels(scores: HostTensor, random: Random): readonly [HostTensor, HostTensor] {
  const { modelCount, sampleCount } = sizesOfScores(scores, "the models' scores");
  const half = modelCount >> 1;
  const order = random.permutation(modelCount);
  const take = (models: Uint32Array): HostTensor => ({
    shape: [models.length, sampleCount],
    values: Float64Array.from({ length: models.length * sampleCount }, (_, i) => {
      return scores.values[models[Math.floor(i / sampleCount)] * sampleCount + (i % sampleCount)];
    }),
  });
  return [take(order.slice(0, half)), take(order.slice(half, 2 * half))];
}
