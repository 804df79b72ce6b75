import * as tf from "@tensorflow/tfjs";
import {
  createOptimiser,
  createTrajectory,
  ensembleOf,
  hashTree,
  LetheError,
  openTrajectory,
  shardPlaces,
  shardStart,
  stageEpochs,
  toHost,
  trainingKey,
  type Artifact,
  type ContentStorage,
  type Context,
  type Dataset,
  type HostTree,
  type Model,
  type RunPosition,
  type ShardPlace,
  type TensorTree,
  type TrainingRecorder,
  type TrainingStart,
  type TrainingState,
  type TrainingStep,
  type Trajectory,
  type Weights,
} from "@lethe/core";
import { artifactFor, expectShardwise, membersOf, metadataOf, storageOfShard, type SisaRecipe } from "./recorded.ts";

/**
 * Watches a training by shards, and leaves checkpoints of each constituent in the storage, of its parameters, buffers and what the optimiser
 * remembers of them: one from before its first stage, and one after each.
 *
 * @param onFinish told of the artifact, before the training returns it.
 */
export function recordShards(storage: ContentStorage, context: Context, onFinish: (artifact: Artifact) => void): TrainingRecorder<Artifact> {
  let watching: { readonly data: Dataset; readonly recording: Recording } | undefined;
  return {
    async begin(start) {
      expectShardwise(start.recipe);
      watching = { data: start.data, recording: await beginRecording(storage, start, start.recipe) };
    },
    step: async (step) => recordStep(watching!.recording, step),
    async finish(weights) {
      const { data, recording } = watching!;
      for (const { bytes } of recording.trajectories) context.meter.store(bytes);
      const artifact = await artifactFor(recording.trajectories, weights, data);
      onFinish(artifact);
      return artifact;
    },
  };
}

/** Begins the trajectory of every shard, or takes it up where the run stands. */
async function beginRecording(storage: ContentStorage, start: TrainingStart, recipe: SisaRecipe): Promise<Recording> {
  const { model, data, weights, at } = start;
  const key = await trainingKey(recipe, await data.hash(), model.architecture);
  const { constituents } = ensembleOf(model);
  const members = membersOf(recipe, data);
  const places = shardPlaces(recipe, data);
  const trajectories: Trajectory[] = [];
  for (const [shard, constituent] of constituents.entries()) {
    const trajectory = await openOrCreate(storageOfShard(storage, shard), members[shard], metadataOf(recipe, key));
    trajectories.push(trajectory);
    const own = ownWeights(weights, constituent);
    if (trajectory.length === 0 && at.epoch === 0 && at.step === 0) {
      const slots = tf.tidy(() => createOptimiser(recipe.optimiser).start(own.parameters) as tf.NamedTensorMap);
      const state = await stateOf(own, slots, shardStart(recipe, shard));
      tf.dispose(slots);
      await trajectory.append({ ...state, key }, { positions: [] });
      continue;
    }
    await takeUp(trajectory, { ends: stageEnds(recipe, shard, places), at, own });
  }
  return { key, constituents, places, trajectories };
}

async function openOrCreate(storage: ContentStorage, ids: readonly string[], metadata: Readonly<Record<string, string>>): Promise<Trajectory> {
  if ((await storage.names()).length === 0) return createTrajectory(storage, { ids, metadata });
  const trajectory = await openTrajectory(storage);
  if (JSON.stringify([trajectory.ids, trajectory.metadata]) === JSON.stringify([ids, metadata])) return trajectory;
  throw otherRun();
}

interface Standing {
  /** Epochs of the run after which the shard has a checkpoint, its beginning the first. */
  readonly ends: readonly number[];
  readonly at: RunPosition;
  /** The constituent's weights where the run stands. */
  readonly own: Weights;
}

