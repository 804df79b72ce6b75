import {
  LetheError,
  toHost,
  trainingKey,
  type Artifact,
  type ContentStorage,
  type Context,
  type Dataset,
  type Recipe,
  type RunPosition,
  type TrainingRecorder,
  type TrainingStart,
} from "@lethe/core";
import type { LogHead } from "./log-head.ts";
import type { SensitiveSelection } from "./options.ts";
import { expectKnownOrder, expectNoGap, extentOf } from "./reading-order.ts";
import { artifactFor } from "./recorded.ts";
import { selectSensitive } from "./sensitive.ts";
import { StepLogger } from "./step-logger.ts";
import { createLog, holdsLog, openLog, type UpdateLog } from "./update-log.ts";

/**
 * Watches a training and leaves the update of each step whose batch holds a sensitive sample in the storage. A training that was interrupted goes on from
 * any of its checkpoints, with the same storage.
 */
export function recordUpdates(storage: ContentStorage, sensitive: SensitiveSelection, context: Context): TrainingRecorder<Artifact> {
  let recording: Recording | undefined;
  return {
    async begin(start) {
      const log = await beginLog(storage, sensitive, start);
      recording = { log, data: start.data, recipe: start.recipe, logger: new StepLogger(log, start.data.ids, start.weights) };
    },
    step: async (step) => recording!.logger.step(step),
    async finish(weights) {
      const { log, data, recipe, logger } = recording!;
      expectNoGap(log, recipe, Infinity);
      await log.finish(extentOf(recipe, data.ids));
      logger.dispose();
      context.meter.store(log.bytes);
      return artifactFor(log, weights, data);
    },
    cancel: async () => recording?.logger.dispose(),
  };
}

interface Recording {
  readonly log: UpdateLog;
  readonly data: Dataset;
  readonly recipe: Recipe;
  readonly logger: StepLogger;
}

async function beginLog(
  storage: ContentStorage,
  sensitive: SensitiveSelection,
  { model, data, recipe, weights, at }: TrainingStart,
): Promise<UpdateLog> {
  expectKnownOrder(recipe);
  const ids = selectSensitive(data, sensitive).map((position) => data.ids[position]);
  const key = await trainingKey(recipe, await data.hash(), model.architecture);
  const isStart = at.epoch === 0 && at.step === 0;
  const known = (await holdsLog(storage)) ? await openLog(storage) : undefined;
  if (known !== undefined) expectSameRun(known.head, { ids, key });
  if (isStart) {
    const start = await toHost(weights.parameters);
    const layout = Object.entries(start).map(([name, { shape }]) => [name, shape] as const);
    return createLog(storage, { ids, recipe, key, layout }, start);
  }
  if (known === undefined) throw notRecorded(at);
  await known.reopen(({ epoch, step }) => epoch < at.epoch || (epoch === at.epoch && step < at.step));
  expectNoGap(known, recipe, at.epoch);
  return known;
}

/** A log from which a request was answered is no longer that of the whole training. */
function expectSameRun({ ids, key, finished }: LogHead, run: { readonly ids: readonly string[]; readonly key: string }): void {
  const isSame = key === run.key && ids.length === run.ids.length && ids.every((id, position) => id === run.ids[position]);
  if (isSame && (finished === null || finished.subtracted === 0)) return;
  const sentence =
    "The storage holds the updates of another training, of other sensitive samples, or some from which a request was answered; record in a new place.";
  throw new LetheError("amnesiac/other-run", sentence);
}

function notRecorded(at: RunPosition): LetheError {
  const sentence = `The training begins at epoch ${at.epoch}, step ${at.step}, and the storage holds no updates from before; train from the start, or give the storage that was recorded to.`;
  return new LetheError("amnesiac/not-recorded", sentence, { ...at });
}
