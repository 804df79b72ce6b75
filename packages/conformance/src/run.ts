import * as tf from "@tensorflow/tfjs";
import { createContext, type Artifact, type Outcome, type Progress } from "@lethe/core";
import { deepFreeze } from "./freeze.ts";
import { copiedStorage, type Problems, type Stage } from "./stage.ts";

export interface RunSettings {
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What the method needs beside the problem: its recorder's artifact, or what `prepare` returns. */
export async function prepareOn(stage: Stage, settings: RunSettings = {}, { trained }: Problems = stage): Promise<Artifact | undefined> {
  if (stage.recorded) return stage.recorded;
  const artifact = await stage.method.prepare?.(trained, stage.configured.options, createContext({ seed: 1, ...settings }));
  return deepFreeze(artifact ?? undefined);
}

/** One request, answered by the method itself, not by core's `unlearn`. The outcome's weights are the caller's. */
export async function unlearnOn(
  stage: Stage,
  artifact: Artifact | undefined,
  settings: RunSettings = {},
  { problem }: Problems = stage,
): Promise<Outcome<Artifact | void>> {
  const storage = await copiedStorage(stage);
  return stage.method.unlearn(problem, artifact, stage.configured.options, createContext({ seed: 1, storage, ...settings }));
}

export function disposeOutcome({ weights }: Pick<Outcome<unknown>, "weights">): void {
  tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
}

/** Prepares and answers the stage's request; the outcome is disposed after `body`. */
export async function withOutcome<Result>(stage: Stage, body: (outcome: Outcome<Artifact | void>) => Promise<Result>): Promise<Result> {
  const outcome = await unlearnOn(stage, await prepareOn(stage));
  try {
    return await body(outcome);
  } finally {
    disposeOutcome(outcome);
  }
}
