import type { Context, TrainedProblem } from "@lethe/core";
import type { PguArtifact } from "./artifact.ts";
import { evaluate } from "./evaluate.ts";
import type { PguOptions } from "./options.ts";

/** How well the model does on each class of data that it was not trained on, as far as `prepare` could tell. */
export type UnseenAccuracy = {
  /** `training`: there was no validation set, and accuracy on D itself had to do, which bounds it from above. */
  readonly source: "validation" | "training";
  readonly byClass: readonly number[];
  readonly overall: number;
};

export async function unseenAccuracy(
  { model, data, validation }: TrainedProblem,
  { batchSize }: PguOptions,
  context: Context,
): Promise<UnseenAccuracy> {
  const phase = validation ? "looking at the validation data" : "looking at D";
  const { accuracy, byClass } = await evaluate(model, model.weights, validation ?? data, { context, batchSize, phase });
  return { source: validation ? "validation" : "training", byClass: byClass.map((share) => share ?? accuracy), overall: accuracy };
}

/**
 * The accuracy on D_f to be expected of a model that was trained without it:
 *
 *     mean over D_f of u(y),   u(c) = the model's accuracy on unseen samples of class c,  0 where no other sample of class c remains
 *
 * and for labels that are wrong (objective depoison) how often an unseen sample is taken for one other class, (1 - u) / (C - 1). What a part of a class
 * that is unlike the rest of it would get cannot be told from this.
 */
export function expectedAccuracy({ metadata }: PguArtifact, labels: Int32Array, { objective }: PguOptions): number {
  const { unseen, classCount } = metadata;
  if (objective === "depoison") return (1 - unseen.overall) / (classCount - 1);
  const remaining = new Float64Array(classCount);
  metadata.labels.forEach((label) => remaining[label]++);
  labels.forEach((label) => remaining[label]--);
  return labels.reduce((sum, label) => sum + (remaining[label] > 0 ? unseen.byClass[label] : 0), 0) / labels.length;
}
