import { LetheError, plural } from "../errors/index.ts";
import { ensembleOf, type Ensemble, type Model } from "../model/index.ts";
import type { ShardOrderOptions } from "./recipe.ts";

/**
 * The constituents that a recipe trains.
 *
 * @throws LetheError `model/not-sharded`, `train/other-shards` where they are not as many as the recipe says, or aggregated otherwise.
 */
export function ensembleFor(model: Model, { shards, aggregation = "mean" }: ShardOrderOptions): Ensemble {
  const ensemble = ensembleOf(model);
  const { constituents } = ensemble;
  if (constituents.length === shards && ensemble.aggregation === aggregation) return ensemble;
  const sentence = `The recipe is for ${plural(shards, "shard")}, aggregated by ${aggregation}, and the model has ${constituents.length}, by ${ensemble.aggregation}; build it with shardedNetwork(network, recipe.order).`;
  throw new LetheError("train/other-shards", sentence, { shards: constituents.length, aggregation: ensemble.aggregation });
}
