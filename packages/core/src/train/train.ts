import { isAbort, LetheError } from "../errors/index.ts";
import { expectDataFits, type Weights } from "../model/index.ts";
import { isFiniteTree, toHost } from "../tree/index.ts";
import { validateRecipe, type Recipe } from "./recipe.ts";
import type { TrainingRecorder, TrainingStep } from "./recorder.ts";
import { Run, type RunInput } from "./run.ts";
import { trainingKey, type TrainingSnapshot, type TrainingState } from "./snapshot.ts";

export interface TrainOptions<Artifact = undefined> extends RunInput {
  /** Where to go on. */
  readonly resume?: TrainingSnapshot | undefined;
  /** Called after every `every` steps, and when the run is interrupted. */
  readonly checkpoint?: { readonly every: number; save(snapshot: TrainingSnapshot): Promise<void> } | undefined;
  readonly recorder?: TrainingRecorder<Artifact> | undefined;
}

export interface TrainingResult<Artifact = undefined> {
  /** The caller's. */
  readonly weights: Weights;
  /** Mean training loss of each epoch run here; by blocks or shards, of each epoch of each block or stage that has samples. */
  readonly losses: readonly number[];
  /** What the recorder left. */
  readonly artifact: Artifact | undefined;
}

/**
 * Minimises the mean loss over the data, plus the penalties of the layers' own weight regularisers, by the recipe. Weight constraints of
 * layers (`kernelConstraint`) are not applied: tfjs's own training bypasses them, so that a model trained there may be far outside them, and
 * the first step would throw it back.
 *
 * Batch order, dropout and augmentation of step s of epoch e (of a block) are functions of (seed, e, s) alone, so a run that is resumed from a
 * snapshot takes the very steps of an undisturbed one; on the cpu backend the resulting bits are equal.
 *
 * Where the recipe's order is by shards, the model is one that `shardedNetwork` made, and each constituent is trained on its shard.
 *
 * @throws LetheError `recipe/invalid`, `train/non-finite`, `train/other-run`, `train/other-shards`, `train/no-probability`, `model/not-sharded`,
 * `run/aborted`, and what reading data throws.
 */
export async function train<Artifact = undefined>(options: TrainOptions<Artifact>): Promise<TrainingResult<Artifact>> {
  const { model, data, recipe, recorder, resume, checkpoint } = options;
  validateRecipe(recipe);
  expectDataFits(model, data);
  // Only a run that can be resumed needs a name, which costs a pass over the data.
  const key = resume || checkpoint ? await trainingKey(recipe, await data.hash(), model.architecture) : "";
  if (resume && resume.key !== key) {
    throw new LetheError("train/other-run", "The checkpoint belongs to another recipe, data set or model; train without resuming.");
  }
  const run = new Run(options, resume);
  try {
    await recorder?.begin({ model, data, recipe, weights: run.weights, at: run.at });
    while (!run.isOver) {
      const step = await run.step();
      await recorder?.step(step);
      if (checkpoint && step.taken % checkpoint.every === 0) await checkpoint.save({ ...(await run.state()), key });
    }
    // The loss of a step is taken before its update, so the last update has not been looked at.
    await expectFiniteWeights(run.weights);
    const artifact = await recorder?.finish(run.weights);
    return { weights: run.release(), losses: run.losses, artifact };
  } catch (error) {
    if (isAbort(error) && checkpoint) {
      // An interrupted run whose last losses turn out not to be finite has nothing worth going on from.
      const state = await run.state().catch(() => undefined);
      if (state) await checkpoint.save({ ...state, key });
    }
    await recorder?.cancel?.();
    throw error;
  } finally {
    run.dispose();
  }
}

export interface TrainingStepsOptions extends RunInput {
  /**
   * Where to begin, in place of the beginning: the state of a run that read the same samples by the same recipe so far. Unlike `resume` of
   * {@link train} it may be a run over other data, the rest of which lay ahead; nobody checks that.
   */
  readonly from?: TrainingState | undefined;
  /**
   * Where the recipe's order is by shards: the only one to be trained, from 0. Weights and slots, `from`'s too, are then those of its constituent alone;
   * positions are those of the whole training. As shards have nothing in common, they may be trained in any order, and in processes of their own.
   */
  readonly shard?: number | undefined;
}

/**
 * The steps of {@link train}, one by one, for whoever wants to stop in between: no step is taken before it is asked for. What a step lends belongs
 * to the run and is gone with the next one, or when the loop is left. Whether the weights after the last step are finite is not looked at.
 *
 * @throws LetheError as {@link train}, `train/no-such-shard`.
 * @example
 * const recipe = { seed: 1, epochs: 9, batchSize: 8, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } };
 * let taken = 0;
 * for await (const step of trainingSteps({ model, data, recipe, context })) {
 *   taken = step.taken;
 *   if (taken === 3) break;
 * }
 * taken; // 3
 */
export async function* trainingSteps(options: TrainingStepsOptions): AsyncGenerator<TrainingStep, void, undefined> {
  const { model, data, recipe, from, shard } = options;
  validateRecipe(recipe);
  expectDataFits(model, data);
  if (shard !== undefined) expectShard(shard, recipe);
  const run = new Run(options, from);
  try {
    while (!run.isOver) yield await run.step();
  } finally {
    run.dispose();
  }
}

function expectShard(shard: number, { order }: Recipe): void {
  const shards = order?.kind === "shards" ? order.shards : 0;
  if (Number.isInteger(shard) && shard >= 0 && shard < shards) return;
  throw new LetheError("train/no-such-shard", `There is no shard ${shard} to be trained; the recipe has ${shards}, counted from 0.`, {
    shard,
    shards,
  });
}

async function expectFiniteWeights({ parameters, buffers }: Weights): Promise<void> {
  if (isFiniteTree({ ...(await toHost(parameters)), ...(await toHost(buffers)) })) return;
  throw new LetheError("train/non-finite", "The last step led to weights that are not finite; lower the learning rate.");
}
