import * as tf from "@tensorflow/tfjs";
import type { Context } from "../context/index.ts";
import { augmentImages, readTensors, validateSamples, type Dataset } from "../data/index.ts";
import { LetheError, isAbort } from "../errors/index.ts";
import { defaultLoss, expectDataFits, lossFunction, valueAndGradient, type LossFunction, type Model, type Weights } from "../model/index.ts";
import { createRandom, type Random } from "../random/index.ts";
import { cloneTree, fromHost, isFiniteTree, toHost, type TensorTree } from "../tree/index.ts";
import { createOptimiser, type Optimiser } from "./optimiser.ts";
import { validateRecipe, type Recipe } from "./recipe.ts";
import type { TrainingRecorder } from "./recorder.ts";
import { learningRate } from "./schedule.ts";
import { trainingKey, type TrainingSnapshot } from "./snapshot.ts";

export interface TrainOptions<Artifact = undefined> {
  /** Its weights are where training starts; it is not changed. `model.initialise(createRandom(recipe.seed))` gives a fresh start. */
  readonly model: Model;
  readonly data: Dataset;
  readonly recipe: Recipe;
  readonly context: Context;
  /** Shown with the progress. */
  readonly phase?: string;
  /** Where to go on. */
  readonly resume?: TrainingSnapshot | undefined;
  /** Called after every `every` steps, and when the run is interrupted. */
  readonly checkpoint?: { readonly every: number; save(snapshot: TrainingSnapshot): Promise<void> } | undefined;
  readonly recorder?: TrainingRecorder<Artifact> | undefined;
}

export interface TrainingResult<Artifact = undefined> {
  /** The caller's. */
  readonly weights: Weights;
  /** Mean training loss of each epoch run here. */
  readonly losses: readonly number[];
  /** What the recorder left. */
  readonly artifact: Artifact | undefined;
}

/**
 * Minimises the mean loss over the data, plus the penalties of the layers' own weight regularisers, by the recipe. Weight constraints of
 * layers (`kernelConstraint`) are not applied: tfjs's own training bypasses them, so that a model trained there may be far outside them, and
 * the first step would throw it back.
 *
 * Batch order, dropout and augmentation of step s of epoch e are functions of (seed, e, s) alone, so a run that is resumed from a snapshot
 * takes the very steps of an undisturbed one; on the cpu backend the resulting bits are equal.
 *
 * @throws LetheError `recipe/invalid`, `train/non-finite`, `train/other-run`, `run/aborted`, and what reading data throws.
 */
export async function train<Artifact = undefined>(options: TrainOptions<Artifact>): Promise<TrainingResult<Artifact>> {
  const { model, data, recipe, recorder, resume } = options;
  validateRecipe(recipe);
  expectDataFits(model, data);
  // Only a run that can be resumed needs a name, which costs a pass over the data.
  const key = resume || options.checkpoint ? await trainingKey(recipe, await data.hash(), model.architecture) : "";
  if (resume && resume.key !== key) {
    throw new LetheError("train/other-run", "The checkpoint belongs to another recipe, data set or model; train without resuming.");
  }
  const run = new Run(options, key);
  try {
    await recorder?.begin({ model, data, recipe, weights: run.weights, at: run.at });
    while (run.epoch < recipe.epochs) await run.step();
    // The loss of a step is taken before its update, so the last update has not been looked at.
    await expectFiniteWeights(run.weights);
    const artifact = await recorder?.finish(run.weights);
    return { weights: run.release(), losses: run.losses, artifact };
  } catch (error) {
    if (isAbort(error)) await saveWhatCanBeSaved(run, options);
    await recorder?.cancel?.();
    throw error;
  } finally {
    run.dispose();
  }
}

/** An interrupted run whose last losses turn out not to be finite has nothing worth going on from. */
async function saveWhatCanBeSaved(run: Run, { checkpoint }: RunOptions): Promise<void> {
  const snapshot = checkpoint && (await run.snapshot().catch(() => undefined));
  if (snapshot) await checkpoint.save(snapshot);
}

async function expectFiniteWeights({ parameters, buffers }: Weights): Promise<void> {
  if (isFiniteTree({ ...(await toHost(parameters)), ...(await toHost(buffers)) })) return;
  throw new LetheError("train/non-finite", "The last step led to weights that are not finite; lower the learning rate.");
}

/** What a running training holds on to. It does not know what a recorder makes of it. */
type RunOptions = TrainOptions<unknown>;

class Run {
  readonly #options: RunOptions;
  readonly #key: string;
  readonly #random: Random;
  readonly #optimiser: Optimiser;
  readonly #loss: LossFunction;
  readonly #stepsPerEpoch: number;
  readonly phase: string;
  readonly losses: number[] = [];
  #parameters: TensorTree;
  #buffers: TensorTree;
  #slots: TensorTree;
  #order: { epoch: number; positions: Uint32Array } | undefined;
  /** Per-batch losses, not read yet: reading every step would stall a GPU. */
  #pending: { value: tf.Scalar; samples: number }[] = [];
  #lossSum: number;
  #step: number;
  #released = false;
  epoch: number;

