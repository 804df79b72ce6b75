import { LetheError, type Context, type Model } from "@lethe/core";
import { storedMoments, type PguArtifact } from "./artifact.ts";
import type { Projections } from "./epoch.ts";
import { tauOf, type PguOptions } from "./options.ts";
import { projectionOut, type Projection } from "./projection.ts";
import { subtractMoments, type PackedMoments } from "./statistics.ts";
import { protectedSubspace } from "./subspace.ts";

/** How much of a layer is protected. */
export type LayerProtection = {
  readonly layer: string;
  readonly tau: number;
  /** k, and d, over all groups. */
  readonly rank: number;
  readonly dimension: number;
  /** Why the kernel does not move, if it does not. */
  readonly frozen?: "tau is 1" | "full rank";
  readonly negativeShare?: number;
};

export interface Protection {
  /** Of the kernels that may move; the caller's to dispose. */
  readonly projections: Projections;
  readonly layers: Readonly<Record<string, LayerProtection>>;
  /** C_r of every kernel, for the next request. */
  readonly retained: Readonly<Record<string, PackedMoments>>;
}

/** Step by step for every kernel: C_r = C - C_f, its spectrum, the rank, the projection. One full matrix is in memory at a time. */
export async function protectLayers(
  model: Model,
  artifact: PguArtifact,
  forgotten: Readonly<Record<string, PackedMoments>>,
  options: PguOptions,
  context: Context,
): Promise<Protection> {
  const { layers } = artifact.metadata;
  expectKnownLayers(layers, options);
  const projections: Record<string, Projection> = {};
  const found: Record<string, LayerProtection> = {};
  const retained: Record<string, PackedMoments> = {};
  const kernels = Object.entries(layers);
  // Time goes with d^3, so that the widest layers are nearly all of it.
  const work = kernels.map(([kernel, { dimension }]) => storedMoments(artifact, kernel).shape[0] * dimension ** 3);
  const report = (done: number, share: number) => {
    const completed = sumOf(work.slice(0, done)) + share * work[done];
    context.report({ phase: "protected subspaces", completed: Math.round((100 * completed) / sumOf(work)), total: 100, unit: "steps" });
  };
  try {
    for (const [done, [kernel, { layer, kind, dimension }]] of kernels.entries()) {
      await context.pause();
      const moments = subtractMoments(storedMoments(artifact, kernel), forgotten[kernel]);
      retained[kernel] = moments;
      const tau = tauOf(options, kernel, layer);
      const total = moments.shape[0] * dimension;
      if (tau === 1) found[kernel] = { layer, tau, rank: total, dimension: total, frozen: "tau is 1" };
      else {
        const pauses = { pause: context.pause, onProgress: (share: number) => report(done, share) };
        const subspace = await protectedSubspace(moments, dimension, tau, options.rankRule, pauses);
        const rank = subspace.ranks.reduce((sum, k) => sum + k, 0);
        const frozen = rank === total ? ({ frozen: "full rank" } as const) : {};
        found[kernel] = { layer, tau, rank, dimension: total, negativeShare: subspace.negativeShare, ...frozen };
        if (rank < total) projections[kernel] = projectionOut(subspace, model.parameters[kernel].shape, kind);
      }
      report(done, 1);
    }
    return { projections, layers: found, retained };
  } catch (error) {
    disposeProjections(projections);
    throw error;
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

export function disposeProjections(projections: Projections): void {
  for (const projection of Object.values(projections)) projection.dispose();
}

function expectKnownLayers(known: PguArtifact["metadata"]["layers"], { layers }: PguOptions): void {
  const names = new Set(Object.entries(known).flatMap(([kernel, { layer }]) => [kernel, layer]));
  const unknown = Object.keys(layers).find((name) => !names.has(name));
  if (unknown === undefined) return;
  const all = [...new Set(Object.values(known).map(({ layer }) => layer))].join(", ");
  throw new LetheError("pgu/no-such-layer", `There is no layer ${unknown} to give a tau of its own; those that can have one: ${all}.`, {
    layer: unknown,
  });
}
