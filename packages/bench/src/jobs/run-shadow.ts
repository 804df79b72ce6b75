import { rm } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs";
import {
  Model,
  collectLogits,
  createContext,
  createRandom,
  prepare,
  train,
  unlearn,
  type Artifact,
  type Dataset,
  type HostTensor,
} from "@lethe/core";
import { accuracy, predictions } from "@lethe/metrics";
import { marginsOf, stacked } from "../audits/margins.ts";
import { readingBatch } from "../data/sets.ts";
import { onlyIds, withoutIds } from "../data/source.ts";
import { decodeNetwork } from "../network/files.ts";
import { blameMethod } from "./blame-method.ts";
import { lentStorage } from "./lent-storage.ts";
import type { ShadowJob, ShadowResult } from "./job.ts";
import type { Working } from "./run-job.ts";

/** One forget set after the other, each from the same trained model; what a method prepares is prepared once, as it would be in use. */
export async function runShadow(job: ShadowJob, working: Working): Promise<ShadowResult> {
  const started = performance.now();
  const loaded = await working.loadData(job.data);
  const data = withoutIds(loaded.train, job.without);
  const attacked = onlyIds(loaded.train, job.attacked, "the attacked samples");
  const { test } = loaded;
  const model = new Model(await decodeNetwork(job.model));
  const phi: Float64Array[] = [];
  const population: Float64Array[] = [];
  const accuracies: (number | null)[] = [];
  const statuses: string[] = [];
  try {
    const answer = job.how.kind === "method" ? await unlearning(job, job.how, model, data, working) : retraining(job, model, data, working);
    for (const [index, forget] of job.forgetSets.entries()) {
      working.onProgress({ phase: job.phase, unit: "steps", completed: index, total: job.forgetSets.length });
      const { model: unlearned, status } = await answer(forget, index);
      try {
        phi.push(marginsOf(await speak(unlearned, attacked, working), attacked, job.attacked));
        const onTest = test && (await speak(unlearned, test, working));
        population.push(onTest === undefined ? new Float64Array(0) : marginsOf(onTest, test!, job.population));
        accuracies.push(onTest === undefined ? null : accuracy(predictions(onTest), test!.labels));
        statuses.push(status);
      } finally {
        unlearned.dispose();
      }
    }
  } finally {
    model.dispose();
  }
  const seconds = (performance.now() - started) / 1000;
  return { phi: stacked(phi, job.attacked.length), population: stacked(population, job.population.length), accuracies, statuses, seconds };
}

type Answer = (forget: readonly string[], index: number) => Promise<{ readonly model: Model; readonly status: string }>;

async function unlearning(
  job: ShadowJob,
  { method: name, settings, cwd, recorded }: Extract<ShadowJob["how"], { kind: "method" }>,
  model: Model,
  data: Dataset,
  { loadMethod, loadData, signal }: Working,
): Promise<Answer> {
  const { configured: method } = await loadMethod(name, settings, cwd);
  const { validation } = await loadData(job.data);
  const common = { model, data, validation, method, recipe: job.recipe, signal };
  const { id } = method.method;
  let artifact: Artifact | undefined = recorded?.artifact;
  if (recorded === undefined && method.method.prepare !== undefined)
    ({ artifact } = await blameMethod(id, () => prepare({ ...common, seed: `${job.seed}/prepare` })));
  return async (forget, index) => {
    if (recorded !== undefined) await rm(recorded.to, { recursive: true, force: true });
    const storage = recorded && (await lentStorage(recorded));
    const request = { ...common, forget, artifact, storage, seed: `${job.seed}/request-${index}` };
    const { model: network, status } = await blameMethod(id, () => unlearn(request));
    return { model: new Model(network), status };
  };
}

function retraining({ recipe, seed }: ShadowJob, model: Model, data: Dataset, { signal }: Working): Answer {
  return async (forget, index) => {
    const own = { ...recipe, seed: `${seed}/retrain-${index}` };
    const start = model.initialise(createRandom(own.seed));
    try {
      const { weights } = await train({
        model: start,
        data: withoutIds(data, forget),
        recipe: own,
        context: createContext({ signal }),
        phase: "retraining",
      });
      const retrained = start.copy(weights);
      tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
      return { model: retrained, status: "completed" };
    } finally {
      start.dispose();
    }
  };
}

function speak(model: Model, data: Dataset, { signal }: Working): Promise<HostTensor> {
  return collectLogits(model, data, { context: createContext({ signal }), batchSize: readingBatch, phase: "testing" });
}
