import {
  shardPlaces,
  type Context,
  type ForgetReport,
  type Problem,
  type ReplacementSnapshot,
  type ShardPlace,
  type TrainingState,
} from "@lethe/core";
import type { Recorded, RecordedShard, SisaRecipe } from "./recorded.ts";
import { retrainShard } from "./retrain-shard.ts";

/** A shard that is without the forgotten samples now. */
export interface Redone {
  readonly shard: number;
  /** Of its constituent. */
  readonly state: TrainingState;
  /** That were trained again. */
  readonly stages: readonly number[];
  /** Undefined where an earlier attempt at the request had made them. */
  readonly changes: ForgetReport | undefined;
}

interface Affected extends RecordedShard {
  /** Index of its first checkpoint that a forgotten sample shaped. */
  readonly from: number;
}

/**
 * Trains the affected shards again, each from its last checkpoint that no forgotten sample shaped, and then replaces the later ones of all of them. As
 * long as shards are being trained nothing is replaced, so that a failure or an interruption leaves everything as it was. A kill between one replacement
 * and the next leaves checkpoints from which the same request can be answered when it is made again.
 *
 * @returns by shard.
 */
export async function retrainAffected({ recipe, shards }: Recorded, problem: Problem, context: Context): Promise<readonly Redone[]> {
  const redone: Redone[] = [];
  const affected: Affected[] = [];
  for (const each of shards) {
    const { shard, trajectory, forget, isAnswered } = each;
    const from = await trajectory.firstTouched(forget);
    if (from !== undefined) affected.push({ ...each, from });
    else if (isAnswered) redone.push({ shard, state: await trajectory.read(trajectory.length - 1), stages: [], changes: undefined });
    // Nothing was trained on them: a training of no epochs.
    else if (forget.length > 0) await trajectory.forget(forget, []);
  }
  const places = shardPlaces(recipe, problem.retain);

  const replaceFrom = async (place: number): Promise<void> => {
    if (place === affected.length) return;
    const { shard, trajectory, forget, from } = affected[place];
    const stages: number[] = [];
    let state: TrainingState = await trajectory.read(from - 1);
    const replacements = async function* (): AsyncGenerator<ReplacementSnapshot, void, undefined> {
      for await (const { stage, snapshot, positions } of stagesAnew(affected[place], { recipe, problem, places, context })) {
        state = snapshot;
        stages.push(stage);
        yield { snapshot, provenance: { positions, block: stage } };
      }
      // The other shards are trained before these replacements end, which is when they take effect.
      await replaceFrom(place + 1);
    };
    const changes = await trajectory.forget(forget, replacements());
    context.meter.store(trajectory.entries.filter(({ index }) => index >= from).reduce((sum, { bytes }) => sum + bytes, 0));
    redone.push({ shard, state, stages, changes });
  };

  await replaceFrom(0);
  return redone.toSorted((a, b) => a.shard - b.shard);
}

interface Retained {
  readonly recipe: SisaRecipe;
  readonly problem: Problem;
  /** Of each retained sample. */
  readonly places: readonly ShardPlace[];
  readonly context: Context;
}

/** A shard's stages, trained without the forgotten samples, and the positions in its trajectory's list of the samples that each goes over. */
async function* stagesAnew(
  { shard, trajectory, from }: Affected,
  { recipe, problem: { model, retain }, places, context }: Retained,
): AsyncGenerator<{ stage: number; snapshot: ReplacementSnapshot["snapshot"]; positions: readonly number[] }, void, undefined> {
  const before = await trajectory.read(from - 1);
  const positionOf = new Map(trajectory.ids.map((id, position) => [id, position]));
  for await (const { stage, state } of retrainShard({ model, recipe, data: retain, shard, from: before, context })) {
    const read = retain.ids.filter((_, i) => places[i].shard === shard && places[i].slice <= stage);
    yield { stage, snapshot: { ...state, key: before.key }, positions: read.map((id) => positionOf.get(id)!) };
  }
}
