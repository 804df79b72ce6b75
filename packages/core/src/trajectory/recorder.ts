import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import {
  createOptimiser,
  trainingKey,
  type Recipe,
  type TrainingRecorder,
  type TrainingSnapshot,
  type TrainingStart,
  type TrainingStep,
} from "../train/index.ts";
import { disposeTree, hashTree, toHost, type TensorTree } from "../tree/index.ts";
import type { Weights } from "../model/index.ts";
import { headFile } from "./head.ts";
import { createTrajectory, openTrajectory, type CreateTrajectoryOptions } from "./open.ts";
import { SampleSet } from "./samples.ts";
import type { TrajectoryStorage } from "./storage.ts";
import type { Trajectory } from "./trajectory.ts";

/** When to take a snapshot; the start and the end of training are always taken. */
export type SnapshotCadence =
  | { readonly steps: number }
  | { readonly epochs: number }
  /** At the end of every block of a recipe whose order is by blocks. A block without samples has no snapshot of its own. */
  | "blocks";

export interface TrajectoryRecorderOptions extends Pick<
  CreateTrajectoryOptions,
  "budget" | "keepEvery" | "keyFrameEvery" | "bytesPerFile" | "metadata"
> {
  /** Empty, or with the trajectory of a run of the same recipe, data and architecture, which is taken up. */
  readonly storage: TrajectoryStorage;
  readonly every: SnapshotCadence;
}

/**
 * Records the trajectory of a training run: snapshot 0 is the start, the last one the trained model. Leaves it as the run's artifact.
 *
 * A step waits for its snapshot to be copied from the device, not for it to be encoded and written: that goes on beside the steps that follow, up to
 * the next snapshot. What fails there is thrown by the next snapshot or the end of the run.
 *
 * An interrupted run goes on with `train({ resume: await trajectory.read(trajectory.length - 1), recorder, ... })`; snapshots beyond the one that was
 * resumed are destroyed. A snapshot taken within an epoch tells no loss (0), so that the mean loss of an epoch that is resumed comes out too low;
 * weights and all that follows are not affected.
 *
 * @throws LetheError from `begin`: `trajectory/bad-cadence`, `trajectory/other-run`, `trajectory/not-recorded`, and what opening throws.
 * @example
 * const recorder = trajectoryRecorder({ storage: memoryStorage(), every: { epochs: 1 } });
 * const recipe = { seed: 1, epochs: 2, batchSize: 4, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } };
 * const { artifact: trajectory } = await train({ model, data, recipe, context, recorder });
 * trajectory.length; // 3
 */
export function trajectoryRecorder(options: TrajectoryRecorderOptions): TrainingRecorder<Trajectory> {
  let recording: Recording | undefined;
  return {
    async begin(start) {
      recording = await beginRecording(start, options);
    },
    step: async (step) => recording!.step(step),
    finish: async () => recording!.finish(),
    cancel: async () => recording?.settle(),
  };
}

async function beginRecording(start: TrainingStart, options: TrajectoryRecorderOptions): Promise<Recording> {
  const { storage, every } = options;
  const { model, data, recipe, at } = start;
  expectCadence(every, recipe);
  const key = await trainingKey(recipe, await data.hash(), model.architecture);
  const recorded = (await storage.names()).includes(headFile);
  const trajectory = recorded ? await openTrajectory(storage) : await createTrajectory(storage, { ...options, ids: data.ids });
  const recording = new Recording(trajectory, start, key, every);
  if (trajectory.length === 0 && at.epoch === 0 && at.step === 0) {
    const slots = tf.tidy(() => createOptimiser(recipe.optimiser).start(start.weights.parameters) as tf.NamedTensorMap);
    await recording.take(start.weights, slots, at).finally(() => disposeTree(slots));
    return recording;
  }
  const entry = trajectory.entries.findLast(({ epoch, step }) => epoch === at.epoch && step === at.step);
  if (entry === undefined) {
    const sentence = `The trajectory has no snapshot of epoch ${at.epoch}, step ${at.step}, where this run begins; resume from one that it has, or record in a new place.`;
    throw new LetheError("trajectory/not-recorded", sentence, { ...at });
  }
  const snapshot = await trajectory.read(entry.index);
  // The key does not tell where training began: a pretrained model may be trained by the same recipe as another one.
  const [parameters, buffers] = await Promise.all([toHost(start.weights.parameters), toHost(start.weights.buffers)]);
  if (snapshot.key !== key || (await hashOf(snapshot)) !== (await hashOf({ parameters, buffers }))) {
    const sentence = "The storage holds the trajectory of another recipe, data set or model, or of other weights; record in a new place.";
    throw new LetheError("trajectory/other-run", sentence);
  }
  if (entry.index + 1 < trajectory.length) await trajectory.truncate(entry.index + 1);
  return recording;
}

