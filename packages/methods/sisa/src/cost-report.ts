import { shardPlaces, stageEpochs, type Dataset, type Recipe, type ShardwiseRecipe } from "@lethe/core";

/** What answering a request took, beside retraining. */
export interface CostReport {
  readonly stagesRedone: number;
  /** Of all shards together, those with samples. */
  readonly stages: number;
  /** Samples through forward and backward, a sample that goes through twice counted twice. */
  readonly samplePasses: number;
  /** The same, for training all shards from scratch on the retained data. */
  readonly retrainingSamplePasses: number;
  /** retrainingSamplePasses / samplePasses; null where nothing was retrained. */
  readonly speedUp: number | null;
  /** That the checkpoints take after the request. */
  readonly bytesStored: number;
}

/** @example costReport({ stagesRedone: 2, stages: 8, samplePasses: 40, retrainingSamplePasses: 200, bytesStored: 0 }).speedUp; // 5 */
export function costReport(counts: Omit<CostReport, "speedUp">): CostReport {
  const { samplePasses: passes, retrainingSamplePasses } = counts;
  return { ...counts, speedUp: passes === 0 ? null : retrainingSamplePasses / passes };
}

/**
 * Sample-passes of every stage of every shard: `[shard][stage]`, e_r times the samples in the slices up to r.
 *
 * @example
 * const recipe = { seed: 5, epochs: 3, order: { kind: "shards", shards: 2, slices: 2 } };
 * samplePasses(recipe, { ids: ["ada", "ben", "cleo"] }); // [[4, 4], [2, 2]]
 */
export function samplePasses(
  recipe: ShardwiseRecipe & Pick<Recipe, "epochs">,
  data: Pick<Dataset, "ids" | "columns">,
): readonly (readonly number[])[] {
  const { shards, slices = 1 } = recipe.order;
  const places = shardPlaces(recipe, data);
  const epochs = stageEpochs(recipe.epochs, slices);
  return Array.from({ length: shards }, (_, shard) =>
    epochs.map((count, stage) => count * places.filter((place) => place.shard === shard && place.slice <= stage).length),
  );
}
