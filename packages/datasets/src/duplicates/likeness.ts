import { elementCount, type Dataset, type HostTensor } from "@lethe/core";
import { forEachBlock } from "./blocks.ts";

/**
 * What makes two samples alike. Distances are 0 for equal samples and sqrt(2) on average for samples that have nothing in common.
 *
 * - `"pattern"`: norm2(u - v) of the inputs centred and scaled to norm 1, which is sqrt(2 (1 - r)) for the correlation r between them. Brightness and contrast make no
 *   difference. For images and signals.
 * - `"values"`: root mean square over the features of (x - y) / s, s the standard deviation of the feature in the data. Features that never change do not count. For
 *   vectors of measurements.
 */
export type Likeness = "pattern" | "values";

/** Brings an input into the form in which Euclidean distance is the distance, writing it to `target`. False where there is nothing to compare, as in a plain white image. */
export type Normalise = (input: HostTensor["values"], target: Float64Array) => boolean;

export async function normaliserFor(likeness: Likeness, data: Dataset): Promise<Normalise> {
  return likeness === "pattern" ? centredAndScaled : standardised(await inverseDeviations(data));
}

function centredAndScaled(input: HostTensor["values"], target: Float64Array): boolean {
  const { length } = input;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += input[i];
  const mean = sum / length;
  let squares = 0;
  for (let i = 0; i < length; i++) {
    const centred = input[i] - mean;
    target[i] = centred;
    squares += centred * centred;
  }
  // Rounding leaves something of a constant, about 1e-7 of it in float32.
  if (!(squares > length * (1e-6 * mean) ** 2)) return false;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < length; i++) target[i] *= scale;
  return true;
}

/** @param scales one for each feature, such that the norm of the result is the root mean square. */
function standardised(scales: Float64Array): Normalise {
  const empty = scales.every((scale) => scale === 0);
  return (input, target) => {
    for (let i = 0; i < scales.length; i++) target[i] = input[i] * scales[i];
    return !empty;
  };
}

/** 1 / (s sqrt(m)) for each feature, m of which change; 0 for one that does not. Welford's update, one pass. */
async function inverseDeviations(data: Dataset): Promise<Float64Array> {
  const stride = elementCount(data.inputShape);
  const means = new Float64Array(stride);
  const squares = new Float64Array(stride);
  let seen = 0;
  await forEachBlock(data, (values, count) => {
    for (let row = 0; row < count; row++) {
      seen++;
      for (let i = 0; i < stride; i++) {
        const value = values[row * stride + i];
        const difference = value - means[i];
        means[i] += difference / seen;
        squares[i] += difference * (value - means[i]);
      }
    }
  });
  const deviations = squares.map((sum) => Math.sqrt(sum / seen));
  const changing = deviations.reduce((count, deviation) => count + (deviation > 0 ? 1 : 0), 0);
  return deviations.map((deviation) => (deviation > 0 ? 1 / (deviation * Math.sqrt(changing)) : 0));
}
