import type { Random } from "../random/index.ts";
import type { BatchOrder, OrderPart } from "./batch-order.ts";
import type { RunPosition } from "./batch-plan.ts";
import type { Recipe } from "./recipe.ts";
import { shardPlaces, type SampleFacts, type ShardwiseRecipe } from "./shard-assignment.ts";
import { stageEpochs } from "./shard-stages.ts";

/** Of a recipe, what decides where a shard's training begins. */
export type ShardTraining = Pick<Recipe, "epochs"> & Pick<ShardwiseRecipe, "order">;

/**
 * Where the training of a shard begins: its own, and with `shard` the number of shards, the end of the run. The same whatever the data.
 *
 * @example
 * shardStart({ epochs: 20, order: { kind: "shards", shards: 4, slices: 3 } }, 2); // { epoch: 60, step: 0 }
 */
export function shardStart({ epochs, order }: ShardTraining, shard: number): RunPosition {
  return { epoch: shard * stageEpochs(epochs, order.slices ?? 1).reduce((sum, each) => sum + each, 0), step: 0 };
}

/**
 * Shard after shard, and within one, stage after stage: stage r goes over the slices 0 .. r together. What happens in a stage depends on the recipe and
 * the samples in those slices of its shard alone, in the order of the data. The first stage of the first shard draws what shuffled training draws, so
 * that one shard of one slice is plain training.
 *
 * An epoch of stage r lasts (r + 1) / R of the schedule's epochs, stretched so that every shard has the whole schedule.
 *
 * @param only the shard to be trained; the others have no samples then. Default all.
 */
export function shardOrder(recipe: Recipe & ShardwiseRecipe, data: SampleFacts, random: Random, only: number | undefined): BatchOrder {
  const { shards, slices = 1 } = recipe.order;
  const places = shardPlaces(recipe, data);
  const epochs = stageEpochs(recipe.epochs, slices);
  const parts: OrderPart[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const own = Array.from(places.keys()).filter((position) => places[position].shard === shard && (only ?? shard) === shard);
    for (let stage = 0; stage < slices; stage++) {
      const members = own.filter((position) => places[position].slice <= stage);
      const path = [...(shard > 0 ? ["shard", shard] : []), ...(stage > 0 ? ["stage", stage] : [])];
      parts.push({
        epochs: epochs[stage],
        size: members.length,
        since: shard * slices,
        shard,
        stage,
        ends: stage === slices - 1 ? ["stage", "shard"] : ["stage"],
        positions: (epoch) =>
          random
            .split("order", ...path, epoch)
            .permutation(members.length)
            .map((at) => members[at]),
        names: (epoch) => [...path, epoch],
      });
    }
  }
  return { parts, time: scheduleTime(recipe.epochs, epochs) };
}

/** @param stages epochs of each. */
function scheduleTime(epochs: number, stages: readonly number[]): BatchOrder["time"] {
  const each = stages.reduce((sum, count) => sum + count, 0);
  const lasts = (stage: number) => (stage + 1) / stages.length;
  const before = stages.map((_, stage) => stages.slice(0, stage).reduce((sum, count, i) => sum + count * lasts(i), 0));
  const whole = before.at(-1)! + stages.at(-1)!;
  const firstEpoch = stages.map((_, stage) => stages.slice(0, stage).reduce((sum, count) => sum + count, 0));
  return (epoch, fraction) => {
    const within = epoch % each;
    const stage = firstEpoch.findLastIndex((first) => first <= within);
    return (epochs / whole) * (before[stage] + (within - firstEpoch[stage] + fraction) * lasts(stage));
  };
}

/** How much each constituent has to say: as much as any other, or as many samples as it was trained on; nothing without any. */
export function shardWeights({ seed, order }: ShardwiseRecipe, data: SampleFacts): Float32Array {
  const sizes = new Float32Array(order.shards);
  for (const { shard } of shardPlaces({ seed, order }, data)) sizes[shard] += 1;
  return order.weighting === "size" ? sizes : sizes.map((size) => Math.min(size, 1));
}
