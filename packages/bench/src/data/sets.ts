import { collectLogits, type Context, type Dataset, type Model } from "@lethe/core";
import type { SetLogits } from "@lethe/metrics";
import { onlyIds, withoutIds } from "./source.ts";

/** Samples per step wherever nothing is learnt; a matter of memory only. */
export const readingBatch = 250;

/** The three sets on which models are compared. */
export interface Sets {
  readonly retain: Dataset;
  readonly forget: Dataset;
  readonly test: Dataset;
  /** The test set with a trigger in every sample, where training data was poisoned by one. */
  readonly triggered?: Dataset;
}

export function setsOf(train: Dataset, test: Dataset, forgotten: readonly string[]): Sets {
  return { retain: withoutIds(train, forgotten), forget: onlyIds(train, forgotten, "the forget set"), test };
}

export function labelsOf({ retain, forget, test }: Sets) {
  return { retain: retain.labels, forget: forget.labels, test: test.labels };
}

/** What a model says about each of them. */
export async function logitsOf(model: Model, { retain, forget, test, triggered }: Sets, context: Context): Promise<SetLogits> {
  const collect = (data: Dataset) => collectLogits(model, data, { context, batchSize: readingBatch, phase: "testing" });
  const sets = { retain: await collect(retain), forget: await collect(forget), test: await collect(test) };
  return triggered === undefined ? sets : { ...sets, triggered: await collect(triggered) };
}
