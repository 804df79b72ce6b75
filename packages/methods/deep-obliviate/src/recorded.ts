import {
  blockOf,
  hashWeights,
  identifyDataset,
  LetheError,
  openTrajectory,
  sha256,
  type Artifact,
  type BlockwiseRecipe,
  type ContentStorage,
  type Dataset,
  type HostTree,
  type Recipe,
  type Trajectory,
  type Weights,
} from "@lethe/core";

/** A recipe that trains block by block. */
export type ObliviousRecipe = Recipe & BlockwiseRecipe;

/** @throws LetheError `deep-obliviate/not-block-wise`. */
export function expectBlockwise(recipe: Recipe): asserts recipe is ObliviousRecipe {
  if (recipe.order?.kind === "blocks") return;
  const sentence = "DeepObliviate needs a training that goes block by block; give the recipe an order, such as { kind: 'blocks', blocks: 20 }.";
  throw new LetheError("deep-obliviate/not-block-wise", sentence, { order: "blocks" });
}

/** What is kept in the trajectory's own metadata, so that a request needs no recipe, and an artifact can be made of the trajectory alone. */
export async function metadataOf(recipe: Recipe, data: Dataset): Promise<Readonly<Record<string, string>>> {
  return { recipe: JSON.stringify(recipe), data: await identifyDataset(data) };
}

export function recipeOf(trajectory: Trajectory): ObliviousRecipe {
  const recipe = JSON.parse(trajectory.metadata["recipe"] ?? "{}") as Recipe;
  expectBlockwise(recipe);
  return recipe;
}

/**
 * The block that each snapshot ends, by its index; of snapshot 0, the start, undefined. A block without samples has no snapshot.
 *
 * @param ids of the data that the course was trained on.
 */
export function blocksByIndex(recipe: ObliviousRecipe, ids: readonly string[]): readonly (number | undefined)[] {
  const blocks = new Set(ids.map((id) => blockOf(recipe, id)));
  return [undefined, ...[...blocks].toSorted((a, b) => a - b)];
}

/** Ids of the samples that were not forgotten. */
export function rememberedIds({ ids }: Trajectory): readonly string[] {
  return ids.filter((id) => id !== null);
}

/** Equal where the model and the samples are that it stands for, whichever snapshots on the way are kept. */
async function trajectoryHash({ ids, entries, metadata }: Trajectory): Promise<string> {
  const { index, block, epoch, step, content } = entries.at(-1)!;
  return sha256(JSON.stringify([ids, metadata, index, block, epoch, step, content]));
}

/** The artifact that stands for a trajectory which ends with these weights; the snapshots themselves stay where they are. */
export async function artifactFor(trajectory: Trajectory, weights: Weights): Promise<Artifact> {
  const { entries, bytes, metadata } = trajectory;
  return {
    method: "deep-obliviate",
    version: 1,
    model: await hashWeights(weights),
    data: { identity: metadata["data"] ?? "", size: rememberedIds(trajectory).length },
    tensors: {} satisfies HostTree,
    metadata: { trajectory: await trajectoryHash(trajectory), snapshots: entries.length, bytes },
  };
}

/**
 * The trajectory that an artifact speaks of.
 *
 * @throws LetheError `deep-obliviate/other-trajectory`, and what opening throws.
 */
export async function openRecorded(artifact: Artifact, storage: ContentStorage): Promise<Trajectory> {
  const trajectory = await openTrajectory(storage);
  if (trajectory.length > 0 && (await trajectoryHash(trajectory)) === artifact.metadata["trajectory"]) return trajectory;
  const sentence =
    "The storage holds other snapshots than the artifact speaks of. Give the storage that belongs to it or, if a request was answered since, the artifact and the model that this one left; where the program ended before they were saved, recoverRecorded(storage, model) makes them again.";
  const destroyed = trajectory.recovered.map(({ index, file }) => ({ index, file }));
  throw new LetheError("deep-obliviate/other-trajectory", sentence, { artifact: artifact.metadata["trajectory"], destroyed });
}
