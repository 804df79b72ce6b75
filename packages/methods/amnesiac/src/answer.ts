import {
  cloneTree,
  disposeTree,
  fromHost,
  isFiniteTree,
  isLetheError,
  LetheError,
  plural,
  toHost,
  unchangedWeights,
  type Artifact,
  type Context,
  type Outcome,
  type Problem,
} from "@lethe/core";
import type { AmnesiacOptions } from "./options.ts";
import { artifactFor } from "./recorded.ts";
import { repair, type Repaired } from "./repair.ts";
import { distance, subtracted, sumOfUpdates } from "./subtraction.ts";
import type { LoggedUpdate } from "./update-file.ts";
import type { Removal, UpdateLog } from "./update-log.ts";

/** One request, answered from an open log, which is changed at once or not at all. */
export interface Question {
  readonly problem: Problem;
  readonly artifact: Artifact;
  readonly log: UpdateLog;
  readonly options: AmnesiacOptions;
  readonly context: Context;
}

/** From this share of the way that training has gone, a message says that the model is likely to have lost more than was asked. */
const far = 0.1;

export async function answer(question: Question): Promise<Outcome<Artifact>> {
  const { problem, artifact, log, context } = question;
  await context.pause();
  if (problem.forget.size === 0) return unchanged(question, "no-effect", "Nothing was to be forgotten, so nothing was changed.", artifact);
  const forgotten = positionsOf(problem, log);
  const affected = log.updates.filter(({ samples }) => samples.some((position) => forgotten.has(position)));
  if (affected.length === 0) return nothingLeft(question, forgotten);
  const sum = await sumOfUpdates(log, affected, context);
  const theta = await toHost(problem.model.parameters);
  const parameters = subtracted(theta, sum);
  if (!isFiniteTree(parameters)) return unchanged(question, "non-finite", "Without the updates the weights are not finite; retrain.", artifact);
  const way = distance(theta, await log.readStart());
  const moved = distance(sum);
  let repaired: Repaired;
  try {
    repaired = await repairIfAsked(question, { parameters: fromHost(parameters), buffers: cloneTree(problem.model.buffers) });
  } catch (error) {
    if (!isLetheError(error) || error.code !== "train/non-finite") throw error;
    const message = `The repair diverged and the model is unchanged: ${error.message} Give a lower repairRate, or repair not at all.`;
    return unchanged(question, "non-finite", message, artifact);
  }
  return published(question, { forgotten, affected, repaired, moved, relative: way > 0 ? moved / way : null });
}

interface Answered {
  readonly forgotten: ReadonlySet<number>;
  readonly affected: readonly LoggedUpdate[];
  readonly repaired: Repaired;
  /** Euclidean norm of what was subtracted. */
  readonly moved: number;
  /** The same, in lengths of the way from the start of training to the model; null where there was none. */
  readonly relative: number | null;
}

async function published({ problem, log, context }: Question, answered: Answered): Promise<Outcome<Artifact>> {
  const { forgotten, affected, repaired, moved, relative } = answered;
  const { weights } = repaired;
  const before = log.head.finished!;
  const bytesDestroyed = affected.reduce((sum, { bytes }) => sum + bytes, 0);
  const bytesAdded = log.updates.filter(({ index }) => index >= before.steps).reduce((sum, { bytes }) => sum + bytes, 0);
  try {
    const removal = await log.publish({
      forgotten,
      subtracted: new Set(affected),
      steps: before.steps + repaired.steps,
      epochs: before.epochs + repaired.epochs,
    });
    context.meter.store(bytesAdded);
    const artifact = await artifactFor(log, weights, problem.retain);
    const stepShare = affected.length / before.steps;
    const report = {
      updatesSubtracted: affected.length,
      steps: before.steps,
      stepShare,
      stepShareSoFar: (before.subtracted + affected.length) / before.steps,
      subtractedNorm: moved,
      relativeNorm: relative,
      repairEpochs: repaired.epochs,
      repairSteps: repaired.steps,
      finalLoss: repaired.finalLoss,
      ...removalReport(log, removal),
      bytesDestroyed,
      bytesStored: log.bytes,
    };
    const message = messageOf({ updates: affected.length, steps: before.steps, relative, repaired }) + leftoverSentence(removal);
    return { status: "completed", message, weights, artifact, report, cost: context.meter.read() };
  } catch (error) {
    disposeTree(weights.parameters);
    disposeTree(weights.buffers);
    throw error;
  }
}

