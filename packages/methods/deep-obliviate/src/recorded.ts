import {
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
  throw new LetheError("deep-obliviate/not-block-wise", sentence);
}

/** What is kept in the trajectory's own metadata, so that a request needs no recipe. */
export function metadataOf(recipe: Recipe): Readonly<Record<string, string>> {
  return { recipe: JSON.stringify(recipe) };
}

export function recipeOf(trajectory: Trajectory): ObliviousRecipe {
  const recipe = JSON.parse(trajectory.metadata["recipe"] ?? "{}") as Recipe;
  expectBlockwise(recipe);
  return recipe;
}

/** Equal where all snapshots are, bit for bit, and the samples that they stand for. */
async function trajectoryHash({ ids, entries, metadata }: Trajectory): Promise<string> {
  return sha256(JSON.stringify([ids, metadata, entries.map(({ index, block, epoch, step, content }) => [index, block, epoch, step, content])]));
}

/**
 * The artifact that stands for a trajectory; the snapshots themselves stay where they are.
 *
 * @param stitchedAfter the snapshots of all blocks after this one were stitched; null where none was.
 */
export async function artifactFor(trajectory: Trajectory, weights: Weights, data: Dataset, stitchedAfter: number | null): Promise<Artifact> {
  return {
    method: "deep-obliviate",
    version: 1,
    model: await hashWeights(weights),
    data: { identity: await identifyDataset(data), size: data.size },
    tensors: {} satisfies HostTree,
    metadata: { trajectory: await trajectoryHash(trajectory), snapshots: trajectory.entries.length, bytes: trajectory.bytes, stitchedAfter },
  };
}

/** See {@link artifactFor}. */
export function stitchedAfterOf({ metadata }: Artifact): number | null {
  const { stitchedAfter } = metadata;
  return typeof stitchedAfter === "number" ? stitchedAfter : null;
}

/**
 * The trajectory that an artifact speaks of.
 *
 * @throws LetheError `deep-obliviate/other-trajectory`, and what opening throws.
 */
export async function openRecorded(artifact: Artifact, storage: ContentStorage): Promise<Trajectory> {
  const trajectory = await openTrajectory(storage);
  if ((await trajectoryHash(trajectory)) === artifact.metadata["trajectory"]) return trajectory;
  const sentence =
    "The storage holds other snapshots than the artifact speaks of; give the storage that belongs to it or, if a request was answered since, the artifact and the model that this one left.";
  throw new LetheError("deep-obliviate/other-trajectory", sentence, { artifact: artifact.metadata["trajectory"] });
}
