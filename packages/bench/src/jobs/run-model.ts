import * as tf from "@tensorflow/tfjs";
import { Model, collectLogits, createContext, prepare, toHost, train, unlearn, type Dataset, type Json, type Progress } from "@lethe/core";
import { weightDistance } from "@lethe/metrics";
import { readingBatch } from "../data/sets.ts";
import { withoutIds, type LoadedData } from "../data/source.ts";
import { decodeNetwork, encodeNetwork } from "../network/files.ts";
import { startingModel } from "../network/network.ts";
import { blameMethod } from "./blame-method.ts";
import { lentStorage } from "./lent-storage.ts";
import type { PrepareJob, PreparedResult, SpokenLogits, TrainJob, TrainedResult, UnlearnJob, UnlearnedResult } from "./job.ts";
import type { Working } from "./run-job.ts";

export async function runTrain(job: TrainJob, working: Working): Promise<TrainedResult> {
  const { phase, without, recipe } = job;
  const data = await working.loadData(job.data);
  const start = startingModel(await decodeNetwork(job.model), recipe);
  const context = createContext(working);
  try {
    const { weights, losses } = await train({ model: start, data: withoutIds(data.train, without), recipe, context, phase });
    const cost = context.meter.read();
    const model = start.copy(weights);
    tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
    try {
      return { ...(await packed(model)), loss: losses.at(-1) ?? null, cost, outputs: await spoken(job.outputs, model, data, working) };
    } finally {
      model.dispose();
    }
  } finally {
    start.dispose();
  }
}

export async function runPrepare(job: PrepareJob, { signal, onProgress, loadMethod, loadData }: Working): Promise<PreparedResult> {
  const { configured: method } = await loadMethod(job.method, job.settings, job.cwd);
  const { train, validation } = await loadData(job.data);
  const data = withoutIds(train, job.without);
  const model = new Model(await decodeNetwork(job.model));
  try {
    const request = { model, data, validation, method, recipe: job.recipe, seed: job.seed, signal, onProgress: renamed(job.phase, onProgress) };
    return await blameMethod(method.method.id, () => prepare(request));
  } finally {
    model.dispose();
  }
}

export async function runUnlearn(job: UnlearnJob, working: Working): Promise<UnlearnedResult> {
  const { configured: method } = await working.loadMethod(job.method, job.settings, job.cwd);
  const { recipe, forget, artifact, seed } = job;
  const loaded = await working.loadData(job.data);
  const data = withoutIds(loaded.train, job.without);
  const before = new Model(await decodeNetwork(job.model));
  try {
    const { validation } = loaded;
    const storage = job.recorded && (await lentStorage(job.recorded));
    const request = { model: before, data, validation, forget, method, artifact, recipe, seed, storage, signal: working.signal };
    const { model: network, ...result } = await blameMethod(method.method.id, () =>
      unlearn({ ...request, onProgress: renamed(job.phase, working.onProgress) }),
    );
    const after = new Model(network);
    try {
      const change = job.outputs === "logits" ? await changeOf(before, after) : { layers: [], moved: null };
      const outputs = await spoken(job.outputs, after, loaded, working);
      return { ...result, ...(await packed(after)), options: method.options as Json, outputs, ...change };
    } finally {
      after.dispose();
    }
  } finally {
    before.dispose();
  }
}

async function packed(model: Model): Promise<Pick<TrainedResult, "model" | "weights">> {
  return { model: await encodeNetwork(model.network), weights: await model.hash() };
}

/** In evaluation mode, after the clock has stopped: asking is no part of the cost. */
async function spoken(
  outputs: "logits" | "none" | undefined,
  model: Model,
  { train: trainData, test, triggered }: LoadedData,
  { signal }: Working,
): Promise<SpokenLogits | undefined> {
  if (outputs !== "logits") return undefined;
  const context = createContext({ signal });
  const empty = { shape: [0, model.classCount], values: new Float32Array(0) };
  const collect = (data: Dataset) => collectLogits(model, data, { context, batchSize: readingBatch, phase: "testing" });
  return {
    train: await collect(trainData),
    test: test === undefined ? empty : await collect(test),
    ...(triggered === undefined ? {} : { triggered: await collect(triggered) }),
  };
}

async function changeOf(before: Model, after: Model): Promise<Pick<UnlearnedResult, "layers" | "moved">> {
  const { layers, length } = weightDistance(await toHost(after.parameters), await toHost(before.parameters));
  return { layers: Object.entries(layers).map(([layer, unlearned]) => ({ layer, unlearned })), moved: length };
}

function renamed(phase: string, onProgress: Working["onProgress"]): Working["onProgress"] {
  return (progress: Progress) => onProgress({ ...progress, phase });
}
