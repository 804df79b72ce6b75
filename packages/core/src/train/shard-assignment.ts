import type { Dataset } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import { createRandom, type Random } from "../random/index.ts";
import type { Recipe, ShardOrderOptions } from "./recipe.ts";

/** Of a recipe, what decides which sample is where. */
export interface ShardwiseRecipe extends Pick<Recipe, "seed"> {
  readonly order: ShardOrderOptions;
}

/** Where a sample belongs, both counted from 0. */
export interface ShardPlace {
  readonly shard: number;
  readonly slice: number;
}

/** What tells samples apart: enough of a data set to assign them. */
export type SampleFacts = Pick<Dataset, "ids" | "columns">;

/**
 * Shard and slice of every sample, in the order of the data: shard floor(S u), slice floor(R v), with u and v hashes of the seed and the
 * sample's id, uniform in [0, 1). By probability, the shard is the number of boundaries that are not above (p, u), p the sample's probability of
 * being deleted, compared by p first.
 *
 * Both depend on the sample and the recipe alone, so that training by the same recipe on less data leaves every remaining sample in its place, as
 * exact unlearning needs. The price: shards and slices are binomially many, not equally many.
 *
 * @throws LetheError `train/no-probability`.
 * @example
 * const recipe = { seed: 5, order: { kind: "shards", shards: 4, slices: 2 } };
 * shardPlaces(recipe, { ids: ["ada", "ben"] }); // [{ shard: 0, slice: 0 }, { shard: 3, slice: 0 }]
 */
export function shardPlaces({ seed, order }: ShardwiseRecipe, data: SampleFacts): readonly ShardPlace[] {
  const random = createRandom(order.seed ?? seed);
  const { shards, slices = 1, assignment } = order;
  return data.ids.map((id, position) => {
    const { u, v } = draw(random, id);
    const slice = Math.floor(slices * v);
    if (assignment === undefined) return { shard: Math.floor(shards * u), slice };
    const p = probabilityOf(data, assignment.column, position);
    return { shard: assignment.boundaries.filter((boundary) => isAtOrAbove([p, u], boundary)).length, slice };
  });
}

/**
 * Boundaries for `assignment: { kind: "by-probability", column, boundaries }`: samples in ascending order of their probability of being deleted, ties
 * by hash, cut into S shards of equal expected numbers of deletions, so that most deletions meet the few small shards of the samples most likely to go
 * (Bourtoule et al. 2021, section VIII, algorithm 1, with the number of shards given in place of the bound on their sums).
 *
 * To be computed once, before training: as a part of the recipe they hold for what is left of the data after deletions, too.
 *
 * @param data before any deletion.
 * @throws LetheError `train/no-probability`, `train/too-few-samples`.
 * @example
 * const data = { ids: ["a", "b", "c", "d", "e"], columns: { p: [0.1, 0.1, 0.1, 0.3, 0.6] } };
 * const boundaries = probabilityBoundaries({ seed: 1, data, column: "p", shards: 2 });
 * const assignment = { kind: "by-probability", column: "p", boundaries };
 * shardPlaces({ seed: 1, order: { kind: "shards", shards: 2, assignment } }, data).map(({ shard }) => shard); // [0, 0, 0, 0, 1]
 */
export function probabilityBoundaries({
  seed,
  data,
  column,
  shards,
}: {
  /** The order's or, where it has none, the recipe's. */
  readonly seed: Recipe["seed"];
  readonly data: SampleFacts;
  /** Numbers, 0 or more, on any scale. */
  readonly column: string;
  readonly shards: number;
}): readonly ProbabilityBoundary[] {
  const { length } = data.ids;
  if (length < shards) {
    throw new LetheError("train/too-few-samples", `${length} samples cannot fill ${shards} shards; ask for fewer.`, { samples: length, shards });
  }
  const random = createRandom(seed);
  const keys = data.ids.map((id, position): ProbabilityBoundary => [probabilityOf(data, column, position), draw(random, id).u]);
  keys.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const total = keys.reduce((sum, [p]) => sum + p, 0);
  const boundaries: ProbabilityBoundary[] = [];
  let at = 0;
  let before = 0;
  for (let shard = 1; shard < shards; shard++) {
    // Every shard has a sample at least, this one and those to come.
    const least = at + 1;
    const most = length - (shards - shard);
    while (at < least || (at < most && before + keys[at][0] / 2 < (total * shard) / shards)) before += keys[at++][0];
    boundaries.push(keys[at]);
  }
  return boundaries;
}

/** A probability of deletion, and between samples of the same probability, a hash in [0, 1). */
export type ProbabilityBoundary = readonly [probability: number, hash: number];

function isAtOrAbove([p, u]: ProbabilityBoundary, [probability, hash]: ProbabilityBoundary): boolean {
  return p > probability || (p === probability && u >= hash);
}

function draw(random: Random, id: string): { readonly u: number; readonly v: number } {
  const stream = random.split("shard", id);
  return { u: stream.uniform(), v: stream.uniform() };
}

function probabilityOf({ ids, columns }: SampleFacts, column: string, position: number): number {
  const value = columns?.[column]?.[position];
  if (typeof value === "number" && value >= 0) return value;
  const sentence = `The sample ${ids[position]} has no number, 0 or more, in the column ${column}; shards by probability need one for every sample.`;
  throw new LetheError("train/no-probability", sentence, { column, id: ids[position] });
}