  constructor(options: RunOptions, key: string) {
    const { model, recipe, data, resume } = options;
    this.#options = options;
    this.#key = key;
    this.#random = createRandom(recipe.seed);
    this.#optimiser = createOptimiser(recipe.optimiser);
    this.#loss = lossFunction(recipe.loss ?? defaultLoss(model.ending));
    this.#stepsPerEpoch = Math.ceil(data.size / recipe.batchSize);
    this.phase = options.phase ?? "training";
    this.#parameters = resume ? fromHost(resume.parameters) : cloneTree(model.parameters);
    this.#buffers = resume ? fromHost(resume.buffers) : cloneTree(model.buffers);
    this.#slots = resume ? fromHost(resume.slots) : tf.tidy(() => this.#optimiser.start(this.#parameters));
    this.epoch = resume?.epoch ?? 0;
    this.#step = resume?.step ?? 0;
    this.#lossSum = resume?.lossSum ?? 0;
    if (this.#step === this.#stepsPerEpoch) this.#closeEpoch();
  }

  /** Where the next step stands. */
  get at(): { epoch: number; step: number } {
    return { epoch: this.epoch, step: this.#step };
  }

  get weights(): Weights {
    return { parameters: this.#parameters, buffers: this.#buffers };
  }

  async step(): Promise<void> {
    const { data, recipe, context, recorder, checkpoint } = this.#options;
    await context.pause();
    const indices = this.#batch();
    const samples = await data.read(indices);
    validateSamples(data, indices, samples);
    const random = this.#random.split("augmentation", this.epoch);
    const augmented = recipe.augmentation ? augmentImages(samples, recipe.augmentation, random, (position) => data.ids[indices[position]]) : samples;
    const rate = learningRate(recipe.schedule, this.epoch + this.#step / this.#stepsPerEpoch, recipe.epochs);
    const batch = readTensors(augmented);
    try {
      this.#update(batch.inputs, batch.labels, rate);
    } finally {
      tf.dispose([batch.inputs, batch.labels]);
    }
    context.meter.forward(indices.length);
    context.meter.backward(indices.length);
    // The counters move with the weights, before anything is awaited: an interrupted recorder must not make a resumed run repeat the step.
    const at = { epoch: this.epoch, step: this.#step++ };
    await recorder?.step({ ...at, indices, learningRate: rate, weights: this.weights, slots: this.#slots });
    const taken = this.epoch * this.#stepsPerEpoch + this.#step;
    if (this.#step === this.#stepsPerEpoch) await this.#endEpoch();
    else if (this.#step % 16 === 0) await this.#readLosses();
    this.#report();
    if (checkpoint && taken % checkpoint.every === 0) await checkpoint.save(await this.snapshot());
  }

  #batch(): Uint32Array {
    const { data, recipe } = this.#options;
    if (this.#order?.epoch !== this.epoch) {
      this.#order = { epoch: this.epoch, positions: this.#random.split("order", this.epoch).permutation(data.size) };
    }
    return this.#order.positions.slice(this.#step * recipe.batchSize, (this.#step + 1) * recipe.batchSize);
  }

  #update(inputs: tf.Tensor, labels: tf.Tensor1D, rate: number): void {
    const { model } = this.#options;
    const before = this.#buffers;
    let after = before;
    const next = this.#tidyOrRestore(
      before,
      () => after,
      () => {
        const { value, gradient } = valueAndGradient((parameters) => {
          const noise = this.#random.split("noise", this.epoch, this.#step);
          const { logits, penalty, buffers } = model.forward({ parameters, buffers: before }, inputs, "training", noise);
          after = buffers;
          const loss = tf.mean<tf.Scalar>(this.#loss(logits, labels));
          return penalty ? tf.add(loss, penalty) : loss;
        }, this.#parameters);
        const taken = this.epoch * this.#stepsPerEpoch + this.#step;
        const state = this.#optimiser.update({ parameters: this.#parameters, slots: this.#slots }, gradient, rate, taken);
        return { value, parameters: state.parameters as tf.NamedTensorMap, slots: state.slots as tf.NamedTensorMap };
      },
    );
    for (const name of Object.keys(before)) if (before[name] !== after[name]) before[name].dispose();
    tf.dispose([this.#parameters, this.#slots] as tf.TensorContainer);
    this.#parameters = next.parameters;
    this.#slots = next.slots;
    this.#buffers = after;
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
    throw new LetheError("train/non-finite", `The loss became ${this.#lossSum} in epoch ${this.epoch + 1}; lower the learning rate.`, {
      epoch: this.epoch,
    });
  }

  async #endEpoch(): Promise<void> {
    await this.#readLosses();
    this.#closeEpoch();
  }

  #closeEpoch(): void {
    this.losses.push(this.#lossSum / this.#options.data.size);
    this.#lossSum = 0;
    this.#step = 0;
    this.epoch++;
  }

  #report(): void {
    const loss = this.losses.at(-1);
    this.#options.context.report({
      phase: this.phase,
      completed: this.epoch * this.#options.data.size + Math.min(this.#step * this.#options.recipe.batchSize, this.#options.data.size),
      total: this.#options.recipe.epochs * this.#options.data.size,
      unit: "samples",
      ...(loss === undefined ? {} : { figures: { loss } }),
    });
  }

  async snapshot(): Promise<TrainingSnapshot> {
    await this.#readLosses();
    const [parameters, buffers, slots] = await Promise.all([toHost(this.#parameters), toHost(this.#buffers), toHost(this.#slots)]);
    return { epoch: this.epoch, step: this.#step, lossSum: this.#lossSum, parameters, buffers, slots, key: this.#key };
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
