import { LetheError } from "../errors/index.ts";
import { decodeSafetensors, encodeSafetensors, jsonObjectOf } from "../io/index.ts";
import { sha256, type HostTree } from "../tree/index.ts";
import type { RunPosition } from "./batch-plan.ts";
import type { Recipe } from "./recipe.ts";

/** A training run between two steps. With the recipe and the data it determines every bit of what follows. */
export interface TrainingState extends RunPosition {
  /** Sum of batch losses times batch sizes in this epoch so far, for the reported mean. */
  readonly lossSum: number;
  readonly parameters: HostTree;
  readonly buffers: HostTree;
  readonly slots: HostTree;
}

/** A state that knows its run. */
export interface TrainingSnapshot extends TrainingState {
  /** {@link trainingKey} of the run. */
  readonly key: string;
}

const format = "lethe-training-snapshot-1";

/** Identifies a run: its recipe, data and architecture. A snapshot resumes only the run it was taken from. */
export async function trainingKey(recipe: Recipe, dataHash: string, architecture: string): Promise<string> {
  return sha256(JSON.stringify([recipe, dataHash, architecture]));
}

export function encodeSnapshot(snapshot: TrainingSnapshot): Uint8Array {
  const tensors: Record<string, HostTree[string]> = {};
  for (const group of groups) {
    for (const [name, tensor] of Object.entries(snapshot[group])) tensors[`${group}/${name}`] = tensor;
  }
  const { epoch, step, lossSum, key } = snapshot;
  return encodeSafetensors(tensors, { format, state: JSON.stringify({ epoch, step, lossSum, key }) });
}

/** @throws LetheError `train/not-a-snapshot`, or what decoding safetensors throws. */
export function decodeSnapshot(bytes: Uint8Array, source = "the snapshot"): TrainingSnapshot {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  if (metadata["format"] !== format) {
    throw new LetheError("train/not-a-snapshot", `${source} is not a training checkpoint of this version; start the training afresh.`, { source });
  }
  const state = readState(metadata["state"], source);
  const group = (prefix: string): HostTree =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(`${prefix}/`))
        .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
    );
  return { ...state, parameters: group("parameters"), buffers: group("buffers"), slots: group("slots") };
}

type State = Pick<TrainingSnapshot, "epoch" | "step" | "lossSum" | "key">;

function readState(text: string | undefined, source: string): State {
  const state = jsonObjectOf(text);
  const numbers = [state?.["epoch"], state?.["step"], state?.["lossSum"]].every((value) => typeof value === "number");
  if (numbers && typeof state?.["key"] === "string") return state as unknown as State;
  throw new LetheError("train/not-a-snapshot", `${source} is a damaged training checkpoint; start the training afresh.`, { source });
}

const groups = ["parameters", "buffers", "slots"] as const;
