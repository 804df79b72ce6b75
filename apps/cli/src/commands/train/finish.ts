import { buildNetwork, encodeNetwork, recorderOf, startingModel } from "@lethe/bench";
import * as tf from "@tensorflow/tfjs";
import {
  LetheError,
  createContext,
  isAbort,
  isLetheError,
  parameterCount,
  train,
  type Artifact,
  type Context,
  type Model,
  type TrainingResult,
} from "@lethe/core";
import { folderStorage } from "@lethe/core/files";
import { modelAccuracy } from "../../compute/accuracy.ts";
import { saveRun } from "../../runs/folder.ts";
import type { RunManifest } from "../../runs/manifest.ts";
import { listRecording, recordingIn, saveRecordedRun } from "../../runs/recording.ts";
import { beginWork, endWork, saveCheckpoint, workFolder } from "../../runs/work.ts";
import type { Session } from "../../session.ts";
import type { Start } from "./start.ts";

export interface Trained {
  readonly manifest: RunManifest;
  readonly parameters: number;
  readonly accuracy: { readonly train: number | null; readonly test: number | null };
}

/** Trains to the end and saves the run. */
export async function finish(start: Start, checkpointEvery: number, session: Session): Promise<Trained> {
  const { recording } = start;
  const work = workFolder(start.folder);
  const beginning = startingModel(buildNetwork(start.builder, start.data.train, start.recipe.order), start.recipe);
  try {
    if (start.snapshot === undefined) await beginWork(start.folder, start.manifest);
    const storage = recording && (await folderStorage(recordingIn(work, recording.method.id)));
    const { signal } = session.environment;
    const context = createContext({ seed: start.recipe.seed, signal, onProgress: session.progress.report, storage });
    const { weights, losses, artifact } = await train<Artifact>({
      model: beginning,
      data: start.data.train,
      recipe: start.recipe,
      context,
      resume: start.snapshot,
      checkpoint: { every: checkpointEvery, save: (snapshot) => saveCheckpoint(start.folder, snapshot) },
      recorder: recording && recorderOf(recording.configured, context),
    });
    const model = beginning.copy(weights);
    tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
    try {
      return await save(start, model, { losses, artifact }, context);
    } finally {
      model.dispose();
    }
  } catch (error) {
    throw await afterFailure(start, error);
  } finally {
    beginning.dispose();
  }
}

type Outcome = Pick<TrainingResult<Artifact>, "losses" | "artifact">;

async function save(start: Start, model: Model, { losses, artifact }: Outcome, context: Context): Promise<Trained> {
  const training = { cost: context.meter.read(), loss: losses.at(-1) ?? null, resumed: start.snapshot?.epoch ?? 0 };
  const { train: trainData, test } = start.data;
  const accuracy = { train: await modelAccuracy(model, trainData, context), test: await modelAccuracy(model, test, context) };
  const manifest = { ...start.manifest, weights: await model.hash(), training };
  const run = { model: await encodeNetwork(model.network), manifest, artifact };
  if (start.recording === undefined) {
    await saveRun(start.folder, run);
    await endWork(start.folder);
  } else {
    const work = workFolder(start.folder);
    const method = start.recording.method.id;
    await saveRecordedRun(start.folder, work, { ...run, recording: { method, contents: await listRecording(work, method) } });
  }
  return { manifest, parameters: parameterCount(model.parameters), accuracy };
}

/** What an interruption, a full disk or a recorder that cannot go on leaves is there for `--resume`; after any other error it would only fail again. */
async function afterFailure({ folder, snapshot, recording }: Start, error: unknown): Promise<unknown> {
  if (isAbort(error)) {
    return new LetheError(
      "run/aborted",
      `The training was interrupted; go on with lethe train --out ${folder} --resume.`,
      { path: folder },
      { cause: error },
    );
  }
  if (isLetheError(error) && error.code.startsWith("file/")) {
    const hint = [`lethe train --out ${folder} --resume goes on from the last checkpoint.`];
    return new LetheError(error.code, error.message, { ...error.details, hint }, { cause: error });
  }
  const wasResumed = snapshot !== undefined;
  if (isLetheError(error) && recording !== undefined && wasResumed && error.code !== "train/non-finite") {
    const hint = [`What was trained and recorded so far is kept in ${workFolder(folder)}; --overwrite in place of --resume begins again.`];
    return new LetheError(error.code, error.message, { ...error.details, hint }, { cause: error });
  }
  await endWork(folder);
  return error;
}
