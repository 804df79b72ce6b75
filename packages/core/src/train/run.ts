import * as tf from "@tensorflow/tfjs";
import type { Context } from "../context/index.ts";
import { augmentImages, readTensors, validateSamples, type Dataset } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import { defaultLoss, lossFunction, valueAndGradient, type LossFunction, type Model, type Weights } from "../model/index.ts";
import { cloneTree, fromHost, toHost, type TensorTree } from "../tree/index.ts";
import { BatchPlan, type PlannedBatch, type RunPosition } from "./batch-plan.ts";
import { createOptimiser, type Optimiser } from "./optimiser.ts";
import type { Recipe } from "./recipe.ts";
import type { TrainingStep } from "./recorder.ts";
import { learningRate } from "./schedule.ts";
import { ensembleFor } from "./sharded-models.ts";
import { shardWeights } from "./shards.ts";
import type { TrainingState } from "./snapshot.ts";

export interface RunInput {
  /** Its weights are where training starts; it is not changed. `model.initialise(createRandom(recipe.seed))` gives a fresh start. */
  readonly model: Model;
  readonly data: Dataset;
  readonly recipe: Recipe;
  readonly context: Context;
  /** Shown with the progress. */
  readonly phase?: string;
}

/** What a run is given, and of a run by shards, perhaps the only one to be trained: then its weights are that constituent's alone. */
export type PartialRunInput = RunInput & { readonly shard?: number | undefined };

/** A training between two steps: the weights, what the optimiser remembers, and where in the plan it stands. */
export class Run {
  readonly #input: RunInput;
  readonly #plan: BatchPlan;
  /** What is trained: the model itself, or in each shard its own constituent. */
  readonly #models: readonly Model[];
  readonly #optimiser: Optimiser;
  readonly #loss: LossFunction;
  readonly losses: number[] = [];
  #parameters: TensorTree;
  #buffers: TensorTree;
  #slots: TensorTree;
  /** Per-batch losses, not read yet: reading every step would stall a GPU. */
  #pending: { value: tf.Scalar; samples: number }[] = [];
  #lossSum: number;
  #at: RunPosition;
  #next: PlannedBatch | undefined;
  #released = false;

