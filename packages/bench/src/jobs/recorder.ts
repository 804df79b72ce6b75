import {
  createContext,
  LetheError,
  memoryStorage,
  type AnyMethod,
  type Artifact,
  type Context,
  type TrainingRecorder,
  type TrainingStart,
} from "@lethe/core";

/**
 * The recorder of a method that has to watch the training.
 *
 * @throws LetheError `method/no-recorder`.
 */
export function recorderOf({ method, options }: AnyMethod, context: Context): TrainingRecorder<Artifact> {
  const recorder = method.record?.(options, context) as TrainingRecorder<Artifact> | undefined;
  if (recorder !== undefined) return recorder;
  throw new LetheError("method/no-recorder", `${method.id} has no recorder to watch a training with.`, { method: method.id });
}

/**
 * Lets a recorder begin, and no more: one that cannot watch such a training, because it wants another order, says so here and not after hours.
 *
 * @throws LetheError `method/no-recorder`, and what the recorder throws.
 */
export async function tryRecording(method: AnyMethod, { model, data, recipe }: Pick<TrainingStart, "model" | "data" | "recipe">): Promise<void> {
  const recorder = recorderOf(method, createContext({ storage: memoryStorage() }));
  await recorder.begin({ model, data, recipe, weights: model.weights, at: { epoch: 0, step: 0 } });
  await recorder.cancel?.();
}
