import {
  blockOf,
  disposeTree,
  fromHost,
  isLetheError,
  plural,
  unchangedWeights,
  type Artifact,
  type Context,
  type ForgetReport,
  type HostTree,
  type Json,
  type Outcome,
  type Problem,
  type Trajectory,
} from "@lethe/core";
import { costReport } from "./cost-report.ts";
import type { DeepObliviateOptions } from "./options.ts";
import { artifactFor, blocksByIndex, metadataOf, recipeOf } from "./recorded.ts";
import { replacements, type Corrected, type Correction } from "./replacements.ts";
import { recomputeStatistics } from "./statistics.ts";

/** One request, answered from an open trajectory, which is changed at once or not at all. */
export interface Question {
  readonly problem: Problem;
  readonly artifact: Artifact;
  readonly trajectory: Trajectory;
  readonly options: DeepObliviateOptions;
  readonly context: Context;
}

/** The answer, with the trajectory changed for good, or left as it was where retraining failed. */
export async function answer(question: Question): Promise<Outcome<Artifact>> {
  const { problem, artifact, trajectory, options, context } = question;
  const { model, forget, retain } = problem;
  const recipe = recipeOf(trajectory);
  const from = await trajectory.firstTouched(forget.ids);
  if (from === undefined) return nothingToDo(question);
  const { data } = problem;
  const affected = new Set(forget.ids.map((id) => blockOf(recipe, id)));
  const blocks = blocksByIndex(recipe, data.ids);
  const first = blocks.findIndex((block) => affected.has(block!));
  const inherited = await trajectory.residue(from - 1);
  const start: Start = inherited.length > 0 ? "stitched" : "trained";
  const statisticsOf = (parameters: HostTree, buffers: HostTree) => finalStatistics(question, parameters, buffers);
  const correction: Correction = { trajectory, recipe, model, data, forget, retain, options, context, from, blocks, first, inherited, statisticsOf };
  const corrected: Corrected = { retraced: [], samplePasses: 0, recomputedSamplePasses: 0, final: undefined, residue: [] };
  let changes: ForgetReport;
  try {
    changes = await trajectory.forget(forget.ids, replacements(correction, corrected), { metadata: await metadataOf(recipe, retain) });
  } catch (error) {
    if (!isLetheError(error) || error.code !== "train/non-finite") throw error;
    const message = `Retraining failed and the model is unchanged: ${error.message} Look at the retained data: the recipe is that of the training.`;
    return { status: "non-finite", message, weights: unchangedWeights(model), artifact, report: leftoversOf(trajectory), cost: context.meter.read() };
  }
  context.meter.store(trajectory.entries.filter(({ index }) => index >= from).reduce((sum, { bytes }) => sum + bytes, 0));
  const weights = { parameters: fromHost(corrected.final!.parameters), buffers: fromHost(corrected.final!.buffers) };
  const { isStopped } = corrected.retraced.at(-1)!;
  const costs = costReport({
    blocksRedone: corrected.retraced.length,
    blocksFromFirst: blocks.length - first,
    blocks: blocks.length - 1,
    samplePasses: corrected.samplePasses,
    recomputedSamplePasses: corrected.recomputedSamplePasses,
    retrainingSamplePasses: retain.size * recipe.epochs,
    bytesStored: trajectory.bytes,
  });
  const changed = changesOf(trajectory, changes);
  return {
    status: isStopped ? "stopped-early" : "completed",
    message: messageOf(corrected, start, blocks.length - first, costs.speedUp) + leftoverSentence(changes.undestroyed.length),
    weights,
    artifact: await artifactFor(trajectory, weights),
    report: { start, residueOf: corrected.residue.length, ...decisionOf(correction, corrected), ...changed, ...costs },
    cost: context.meter.read(),
  };
}

/** Whether the snapshot that retraining began from was trained, or stitched by an earlier request: then it holds what that one left. */
type Start = "trained" | "stitched";

type Report = { readonly [key: string]: Json };

