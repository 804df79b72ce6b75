import { LetheError, type HostTensor } from "@lethe/core";

/** The sizes of scores of many models on the same samples, `[models, samples]`. */
export interface ScoreSizes {
  readonly modelCount: number;
  readonly sampleCount: number;
}

/**
 * The two sizes of `[models, samples]` scores, after the checks that every formula here relies on.
 *
 * @param subject what the error calls the tensor.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`.
 */
export function sizesOfScores({ shape, values }: HostTensor, subject: string): ScoreSizes {
  const [modelCount, sampleCount] = shape;
  if (shape.length !== 2 || values.length !== modelCount * sampleCount) {
    throw new LetheError(
      "metrics/shape-mismatch",
      `Scores must be [models, samples]; ${subject} have shape [${shape.join(", ")}] and ${values.length} values.`,
      {
        subject,
        shape,
        values: values.length,
      },
    );
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const place = { model: Math.floor(bad / sampleCount), sample: bad % sampleCount };
    throw new LetheError("metrics/non-finite-score", `Model ${place.model} gives sample ${place.sample} of ${subject} the score ${values[bad]}.`, {
      subject,
      ...place,
    });
  }
  return { modelCount, sampleCount };
}

/** @throws LetheError `metrics/shape-mismatch` unless both are about the same samples. */
export function checkSameSamples(first: ScoreSizes, second: ScoreSizes, subject: string): void {
  if (first.sampleCount === second.sampleCount) return;
  throw new LetheError("metrics/shape-mismatch", `There are ${first.sampleCount} samples, but ${subject} are about ${second.sampleCount}.`, {
    subject,
    expected: first.sampleCount,
    actual: second.sampleCount,
  });
}

/** @throws LetheError `metrics/shape-mismatch` unless the mask fits the scores, `metrics/bad-mask` unless it holds zeros and ones only. */
export function checkMask({ shape, values }: HostTensor, { modelCount, sampleCount }: ScoreSizes, subject: string): void {
  if (shape.length !== 2 || shape[0] !== modelCount || shape[1] !== sampleCount || values.length !== modelCount * sampleCount) {
    throw new LetheError(
      "metrics/shape-mismatch",
      `The mask "${subject}" has shape [${shape.join(", ")}], its scores [${modelCount}, ${sampleCount}].`,
      {
        subject,
        expected: [modelCount, sampleCount],
        actual: shape,
      },
    );
  }
  const bad = values.findIndex((value) => value !== 0 && value !== 1);
  if (bad >= 0) throw new LetheError("metrics/bad-mask", `The mask "${subject}" holds ${values[bad]}; it may hold 0 and 1 only.`, { subject });
}

/** The values of one sample, in the order of the models, of all models or of those that the mask names. */
export function valuesOfSample({ shape: [modelCount, sampleCount], values }: HostTensor, sample: number, mask?: HostTensor): Float64Array {
  const chosen: number[] = [];
  for (let i = sample; i < modelCount * sampleCount; i += sampleCount) if (mask === undefined || mask.values[i] === 1) chosen.push(values[i]);
  return Float64Array.from(chosen);
}

/** The error of a sample that too few models tell about. */
export function tooFewModels(sample: number, side: string, found: number, needed: number): LetheError {
  return new LetheError("metrics/too-few-models", `Sample ${sample} has ${found} models ${side}, and ${needed} are needed.`, {
    sample,
    side,
    found,
    needed,
  });
}
