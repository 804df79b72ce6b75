import * as tf from "@tensorflow/tfjs";
import { createContext, train } from "@lethe/core";
import { folderStorage } from "@lethe/core/files";
import { withoutIds } from "../data/source.ts";
import { decodeNetwork } from "../network/files.ts";
import { startingModel } from "../network/network.ts";
import { blameMethod } from "./blame-method.ts";
import type { RecordedResult, RecordJob } from "./job.ts";
import { recorderOf } from "./recorder.ts";
import type { Working } from "./run-job.ts";

/** The same training as that of a `TrainJob`, with somebody watching. */
export async function runRecord(job: RecordJob, { signal, onProgress, loadMethod, loadData }: Working): Promise<RecordedResult> {
  const { configured } = await loadMethod(job.method, job.settings, job.cwd);
  const data = withoutIds((await loadData(job.data)).train, job.without);
  const { recipe, phase } = job;
  const start = startingModel(await decodeNetwork(job.model), recipe);
  const context = createContext({ seed: job.seed, signal, onProgress, storage: await folderStorage(job.folder) });
  try {
    const { weights, artifact } = await blameMethod(configured.method.id, () =>
      train({ model: start, data, recipe, context, recorder: recorderOf(configured, context), phase }),
    );
    const cost = context.meter.read();
    const model = start.copy(weights);
    tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
    try {
      return { weights: await model.hash(), artifact: artifact!, cost };
    } finally {
      model.dispose();
    }
  } finally {
    start.dispose();
  }
}
