import { buildNetwork, encodeNetwork, startingModel } from "@lethe/bench";
import * as tf from "@tensorflow/tfjs";
import { LetheError, createContext, isAbort, isLetheError, parameterCount, train, type Context, type Model, type TrainingResult } from "@lethe/core";
import { modelAccuracy } from "../../compute/accuracy.ts";
import { saveRun } from "../../runs/folder.ts";
import type { RunManifest } from "../../runs/manifest.ts";
import { beginWork, endWork, saveCheckpoint } from "../../runs/work.ts";
import type { Session } from "../../session.ts";
import type { Start } from "./start.ts";

export interface Trained {
  readonly manifest: RunManifest;
  readonly parameters: number;
  readonly accuracy: { readonly train: number | null; readonly test: number | null };
}

/** Trains to the end and saves the run. */
export async function finish(start: Start, checkpointEvery: number, session: Session): Promise<Trained> {
  const context = createContext({ signal: session.environment.signal, onProgress: session.progress.report });
  const beginning = startingModel(buildNetwork(start.builder, start.data.train), start.recipe);
  try {
    if (start.snapshot === undefined) await beginWork(start.folder, start.manifest);
    const { weights, losses } = await train({
      model: beginning,
      data: start.data.train,
      recipe: start.recipe,
      context,
      resume: start.snapshot,
      checkpoint: { every: checkpointEvery, save: (snapshot) => saveCheckpoint(start.folder, snapshot) },
    });
    const model = beginning.copy(weights);
    tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
    try {
      return await save(start, model, losses, context);
    } finally {
      model.dispose();
    }
  } catch (error) {
    throw await afterFailure(start.folder, error);
  } finally {
    beginning.dispose();
  }
}

async function save(start: Start, model: Model, losses: TrainingResult["losses"], context: Context): Promise<Trained> {
  const training = { cost: context.meter.read(), loss: losses.at(-1) ?? null, resumed: start.snapshot?.epoch ?? 0 };
  const { train: trainData, test } = start.data;
  const accuracy = { train: await modelAccuracy(model, trainData, context), test: await modelAccuracy(model, test, context) };
  const manifest = { ...start.manifest, weights: await model.hash(), training };
  await saveRun(start.folder, { model: await encodeNetwork(model.network), manifest });
  await endWork(start.folder);
  return { manifest, parameters: parameterCount(model.parameters), accuracy };
}

/** An interrupted training and a full disk leave the checkpoint for `--resume`; after any other error it would only fail again. */
async function afterFailure(folder: string, error: unknown): Promise<unknown> {
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
  await endWork(folder);
  return error;
}