/** Destroys checkpoints from after the moment at which a run is taken up, once all from before it are there. */
async function takeUp(trajectory: Trajectory, { ends, at, own }: Standing): Promise<void> {
  const expected = ends.filter((end, i) => i === 0 || end <= at.epoch);
  const kept = trajectory.entries.slice(0, expected.length);
  if (kept.length < expected.length || kept.some(({ epoch }, i) => epoch !== expected[i])) {
    const sentence = `The storage has no checkpoints of all that was trained before epoch ${at.epoch + 1}, where this run goes on; train again from the beginning, in a new place.`;
    throw new LetheError("sisa/not-recorded", sentence, { ...at });
  }
  const isWithinStage = expected.length < ends.length && (at.epoch > expected.at(-1)! || (at.epoch === expected.at(-1) && at.step > 0));
  if (!isWithinStage) {
    const { parameters, buffers } = await trajectory.read(expected.length - 1);
    const given = { ...(await toHost(own.parameters)), ...(await toHost(own.buffers)) };
    if ((await hashTree(sorted({ ...parameters, ...buffers }))) !== (await hashTree(sorted(given)))) throw otherRun();
  }
  if (trajectory.length > expected.length) await trajectory.truncate(expected.length);
}

/** See {@link Standing.ends}. A stage without samples has no checkpoint of its own. */
function stageEnds(recipe: SisaRecipe, shard: number, places: readonly ShardPlace[]): readonly number[] {
  const first = Math.min(...places.filter((place) => place.shard === shard).map(({ slice }) => slice));
  const ends = [shardStart(recipe, shard).epoch];
  let epoch = ends[0];
  for (const [stage, epochs] of stageEpochs(recipe.epochs, recipe.order.slices ?? 1).entries()) {
    epoch += epochs;
    if (stage >= first && epochs > 0) ends.push(epoch);
  }
  return ends;
}

/** What goes on being recorded. */
interface Recording {
  readonly key: string;
  readonly constituents: readonly Model[];
  /** Of each sample, in the order of the data. */
  readonly places: readonly ShardPlace[];
  readonly trajectories: readonly Trajectory[];
}

/** Takes a checkpoint after a stage. It is stored before the next step, so that no run can be resumed from a moment after one that is missing. */
async function recordStep(recording: Recording, { shard, stage, ends, weights, slots, next }: TrainingStep): Promise<void> {
  if (shard === undefined || stage === undefined || !ends.includes("stage")) return;
  const { constituents, key, trajectories, places } = recording;
  const own = ownWeights(weights, constituents[shard]);
  const state = await stateOf(own, ownSlots(slots, own.parameters), next);
  const members = places.filter((place) => place.shard === shard);
  const read = Array.from(members.keys()).filter((position) => members[position].slice <= stage);
  await trajectories[shard].append({ ...state, key }, { positions: read, block: stage });
}

/** Of the ensemble's weights, a constituent's. */
function ownWeights({ parameters, buffers }: Weights, constituent: Model): Weights {
  const own = (tree: TensorTree, names: TensorTree) => Object.fromEntries(Object.keys(names).map((name) => [name, tree[name]]));
  return { parameters: own(parameters, constituent.parameters), buffers: own(buffers, constituent.buffers) };
}

/** Slots are named by what they are, a slash, and the parameter. */
function ownSlots(slots: TensorTree, parameters: TensorTree): TensorTree {
  return Object.fromEntries(Object.entries(slots).filter(([name]) => name.slice(name.indexOf("/") + 1) in parameters));
}

async function stateOf({ parameters, buffers }: Weights, slots: TensorTree, at: RunPosition): Promise<TrainingState> {
  const [own, still, onHost] = await Promise.all([toHost(parameters), toHost(buffers), toHost(slots)]);
  return { epoch: at.epoch, step: at.step, lossSum: 0, parameters: own, buffers: still, slots: onHost };
}

/** A checkpoint that went through a file may have another order. */
function sorted(tree: HostTree): HostTree {
  return Object.fromEntries(Object.entries(tree).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function otherRun(): LetheError {
  const sentence = "The storage holds the checkpoints of another recipe, data set or model, or of other weights; record in a new place.";
  return new LetheError("sisa/other-run", sentence);
}
