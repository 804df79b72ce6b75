import type * as tf from "@tensorflow/tfjs";
import {
  disposeTree,
  fromHost,
  LetheError,
  Model,
  openTrajectory,
  type Artifact,
  type ContentStorage,
  type DestroyedSnapshot,
  type HostTree,
  type TensorTree,
  type Trajectory,
  type UndestroyedSnapshot,
} from "@lethe/core";
import { artifactFor, blocksByIndex, recipeOf, rememberedIds } from "./recorded.ts";

/** What the last request left in the storage, or the training where there was none. */
export interface RecoveredRecording {
  /** Of the last snapshot; the caller's. */
  readonly model: tf.LayersModel;
  readonly artifact: Artifact;
  /** Of the samples that it stands for: those whose data the next request begins from. */
  readonly ids: readonly string[];
  /** Files of old snapshots that the interrupted request had left, and that were destroyed now. */
  readonly destroyed: readonly DestroyedSnapshot[];
  /** Those that could not be. */
  readonly undestroyed: readonly UndestroyedSnapshot[];
}

/**
 * Makes the model and the artifact that belong to a storage as it stands: the way back where a program ended after a request had replaced the
 * snapshots and before their model and artifact were saved. They are those that the request would have returned, bit for bit.
 *
 * @param network of the architecture of the training, with any weights; borrowed.
 * @throws LetheError `deep-obliviate/unfinished` (the training was interrupted: resume it), `deep-obliviate/other-model`,
 * `deep-obliviate/not-block-wise`, and what opening throws.
 * @example
 * const storage = memoryStorage();
 * const byBlocks = { ...recipe, order: { kind: "blocks", blocks: 4 } };
 * const { method, options } = deepObliviate();
 * const recorder = method.record(options, createContext({ storage }));
 * const { artifact } = await train({ model: new Model(network), data, recipe: byBlocks, context: createContext(), recorder });
 * const recovered = await recoverRecorded(storage, network);
 * recovered.artifact.model === artifact.model; // true
 */
export async function recoverRecorded(storage: ContentStorage, network: tf.LayersModel | Model): Promise<RecoveredRecording> {
  const trajectory = await openTrajectory(storage);
  expectFinished(trajectory);
  const model = network instanceof Model ? network : new Model(network);
  const { parameters, buffers } = await trajectory.read(trajectory.length - 1);
  expectSameShapes(model.parameters, parameters);
  expectSameShapes(model.buffers, buffers);
  const weights = { parameters: fromHost(parameters), buffers: fromHost(buffers) };
  try {
    const artifact = await artifactFor(trajectory, weights);
    const { recovered: destroyed, undestroyed } = trajectory;
    return { model: model.copy(weights).network, artifact, ids: rememberedIds(trajectory), destroyed, undestroyed };
  } finally {
    disposeTree(weights.parameters);
    disposeTree(weights.buffers);
  }
}

function expectFinished(trajectory: Trajectory): void {
  const last = blocksByIndex(recipeOf(trajectory), rememberedIds(trajectory)).at(-1);
  const reached = trajectory.entries.at(-1)?.block;
  if (trajectory.length > 0 && reached === last) return;
  const sentence = `The training in this storage was interrupted ${reached === undefined ? "at its beginning" : `after block ${reached}`}; resume it from its last snapshot, with the method's recorder.`;
  throw new LetheError("deep-obliviate/unfinished", sentence, { block: reached ?? null, last: last ?? null });
}

function expectSameShapes(expected: TensorTree, found: HostTree): void {
  const describe = (tree: TensorTree | HostTree) => JSON.stringify(Object.entries(tree).map(([name, { shape }]) => [name, shape]));
  if (describe(expected) === describe(found)) return;
  const sentence = "The snapshots in this storage are of another architecture; give the network that was trained.";
  throw new LetheError("deep-obliviate/other-model", sentence);
}