  constructor(input: PartialRunInput, from: TrainingState | undefined) {
    const { model, recipe, data, shard } = input;
    const { order } = recipe;
    this.#input = input;
    const ensemble = order?.kind === "shards" ? ensembleFor(model, order) : undefined;
    this.#models = ensemble?.constituents ?? [model];
    this.#plan = new BatchPlan(recipe, data, shard);
    this.#optimiser = createOptimiser(recipe.optimiser);
    this.#loss = lossFunction(recipe.loss ?? defaultLoss(model.ending));
    const start = shard === undefined ? model : this.#models[shard];
    this.#parameters = from ? fromHost(from.parameters) : cloneTree(start.parameters);
    this.#buffers = from ? fromHost(from.buffers) : cloneTree(start.buffers);
    if (ensemble && order?.kind === "shards" && shard === undefined) {
      const heard = tf.tensor1d(shardWeights({ ...recipe, order }, data));
      this.#buffers = replaced(this.#buffers, { [ensemble.weights]: heard });
    }
    this.#slots = from ? fromHost(from.slots) : tf.tidy(() => this.#optimiser.start(this.#parameters));
    this.#at = { epoch: from?.epoch ?? 0, step: from?.step ?? 0 };
    this.#lossSum = from?.lossSum ?? 0;
    // Interrupted between the last step of an epoch and its closing.
    if (this.#at.step > 0 && this.#at.step === this.#plan.stepsIn(this.#at.epoch)) this.#closeEpoch();
    this.#next = this.#plan.batch(this.#at);
  }

  get isOver(): boolean {
    return this.#next === undefined;
  }

  /** Where the next step stands. */
  get at(): RunPosition {
    return this.#at;
  }

  get weights(): Weights {
    return { parameters: this.#parameters, buffers: this.#buffers };
  }

  /** Takes the next step. What it returns borrows the weights, until the step after. */
  async step(): Promise<TrainingStep> {
    const { data, recipe, context } = this.#input;
    await context.pause();
    const planned = this.#next!;
    const { epoch, indices, augmentation, block, shard, stage, ends, next } = planned;
    const samples = await data.read(indices);
    validateSamples(data, indices, samples);
    const augmented = recipe.augmentation
      ? augmentImages(samples, recipe.augmentation, augmentation, (position) => data.ids[indices[position]])
      : samples;
    const rate = learningRate(recipe.schedule, planned.time, recipe.epochs);
    const batch = readTensors(augmented);
    try {
      this.#update(batch.inputs, batch.labels, rate, planned);
    } finally {
      tf.dispose([batch.inputs, batch.labels]);
    }
    context.meter.forward(indices.length);
    context.meter.backward(indices.length);
    // The position moves with the weights, before anything is awaited: an interruption must not make a resumed run repeat the step.
    this.#at = { epoch, step: planned.step + 1 };
    if (ends.includes("epoch")) await this.#endEpoch();
    else if (this.#at.step % 16 === 0) await this.#readLosses();
    this.#next = this.#plan.batch(this.#at);
    this.#report();
    const { weights } = this;
    const taken = planned.taken + 1;
    return { epoch, step: planned.step, block, shard, stage, ends, next, taken, indices, learningRate: rate, weights, slots: this.#slots };
  }

  #update(inputs: tf.Tensor, labels: tf.Tensor1D, rate: number, { noise, updates, shard }: PlannedBatch): void {
    const model = this.#models[shard ?? 0];
    const parameters = picked(this.#parameters, model.parameters);
    const before = picked(this.#buffers, model.buffers);
    let after = before;
    const next = this.#tidyOrRestore(
      before,
      () => after,
      () => {
        const { value, gradient } = valueAndGradient((tree) => {
          const { logits, penalty, buffers } = model.forward({ parameters: tree, buffers: before }, inputs, "training", noise);
          after = buffers;
          const loss = tf.mean<tf.Scalar>(this.#loss(logits, labels));
          return penalty ? tf.add(loss, penalty) : loss;
        }, parameters);
        const state = this.#optimiser.update({ parameters, slots: this.#slots }, gradient, rate, updates);
        return { value, parameters: state.parameters as tf.NamedTensorMap, slots: state.slots as tf.NamedTensorMap };
      },
    );
    this.#parameters = replaced(this.#parameters, next.parameters);
    this.#slots = replaced(this.#slots, next.slots);
    this.#buffers = replaced(this.#buffers, after);
    this.#pending.push({ value: next.value, samples: labels.shape[0] });
  }

  /** A step that fails halfway leaves no buffers that its forward pass had already written. */
  #tidyOrRestore<Result extends tf.TensorContainer>(before: TensorTree, after: () => TensorTree, body: () => Result): Result {
    try {
      return tf.tidy(body);
    } catch (error) {
      for (const [name, buffer] of Object.entries(after())) if (buffer !== before[name]) buffer.dispose();
      throw error;
    }
  }

  async #readLosses(): Promise<void> {
    const pending = this.#pending.splice(0);
    for (const { value, samples } of pending) {
      const loss = (await value.data())[0];
      value.dispose();
      this.#lossSum += loss * samples;
    }
    if (Number.isFinite(this.#lossSum)) return;
    const { epoch } = this.#at;
    throw new LetheError("train/non-finite", `The loss became ${this.#lossSum} in epoch ${epoch + 1}; lower the learning rate.`, { epoch });
  }

  async #endEpoch(): Promise<void> {
    await this.#readLosses();
    this.#closeEpoch();
  }

  #closeEpoch(): void {
    const { epoch } = this.#at;
    this.losses.push(this.#lossSum / this.#plan.samplesIn(epoch));
    this.#lossSum = 0;
    this.#at = { epoch: epoch + 1, step: 0 };
  }

  #report(): void {
    const loss = this.losses.at(-1);
    this.#input.context.report({
      phase: this.#input.phase ?? "training",
      completed: this.#plan.samplesBefore(this.#at),
      total: this.#plan.samples,
      unit: "samples",
      ...(loss === undefined ? {} : { figures: { loss } }),
    });
  }

  async state(): Promise<TrainingState> {
    await this.#readLosses();
    const [parameters, buffers, slots] = await Promise.all([toHost(this.#parameters), toHost(this.#buffers), toHost(this.#slots)]);
    return { ...this.#at, lossSum: this.#lossSum, parameters, buffers, slots };
  }

  /** Hands the weights over to the caller. */
  release(): Weights {
    this.#released = true;
    return this.weights;
  }

  dispose(): void {
    tf.dispose([this.#slots, this.#pending.map(({ value }) => value)] as tf.TensorContainer);
    if (!this.#released) tf.dispose([this.#parameters, this.#buffers] as tf.TensorContainer);
  }
}

/** The tensors of the names that another tree has. */
function picked(tree: TensorTree, names: TensorTree): TensorTree {
  return Object.fromEntries(Object.keys(names).map((name) => [name, tree[name]]));
}

/** The tree with some of its tensors replaced; those they replace are disposed. */
function replaced(tree: TensorTree, by: TensorTree): TensorTree {
  for (const [name, tensor] of Object.entries(by)) if (tree[name] !== tensor) tree[name].dispose();
  return { ...tree, ...by };
}
