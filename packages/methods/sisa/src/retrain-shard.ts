import {
  isFiniteTree,
  LetheError,
  toHost,
  trainingSteps,
  type Context,
  type Dataset,
  type Model,
  type Recipe,
  type ShardwiseRecipe,
  type TrainingState,
} from "@lethe/core";

/** All that training one shard again takes. Nothing in it is shared with other shards but the model, which is only read. */
export interface ShardRetraining {
  /** The ensemble. */
  readonly model: Model;
  readonly recipe: Recipe & ShardwiseRecipe;
  /** All that is retained; samples of other shards are not read. */
  readonly data: Dataset;
  readonly shard: number;
  /** The constituent's state to begin from: a checkpoint, or that from before the first stage. */
  readonly from: TrainingState;
  readonly context: Context;
}

/** A stage that was trained to its end. */
export interface TrainedStage {
  readonly stage: number;
  /** The constituent, after it. */
  readonly state: TrainingState;
}

/**
 * Trains one shard from a checkpoint to its end, stage by stage. Shards are independent, so that whoever has several devices or processes may run this
 * for several of them at once; SISA itself runs one after the other.
 *
 * @throws LetheError `train/non-finite`, `run/aborted`, and what reading data throws.
 * @example
 * const recipe = { seed: 1, epochs: 3, batchSize: 2, order: { kind: "shards", shards: 2, slices: 2 }, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } };
 * const model = new Model(shardedNetwork(network, recipe.order));
 * const [, constituent] = ensembleOf(model).constituents;
 * const { parameters, buffers } = constituent;
 * const from = { ...shardStart(recipe, 1), lossSum: 0, parameters: await toHost(parameters), buffers: await toHost(buffers), slots: {} };
 * const stages = [];
 * for await (const { stage } of retrainShard({ model, recipe, data, shard: 1, from, context: createContext() })) stages.push(stage);
 * stages; // [0, 1]
 */
export async function* retrainShard({ context, shard, ...rest }: ShardRetraining): AsyncGenerator<TrainedStage, void, undefined> {
  for await (const step of trainingSteps({ ...rest, context, shard, phase: `retraining of shard ${shard + 1}` })) {
    if (!step.ends.includes("stage")) continue;
    const { next, slots, weights, stage } = step;
    const [parameters, buffers, onHost] = await Promise.all([toHost(weights.parameters), toHost(weights.buffers), toHost(slots)]);
    // Before anything is replaced: afterwards the old model is no longer what the checkpoints stand for.
    if (!isFiniteTree({ ...parameters, ...buffers })) {
      throw new LetheError("train/non-finite", "Retraining led to weights that are not finite.");
    }
    yield { stage: stage!, state: { ...next, lossSum: 0, parameters, buffers, slots: onHost } };
  }
}
