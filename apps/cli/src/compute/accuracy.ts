import { collectLogits, type Context, type Dataset, type Model } from "@lethe/core";
import { readingBatch } from "@lethe/bench";
import { accuracy, predictions } from "@lethe/metrics";

/** Share of samples that the model classifies right; null where there is no data. */
export async function modelAccuracy(model: Model, data: Dataset | undefined, context: Context): Promise<number | null> {
  if (data === undefined || data.size === 0) return null;
  const logits = await collectLogits(model, data, { context, batchSize: readingBatch, phase: "testing" });
  return accuracy(predictions(logits), data.labels);
}
