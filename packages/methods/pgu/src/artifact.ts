import {
  expectOnRoll,
  hashWeights,
  identifyRoll,
  LetheError,
  rollWithout,
  sampleRoll,
  type Artifact,
  type Dataset,
  type InputMoment,
  type InputMoments,
  type Model,
  type Problem,
  type SampleRoll,
  type Weights,
} from "@lethe/core";
import type { PguOptions } from "./options.ts";
import { packMoments, type PackedMoments } from "./statistics.ts";
import type { UnseenAccuracy } from "./unseen.ts";

/** What the statistics say about one kernel. */
export type LayerStatistics = {
  readonly layer: string;
  /** `depthwise`: a matrix for each channel. */
  readonly kind: "dense" | "depthwise";
  /** d, inputs of one output. */
  readonly dimension: number;
  /** Vectors that went into the sum. */
  readonly count: number;
};

/** `tensors`: for each kernel the packed second moments of its layer's inputs over D. */
export interface PguArtifact extends Artifact {
  readonly metadata: SampleRoll & {
    readonly stride: PguOptions["stride"];
    readonly layers: { readonly [kernel: string]: LayerStatistics };
    /** Kernels of layers of other kinds; they never move. */
    readonly uncovered: readonly string[];
    readonly unseen: UnseenAccuracy;
    /** Requests answered since the statistics were gathered; the model has moved that often. */
    readonly requests: number;
  };
}

/** Of the layout of tensors and metadata. */
const layout = 1;

export async function pguArtifact(
  { moments, uncovered }: InputMoments,
  { model, data }: { readonly model: Model; readonly data: Dataset },
  stride: PguOptions["stride"],
  unseen: UnseenAccuracy,
): Promise<PguArtifact> {
  const roll = sampleRoll(data);
  return {
    method: "pgu",
    version: layout,
    model: await model.hash(),
    data: await identifyRoll(roll),
    tensors: packAll(moments),
    metadata: {
      stride,
      layers: Object.fromEntries(moments.map((moment) => [moment.kernel, describe(moment)])),
      uncovered,
      unseen,
      requests: 0,
      ...roll,
    },
  };
}

export function packAll(moments: readonly InputMoment[]): Readonly<Record<string, PackedMoments>> {
  return Object.fromEntries(moments.map(({ kernel, values, channels, dimension }) => [kernel, packMoments(values, channels ?? 1, dimension)]));
}

function describe({ layer, channels, dimension, count }: InputMoment): LayerStatistics {
  return { layer, kind: channels === undefined ? "dense" : "depthwise", dimension, count };
}

/** The stored second moments of one kernel's inputs. */
export function storedMoments({ tensors }: PguArtifact, kernel: string): PackedMoments {
  return tensors[kernel] as PackedMoments;
}

/**
 * @throws LetheError `artifact/other-version`, `artifact/other-options` where the statistics are over other patches than the request asks for,
 * `artifact/unknown-samples` where samples are to be forgotten that the statistics are not over (any more).
 */
export function expectUsable({ metadata, version }: PguArtifact, { forget }: Problem, { stride }: PguOptions): void {
  if (version !== layout) {
    throw new LetheError("artifact/other-version", "The artifact was prepared by another version of @lethe/pgu; prepare it again.", {
      version,
      known: layout,
    });
  }
  if (metadata.stride !== stride) {
    throw new LetheError(
      "artifact/other-options",
      `The artifact was prepared with stride ${metadata.stride}, but the request says ${stride}; prepare again or use the same.`,
      { option: "stride", artifact: metadata.stride, request: stride },
    );
  }
  expectOnRoll(metadata, forget);
}

/**
 * The artifact for the next request: C_r as its C, belonging to the new weights.
 *
 * The subtraction is exact at the parameters that C was gathered at. From the second request on, C_f is what the moved model makes of D_f; how far the
 * stored statistics have drifted from the model's own is what `refresh` measures and mends.
 */
export async function withoutForgotten(
  artifact: PguArtifact,
  retained: Readonly<Record<string, PackedMoments>>,
  { forget }: Problem,
  weights: Weights,
): Promise<PguArtifact> {
  const { metadata } = artifact;
  const roll = rollWithout(metadata, forget);
  return {
    ...artifact,
    model: await hashWeights(weights),
    data: await identifyRoll(roll),
    tensors: retained,
    metadata: { ...metadata, ...roll, requests: metadata.requests + 1 },
  };
}
