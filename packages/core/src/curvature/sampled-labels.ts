import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import type { Random } from "../random/index.ts";
import type { OutputLoss, SampledGradients } from "./output-loss.ts";

/** Labels drawn from the model's own predictions. */
export interface SampledLabels {
  /** Labels per sample, at least 1. */
  readonly draws: number;
  /** The same stream gives the same labels, by place in the order of visits: in every product, for every batch size. */
  readonly random: Random;
}

/**
 * Gradients `[n, c]` of the loss in the logits z at a label that the model draws, for the samples from `position` on in the order of visits.
 *
 * @throws LetheError `curvature/sampling` for fewer than one draw.
 */
export function sampledOutputGradient(
  sampling: SampledGradients,
  { draws, random }: SampledLabels,
): (logits: tf.Tensor2D, draw: number, position: number) => tf.Tensor2D {
  if (!Number.isInteger(draws) || draws < 1) {
    throw new LetheError("curvature/sampling", `draws is ${draws}; give the number of labels to draw per sample, at least 1.`, { draws });
  }
  return (logits, draw, position) => {
    const [samples, classes] = logits.shape;
    const width = sampling.uniforms(classes);
    const values = new Float32Array(samples * width);
    for (let n = 0; n < samples; n++) {
      const stream = random.split("label", draw, position + n);
      for (let i = 0; i < width; i++) values[n * width + i] = stream.uniform();
    }
    return sampling.gradient(logits, tf.tensor2d(values, [samples, width]));
  };
}

/** @throws LetheError `curvature/sampling` for a loss that does not say how the model draws labels. */
export function samplingOf({ sampledGradients }: OutputLoss): SampledGradients {
  if (sampledGradients) return sampledGradients;
  throw new LetheError(
    "curvature/sampling",
    "This loss does not say how the model draws labels, so it has no Fisher matrix; give it sampledGradients, or take generalisedGaussNewton.",
  );
}