/** Destroyed files: of this request, and of an earlier one that was killed. */
function removalReport({ recovered }: UpdateLog, { destroyed, undestroyed }: Removal): Outcome<Artifact>["report"] {
  return {
    destroyed: [...recovered, ...destroyed].map(({ index, file }) => ({ index, file })),
    undestroyed: undestroyed.map(({ index, file, reason }) => ({ index, file, reason })),
  };
}

function leftoverSentence({ undestroyed }: Removal): string {
  if (undestroyed.length === 0) return "";
  return ` ${plural(undestroyed.length, "file")} of subtracted updates could not be removed (see undestroyed in the report); the next request tries again.`;
}

/** @param from owned; handed on where there is no repair. */
async function repairIfAsked({ problem, log, options, context }: Question, from: Repaired["weights"]): Promise<Repaired> {
  if (options.repairEpochs === 0) return { weights: from, steps: 0, epochs: 0, finalLoss: null };
  try {
    return await repair(problem, from, log, options, context);
  } finally {
    disposeTree(from.parameters);
    disposeTree(from.buffers);
  }
}

/** Positions of the forgotten samples in the ids of the log. */
function positionsOf({ forget }: Problem, { head }: UpdateLog): ReadonlySet<number> {
  const known = new Map(head.ids.map((id, position) => [id, position]));
  const unknown = forget.ids.filter((id) => !known.has(id));
  if (unknown.length === 0) return new Set(forget.ids.map((id) => known.get(id)!));
  const others = unknown.length === 1 ? "" : ` and ${plural(unknown.length - 1, "other")}`;
  const sentence = `No updates were kept for ${unknown[0]}${others}: not named as sensitive when the training was recorded, or forgotten before. Leave them out, or use a method that needs no log.`;
  throw new LetheError("amnesiac/not-sensitive", sentence, { ids: unknown });
}

/** All updates of the samples went with those of others, or there never were any: a training of no epochs. */
async function nothingLeft(question: Question, forgotten: ReadonlySet<number>): Promise<Outcome<Artifact>> {
  const { problem, log } = question;
  const { steps, epochs } = log.head.finished!;
  await log.publish({ forgotten, subtracted: new Set(), steps, epochs });
  const message = "No update in the log is of these samples: earlier requests subtracted all of theirs. Nothing was changed.";
  return unchanged(question, "no-effect", message, await artifactFor(log, problem.model.weights, problem.retain));
}

function unchanged({ problem, context }: Question, status: Outcome<Artifact>["status"], message: string, artifact: Artifact): Outcome<Artifact> {
  return { status, message, weights: unchangedWeights(problem.model), artifact, report: {}, cost: context.meter.read() };
}

interface Summary extends Pick<Answered, "relative" | "repaired"> {
  readonly updates: number;
  readonly steps: number;
}

function messageOf({ updates, steps, relative, repaired }: Summary): string {
  const percent = (share: number) => `${Number((100 * share).toPrecision(share < 1 ? 2 : 3))} %`;
  const back = relative === null ? "" : `, which moved the model by ${percent(relative)} of the way that training had gone`;
  const done = `${plural(updates, "update")} of ${plural(steps, "step")} (${percent(updates / steps)}) ${updates === 1 ? "was" : "were"} subtracted${back}`;
  if (repaired.epochs > 0) return `${done}, and repaired in ${plural(repaired.epochs, "epoch")} on the retained data.`;
  if (relative === null || relative < far) return `${done}.`;
  return `${done}; so much takes more than was asked with it: compare the accuracy, and set repairEpochs or retrain.`;
}