/** Whatever the order of the tensors: a checkpoint that went through a file may have another. */
async function hashOf({ parameters, buffers }: Pick<TrainingSnapshot, "parameters" | "buffers">): Promise<string> {
  return hashTree(Object.fromEntries(Object.entries({ ...parameters, ...buffers }).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

class Recording {
  readonly #trajectory: Trajectory;
  readonly #key: string;
  readonly #every: SnapshotCadence;
  /** Of the samples of this run's data, where the trajectory's list has them. */
  readonly #positions: Uint32Array;
  #read: SampleSet;
  #stored: Promise<unknown> = Promise.resolve();

  constructor(trajectory: Trajectory, { data }: TrainingStart, key: string, every: SnapshotCadence) {
    this.#trajectory = trajectory;
    this.#key = key;
    this.#every = every;
    this.#positions = positionsIn(trajectory, data.ids);
    this.#read = new SampleSet(trajectory.ids.length);
  }

  async step(step: TrainingStep): Promise<void> {
    this.#read.add(step.indices.map((index) => this.#positions[index]));
    if (!this.#isDue(step)) return;
    await this.take(step.weights, step.slots, step.next, step.ends.includes("block") ? step.block : undefined);
  }

  #isDue({ taken, ends, next }: TrainingStep): boolean {
    const every = this.#every;
    if (ends.includes("run")) return true;
    if (every === "blocks") return ends.includes("block");
    if ("steps" in every) return taken % every.steps === 0;
    return "epochs" in every && ends.includes("epoch") && next.epoch % every.epochs === 0;
  }

  /** Copies the run's state, and stores it once what was taken before is stored. */
  async take(weights: Weights, slots: TensorTree, at: { readonly epoch: number; readonly step: number }, block?: number): Promise<void> {
    const provenance = { positions: this.#read.positions(), ...(block === undefined ? {} : { block }) };
    this.#read = new SampleSet(this.#read.bound);
    const [parameters, buffers, onHost] = await Promise.all([toHost(weights.parameters), toHost(weights.buffers), toHost(slots)]);
    const snapshot: TrainingSnapshot = { ...at, lossSum: 0, key: this.#key, parameters, buffers, slots: onHost };
    // Two copies at most: the one being stored, and this one.
    await this.#stored;
    this.#stored = this.#trajectory.append(snapshot, provenance);
    // Nobody may be waiting for it when it fails; whoever is next hears of it.
    this.#stored.catch(() => {});
  }

  async finish(): Promise<Trajectory> {
    await this.#stored;
    return this.#trajectory;
  }

  async settle(): Promise<void> {
    await this.#stored.catch(() => {});
  }
}

function positionsIn(trajectory: Trajectory, ids: readonly string[]): Uint32Array {
  const positions = new Map(trajectory.ids.map((id, position) => [id, position]));
  return Uint32Array.from(ids, (id) => {
    const position = positions.get(id);
    if (position !== undefined) return position;
    const sentence = `The trajectory in this storage was recorded without the sample ${id}, or it was forgotten; record this run in a new place.`;
    throw new LetheError("trajectory/other-run", sentence, { id });
  });
}

function expectCadence(every: SnapshotCadence, recipe: Recipe): void {
  if (every === "blocks") {
    if (recipe.order?.kind === "blocks") return;
    const sentence = `The recipe does not train by blocks, so that there are none to take snapshots of; give it order: { kind: "blocks", ... }, or take them every so many epochs.`;
    throw new LetheError("trajectory/bad-cadence", sentence, { every });
  }
  const [[unit, count]] = Object.entries(every);
  if (Number.isInteger(count) && count >= 1) return;
  throw new LetheError("trajectory/bad-cadence", `Snapshots every ${count} ${unit} cannot be taken; give a whole number, 1 or more.`, { every });
}
