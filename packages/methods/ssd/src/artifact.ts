import {
  expectOnRoll,
  hashWeights,
  identifyRoll,
  LetheError,
  mapHost,
  rollWithout,
  sampleRoll,
  type Artifact,
  type Dataset,
  type HostTree,
  type LossName,
  type Model,
  type Problem,
  type SampleRoll,
  type Weights,
} from "@lethe/core";
import type { Importance } from "./importance.ts";
import type { SsdOptions } from "./options.ts";

/** `tensors`: sums of importances over D, float64. */
export interface SsdArtifact extends Artifact {
  readonly metadata: SampleRoll & {
    readonly importance: SsdOptions["importance"];
    readonly batchSize: number;
    readonly order: SsdOptions["order"];
    readonly loss: LossName;
    /** What the sums are divided by. */
    readonly count: number;
    /** Requests answered since the importances were computed; the model has moved that often. */
    readonly requests: number;
  };
}

/** Of the layout of tensors and metadata. */
const layout = 1;

export async function ssdArtifact(
  { sums, count }: Importance,
  { model, data, loss }: { readonly model: Model; readonly data: Dataset; readonly loss: LossName },
  { importance, batchSize, order }: SsdOptions,
): Promise<SsdArtifact> {
  const roll = sampleRoll(data);
  return {
    method: "ssd",
    version: layout,
    model: await model.hash(),
    data: await identifyRoll(roll),
    tensors: sums,
    metadata: { importance, batchSize, order, loss, count, requests: 0, ...roll },
  };
}

/**
 * @throws LetheError `artifact/other-version`, `artifact/other-options` where the importances are not those that the request asks for, `artifact/unknown-samples` where
 * samples are to be forgotten that the importances are not over (any more).
 */
export function expectUsable({ metadata, version }: SsdArtifact, { forget, loss }: Problem, options: SsdOptions): void {
  if (version !== layout) {
    throw new LetheError("artifact/other-version", "The artifact was prepared by another version of @lethe/ssd; prepare it again.", {
      version,
      known: layout,
    });
  }
  const asked = { ...options, loss };
  for (const name of ["importance", "batchSize", "order", "loss"] as const) {
    // For per-sample importances, batch size and order are no part of the definition; for label-free ones, the loss is not.
    const irrelevant = name === "loss" ? options.importance === "label-free" : name !== "importance" && options.importance === "per-sample";
    if (irrelevant || metadata[name] === asked[name]) continue;
    throw new LetheError(
      "artifact/other-options",
      `The artifact was prepared with ${name} ${metadata[name]}, but the request says ${asked[name]}; prepare again or use the same.`,
      { option: name, artifact: metadata[name], request: asked[name] },
    );
  }
  expectOnRoll(metadata, forget);
}

/** sums / count. */
export function meanOf(sums: HostTree, count: number): HostTree {
  return mapHost(sums, (sum) => sum / count);
}

/** Relative to a sum, a difference below this is float32 rounding of equal sums. */
const rounding = 1e-5;

/**
 * The artifact for the next request: over D without D_f, belonging to the new weights.
 *
 * Per-sample sums S_D are split exactly at the parameters they were computed at, S_D - S_f. Once the model has moved, S_f is computed elsewhere than
 * S_D was, and may exceed it; then D_f is taken to have had its average part, S_D |D_r| / |D|. (Zero would mean that nothing else needs the weight,
 * and the next request would erase it.) Sums over batches that mix both sets cannot be split and stay.
 */
export async function withoutForgotten(artifact: SsdArtifact, found: Importance, { forget }: Problem, weights: Weights): Promise<SsdArtifact> {
  const { metadata } = artifact;
  const roll = rollWithout(metadata, forget);
  const size = roll.ids.length;
  const separable = metadata.importance === "per-sample" || metadata.batchSize === 1;
  const remaining = (sum: number, part: number): number => {
    const difference = sum - part;
    if (difference >= 0) return difference;
    return -difference <= rounding * sum ? 0 : (sum * size) / metadata.ids.length;
  };
  return {
    ...artifact,
    model: await hashWeights(weights),
    data: await identifyRoll(roll),
    tensors: separable ? mapHost(artifact.tensors, (sum, name, at) => remaining(sum, found.sums[name].values[at])) : artifact.tensors,
    metadata: { ...metadata, ...roll, count: separable ? size : metadata.count, requests: metadata.requests + 1 },
  };
}
