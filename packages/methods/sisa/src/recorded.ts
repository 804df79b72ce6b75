import {
  hashWeights,
  identifyDataset,
  LetheError,
  openTrajectory,
  sha256,
  shardPlaces,
  storageWithin,
  type Artifact,
  type ContentStorage,
  type Dataset,
  type Problem,
  type Recipe,
  type ShardwiseRecipe,
  type Trajectory,
  type Weights,
} from "@lethe/core";

/** A recipe that trains shard by shard. */
export type SisaRecipe = Recipe & ShardwiseRecipe;

/** @throws LetheError `sisa/not-sharded`. */
export function expectShardwise(recipe: Recipe): asserts recipe is SisaRecipe {
  if (recipe.order?.kind === "shards") return;
  const sentence =
    "SISA needs a training by shards; give the recipe an order, such as { kind: 'shards', shards: 5, slices: 4 }, and shard the network.";
  throw new LetheError("sisa/not-sharded", sentence, { order: "shards" });
}

/** Where the checkpoints of a shard are. */
export function storageOfShard(storage: ContentStorage, shard: number): ContentStorage {
  return storageWithin(storage, `shard-${shard + 1}.`);
}

/** What is kept in each trajectory's own metadata, so that a request needs no recipe. */
export function metadataOf(recipe: Recipe, key: string): Readonly<Record<string, string>> {
  return { recipe: JSON.stringify(recipe), key };
}

/** Ids of the samples of each shard, in the order of the data. */
export function membersOf(recipe: SisaRecipe, data: Pick<Dataset, "ids" | "columns">): readonly (readonly string[])[] {
  const members: string[][] = Array.from({ length: recipe.order.shards }, () => []);
  shardPlaces(recipe, data).forEach(({ shard }, position) => members[shard].push(data.ids[position]));
  return members;
}

/** The artifact that stands for the checkpoints of all shards; they themselves stay where they are. */
export async function artifactFor(trajectories: readonly Trajectory[], weights: Weights, data: Dataset): Promise<Artifact> {
  return {
    method: "sisa",
    version: 1,
    model: await hashWeights(weights),
    data: { identity: await identifyDataset(data), size: data.size },
    tensors: {},
    metadata: {
      training: await trainingOf(trajectories),
      trajectories: await Promise.all(trajectories.map(hashOf)),
      snapshots: trajectories.reduce((sum, { entries }) => sum + entries.length, 0),
      bytes: trajectories.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  };
}

/** Names the checkpoints that an artifact speaks of. */
export function nameOf({ metadata }: Artifact): string {
  return JSON.stringify(metadata["trajectories"]);
}

/** One shard as a request finds it. */
export interface RecordedShard {
  readonly shard: number;
  readonly trajectory: Trajectory;
  /** Of its samples, those that are to be forgotten and which the checkpoints still hold. */
  readonly forget: readonly string[];
  /** Whether the request, when it was first made, was interrupted after it had been answered here. */
  readonly isAnswered: boolean;
}

export interface Recorded {
  readonly recipe: SisaRecipe;
  readonly shards: readonly RecordedShard[];
}

/**
 * The checkpoints that an artifact speaks of. Those of some shards may already be without samples that the request is about: they were replaced
 * before an earlier attempt at it was interrupted.
 *
 * @throws LetheError `sisa/other-checkpoints`, `sisa/other-assignment`, and what opening throws.
 */
export async function openRecorded(artifact: Artifact, storage: ContentStorage, { data, forget }: Problem): Promise<Recorded> {
  const hashes = artifact.metadata["trajectories"] as readonly string[];
  const trajectories: Trajectory[] = [];
  for (const shard of hashes.keys()) trajectories.push(await openTrajectory(storageOfShard(storage, shard)));
  if ((await trainingOf(trajectories)) !== artifact.metadata["training"]) throw otherCheckpoints();
  const recipe = JSON.parse(trajectories[0].metadata["recipe"]) as SisaRecipe;
  const members = membersOf(recipe, data);
  const forgotten = new Set(forget.ids);
  const shards: RecordedShard[] = [];
  for (const [shard, trajectory] of trajectories.entries()) {
    const held = new Set(trajectory.ids);
    const isIntact = (await hashOf(trajectory)) === hashes[shard];
    const missing = members[shard].filter((id) => !held.has(id));
    // An interrupted request leaves nothing out but what it was about.
    if (!isIntact && !(missing.length > 0 && missing.every((id) => forgotten.has(id)))) throw otherCheckpoints();
    held.delete(null);
    if ((isIntact && missing.length > 0) || held.size !== members[shard].length - missing.length) throw otherAssignment(shard);
    shards.push({ shard, trajectory, forget: members[shard].filter((id) => forgotten.has(id) && held.has(id)), isAnswered: !isIntact });
  }
  return { recipe, shards };
}

/** Equal for the same recipe, data, architecture and beginning, and not changed by requests. */
async function trainingOf(trajectories: readonly Trajectory[]): Promise<string> {
  return sha256(JSON.stringify(trajectories.map(({ metadata, entries }) => [metadata, entries[0]?.content])));
}

/** Equal where all checkpoints of a shard are, bit for bit, and the samples that they stand for. */
async function hashOf({ ids, entries }: Trajectory): Promise<string> {
  const content = entries.map(({ block, epoch, content: hash }) => [block, epoch, hash]);
  return sha256(JSON.stringify([ids.filter((id) => id !== null), content]));
}

function otherCheckpoints(): LetheError {
  const sentence =
    "The storage holds other checkpoints than the artifact speaks of; give the storage that belongs to it or, if a request was answered since, the artifact and the model that this one left. If one was interrupted, make it again.";
  return new LetheError("sisa/other-checkpoints", sentence);
}

function otherAssignment(shard: number): LetheError {
  const sentence = `Shard ${shard + 1} would now have other samples than it was trained on; give the data the column of probabilities that it had in training.`;
  return new LetheError("sisa/other-assignment", sentence, { shard });
}
