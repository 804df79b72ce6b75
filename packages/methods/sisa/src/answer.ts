import * as tf from "@tensorflow/tfjs";
import {
  cloneTree,
  ensembleOf,
  fromHost,
  isLetheError,
  plural,
  shardWeights,
  unchangedWeights,
  type Artifact,
  type Context,
  type Json,
  type Outcome,
  type Problem,
  type TensorTree,
  type Weights,
} from "@lethe/core";
import { costReport, samplePasses, type CostReport } from "./cost-report.ts";
import { expectedWork } from "./expected-cost.ts";
import { artifactFor, type Recorded } from "./recorded.ts";
import { retrainAffected, type Redone } from "./replace.ts";

/** One request, and the checkpoints to answer it from. */
export interface Question {
  readonly problem: Problem;
  readonly artifact: Artifact;
  readonly recorded: Recorded;
  readonly context: Context;
}

/** The answer, with the checkpoints changed for good, or left as they were where retraining failed. */
export async function answer(question: Question): Promise<Outcome<Artifact>> {
  const { problem, artifact, recorded, context } = question;
  const { model, forget, retain } = problem;
  await context.pause();
  let redone: readonly Redone[];
  try {
    redone = await retrainAffected(recorded, problem, context);
  } catch (error) {
    if (!isLetheError(error) || error.code !== "train/non-finite") throw error;
    const message = `Retraining failed and the model is unchanged: ${error.message} Look at the retained data: the recipe is that of the training.`;
    return { status: "non-finite", message, weights: unchangedWeights(model), artifact, report: {}, cost: context.meter.read() };
  }
  const trajectories = recorded.shards.map(({ trajectory }) => trajectory);
  const weights = weightsOf(question, redone);
  const costs = costsOf(question, redone);
  return {
    status: redone.length === 0 ? "no-effect" : "completed",
    message: messageOf(question, redone, costs),
    weights,
    artifact: forget.size === 0 ? artifact : await artifactFor(trajectories, weights, retain),
    report: redone.length === 0 ? {} : { ...changesOf(question, redone), ...costs },
    cost: context.meter.read(),
  };
}

/** The model's, but for the constituents of the shards that were redone, and for how much each constituent has to say. */
function weightsOf({ problem: { model, forget, retain }, recorded: { recipe } }: Question, redone: readonly Redone[]): Weights {
  if (forget.size === 0) return unchangedWeights(model);
  const { weights: heard } = ensembleOf(model);
  const states = redone.map(({ state }) => state);
  const parameters = Object.fromEntries(states.flatMap((state) => Object.entries(fromHost(state.parameters))));
  const buffers = Object.fromEntries(states.flatMap((state) => Object.entries(fromHost(state.buffers))));
  const aggregate = { [heard]: tf.tensor1d(shardWeights(recipe, retain)) };
  return { parameters: withReplaced(model.parameters, parameters), buffers: withReplaced(model.buffers, { ...buffers, ...aggregate }) };
}

function withReplaced(tree: TensorTree, by: TensorTree): TensorTree {
  const kept = Object.fromEntries(Object.entries(tree).filter(([name]) => !(name in by)));
  const all = { ...cloneTree(kept), ...by };
  return Object.fromEntries(Object.keys(tree).map((name) => [name, all[name]]));
}

function costsOf({ problem: { retain }, recorded: { recipe, shards } }: Question, redone: readonly Redone[]): CostReport {
  const passes = samplePasses(recipe, retain);
  const again = redone.flatMap(({ shard, stages }) => stages.map((stage) => passes[shard][stage]));
  return costReport({
    stagesRedone: again.length,
    stages: passes.flat().filter((count) => count > 0).length,
    samplePasses: sumOf(again),
    retrainingSamplePasses: sumOf(passes.flat()),
    bytesStored: sumOf(shards.map(({ trajectory }) => trajectory.bytes)),
  });
}

function changesOf({ problem: { forget }, recorded: { recipe } }: Question, redone: readonly Redone[]): { readonly [key: string]: Json } {
  const { shards, slices = 1 } = recipe.order;
  return {
    shards,
    affectedShards: redone.map(({ shard }) => shard),
    answeredBefore: redone.filter(({ changes }) => changes === undefined).map(({ shard }) => shard),
    expectedWork: expectedWork({ shards, slices, deletions: forget.size }),
    destroyed: redone.flatMap(({ shard, changes }) => (changes?.destroyed ?? []).map(({ index, file }) => ({ shard, index, file }))),
    undestroyed: redone.flatMap(({ shard, changes }) =>
      (changes?.undestroyed ?? []).map(({ index, file, reason }) => ({ shard, index, file, reason })),
    ),
    published: redone.flatMap(({ shard, changes }) => (changes?.published ?? []).map((index) => ({ shard, index }))),
  };
}

function messageOf({ recorded: { shards } }: Question, redone: readonly Redone[], { stagesRedone, speedUp }: CostReport): string {
  if (redone.length === 0) return "No checkpoint was shaped by these samples, so nothing was changed.";
  const work = speedUp === null ? "" : `, ${speedUp.toPrecision(2)} times less work than all`;
  const again = redone.some(({ changes }) => changes === undefined) ? " (some by an earlier attempt, which was interrupted)" : "";
  const left = redone.reduce((sum, { changes }) => sum + (changes?.undestroyed.length ?? 0), 0);
  const undestroyed =
    left === 0
      ? ""
      : ` ${plural(left, "file")} of old checkpoints could not be removed (see undestroyed in the report); the next request tries again.`;
  return `${redone.length} of ${plural(shards.length, "shard")} were trained again${again}, ${plural(stagesRedone, "stage")} in all${work}; the model is what training on the retained data leads to.${undestroyed}`;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
