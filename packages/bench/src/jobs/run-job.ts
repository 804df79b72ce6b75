import * as tf from "@tensorflow/tfjs";
import { Model, createContext, prepare, train, unlearn, type Json, type Progress } from "@lethe/core";
import { startingModel } from "../compute/network.ts";
import { loadData, withoutIds } from "../inputs/data.ts";
import { chooseConfigured } from "../methods/option.ts";
import { decodeNetwork, encodeNetwork } from "../runs/folder.ts";
import type { Job, PrepareJob, PreparedResult, Results, TrainJob, TrainedResult, UnlearnJob, UnlearnedResult } from "./job.ts";

export interface Watching {
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}

/** Does one job on the backend that has been chosen; the same in a worker and in the main thread. */
export async function runJob<Kind extends Job["kind"]>(job: Extract<Job, { kind: Kind }>, watching: Watching): Promise<Results[Kind]> {
  const results: { readonly [Each in Job["kind"]]: (job: never, watching: Watching) => Promise<Results[Each]> } = {
    train: runTrain,
    prepare: runPrepare,
    unlearn: runUnlearn,
  };
  return results[job.kind as Kind](job as never, watching);
}

async function runTrain({ phase, model: files, data, without, recipe }: TrainJob, watching: Watching): Promise<TrainedResult> {
  const remaining = withoutIds((await loadData(data)).train, without);
  const start = startingModel(await decodeNetwork(files), recipe);
  const context = createContext(watching);
  try {
    const { weights, losses } = await train({ model: start, data: remaining, recipe, context, phase });
    const cost = context.meter.read();
    const model = start.copy(weights);
    tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
    return { ...(await packed(model)), loss: losses.at(-1) ?? null, cost };
  } finally {
    start.dispose();
  }
}

async function runPrepare(job: PrepareJob, { signal, onProgress }: Watching): Promise<PreparedResult> {
  const { configured: method } = await chooseConfigured(job.method, job.settings, job.cwd);
  const data = withoutIds((await loadData(job.data)).train, job.without);
  const model = new Model(await decodeNetwork(job.model));
  try {
    return await prepare({ model, data, method, recipe: job.recipe, seed: job.seed, signal, onProgress: renamed(job.phase, onProgress) });
  } finally {
    model.dispose();
  }
}

async function runUnlearn(job: UnlearnJob, { signal, onProgress }: Watching): Promise<UnlearnedResult> {
  const { configured: method } = await chooseConfigured(job.method, job.settings, job.cwd);
  const { recipe, forget, artifact, seed } = job;
  const data = withoutIds((await loadData(job.data)).train, job.without);
  const model = new Model(await decodeNetwork(job.model));
  try {
    const request = { model, data, forget, method, artifact, recipe, seed, signal, onProgress: renamed(job.phase, onProgress) };
    const { model: network, ...result } = await unlearn(request);
    return { ...result, ...(await packed(new Model(network))), options: method.options as Json };
  } finally {
    model.dispose();
  }
}

async function packed(model: Model): Promise<{ model: TrainedResult["model"]; weights: string }> {
  try {
    return { model: await encodeNetwork(model.network), weights: await model.hash() };
  } finally {
    model.dispose();
  }
}

function renamed(phase: string, onProgress: Watching["onProgress"]): Watching["onProgress"] {
  return (progress) => onProgress({ ...progress, phase });
}
