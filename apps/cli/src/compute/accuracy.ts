import { collectLogits, type Context, type Dataset, type Model } from "@lethe/core";
import { accuracy, predictions } from "@lethe/metrics";

/** Samples per step wherever nothing is learnt; a matter of memory only. */
export const readingBatch = 250;

/** Share of samples that the model classifies right; null where there is no data. */
export async function modelAccuracy(model: Model, data: Dataset | undefined, context: Context): Promise<number | null> {
  if (data === undefined || data.size === 0) return null;
  const logits = await collectLogits(model, data, { context, batchSize: readingBatch, phase: "testing" });
  return accuracy(predictions(logits), data.labels);
}