/** How far it went, and why no farther. */
function decisionOf({ recipe, forget, blocks, first }: Correction, { retraced }: Corrected): Report {
  const affected = new Set(forget.ids.map((id) => blockOf(recipe, id)));
  const { block, trend, isStopped } = retraced.at(-1)!;
  return {
    firstAffectedBlock: Math.min(...affected),
    lastAffectedBlock: Math.max(...affected),
    affectedBlocks: affected.size,
    lastRetrainedBlock: blocks[first + block]!,
    residuals: retraced.map(({ residual }) => residual),
    slope: trend.slope ?? null,
    threshold: trend.threshold,
    powerLaw: trend.law ? { ...trend.law } : null,
    stitched: isStopped ? "yes" : "no",
    residualsToCome: isStopped ? (trend.tail ?? null) : 0,
  };
}

/** What became of snapshots: by this request, and by opening where an earlier one had been killed. */
function changesOf(trajectory: Trajectory, { destroyed, undestroyed, published }: Omit<ForgetReport, "from">): Report {
  return {
    destroyed: [...trajectory.recovered, ...destroyed].map(({ index, file }) => ({ index, file })),
    undestroyed: undestroyed.map(({ index, file, reason }) => ({ index, file, reason })),
    published: [...published],
  };
}

/** Where the request changed nothing. */
function leftoversOf(trajectory: Trajectory): Report {
  return changesOf(trajectory, { destroyed: [], undestroyed: trajectory.undestroyed, published: [] });
}

function leftoverSentence(files: number): string {
  if (files === 0) return "";
  return ` ${plural(files, "file")} of old snapshots could not be removed (see undestroyed in the report); the next request tries again.`;
}

async function finalStatistics({ problem, options, context }: Question, parameters: HostTree, buffers: HostTree): Promise<HostTree> {
  if (options.statistics === "retrained" || Object.keys(buffers).length === 0) return buffers;
  const weights = { parameters: fromHost(parameters), buffers: fromHost(buffers) };
  try {
    return await recomputeStatistics(problem.model, weights, problem.retain, { context, batchSize: options.batchSize });
  } finally {
    disposeTree(weights.parameters);
    disposeTree(weights.buffers);
  }
}

/** Nothing to forget, or samples that no snapshot has seen: a training of no epochs. */
async function nothingToDo({ problem, artifact, trajectory, context }: Question): Promise<Outcome<Artifact>> {
  await context.pause();
  const { model, forget, retain } = problem;
  const weights = unchangedWeights(model);
  const metadata = await metadataOf(recipeOf(trajectory), retain);
  const changes = forget.size > 0 ? await trajectory.forget(forget.ids, [], { metadata }) : undefined;
  const message = `No snapshot was shaped by these samples, so nothing was changed.${leftoverSentence(trajectory.undestroyed.length)}`;
  return {
    status: "no-effect",
    message,
    weights,
    artifact: changes ? await artifactFor(trajectory, weights) : artifact,
    report: changes ? changesOf(trajectory, changes) : leftoversOf(trajectory),
    cost: context.meter.read(),
  };
}

function messageOf({ retraced }: Corrected, start: Start, of: number, speedUp: number | null): string {
  const { isStopped, trend } = retraced.at(-1)!;
  const work = speedUp === null ? "" : `, ${speedUp.toPrecision(2)} times less work than all`;
  const from = start === "stitched" ? " from a snapshot that an earlier request had stitched, and what that one left stays" : "";
  const redone = `${plural(retraced.length, "block")} of ${of} were trained again${from}${work}`;
  if (!isStopped && start === "stitched") return `${redone}; they were trained to the end.`;
  if (!isStopped) return `${redone}, to the end; the model is what block-wise training on the retained data leads to.`;
  const tail =
    trend.tail === undefined
      ? ""
      : ` If the trend goes on, the model is within ${trend.tail.toPrecision(2)} (1-norm) of retraining ${start === "stitched" ? "from there" : "in full"}.`;
  return `${redone}; the residuals had become flat, and the rest was stitched on.${tail}`;
}
