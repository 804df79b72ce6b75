import type { Matrix } from "@lethe/core/linalg";
import type { RankRule } from "./rank.ts";
import { unpackMoments, type PackedMoments } from "./statistics.ts";
import { protectedSubspace, type ProtectedSubspace } from "./subspace.ts";

/** How far stored second moments C of one layer have come away from those that its inputs have now, C'. */
export type Drift = {
  /** ||C - C'||_F / ||C'||_F. */
  readonly distance: number;
  /** Share of the energy tr C' that lies in the subspace which C protects. */
  readonly covered: number;
  /** The same for the subspace that C' protects: what the first figure would be without drift. */
  readonly coveredWhenFresh: number;
};

export async function driftOf(
  stored: PackedMoments,
  fresh: PackedMoments,
  dimension: number,
  tau: number,
  rule: RankRule,
  pause: () => Promise<void>,
): Promise<Drift> {
  const distance = frobeniusDistance(stored, fresh, dimension);
  if (tau === 1) return { distance, covered: 1, coveredWhenFresh: 1 };
  const coveredBy = async (moments: PackedMoments) => coverage(await protectedSubspace(moments, dimension, tau, rule, { pause }), fresh);
  return { distance, covered: await coveredBy(stored), coveredWhenFresh: await coveredBy(fresh) };
}

/** tr(M^T C M) / tr C, over all groups. */
function coverage({ rows, side, dimension }: ProtectedSubspace, moments: PackedMoments): number {
  const [groups, length] = rows.shape;
  let [inside, whole] = [0, 0];
  for (let group = 0; group < groups; group++) {
    const full = unpackMoments(moments, group, dimension);
    for (let i = 0; i < dimension; i++) whole += full.values[i * dimension + i];
    for (let row = 0; row < length; row++) {
      const start = (group * length + row) * dimension;
      inside += quadraticForm(full, rows.values.subarray(start, start + dimension));
    }
  }
  if (whole <= 0) return 1;
  return side === "free" ? 1 - inside / whole : inside / whole;
}

/** v^T C v. */
function quadraticForm({ values }: Matrix, vector: Float32Array): number {
  const d = vector.length;
  let sum = 0;
  for (let i = 0; i < d; i++) {
    let product = 0;
    for (let j = 0; j < d; j++) product += values[i * d + j] * vector[j];
    sum += vector[i] * product;
  }
  return sum;
}

function frobeniusDistance(a: PackedMoments, b: PackedMoments, dimension: number): number {
  const groups = a.shape[0];
  let [difference, size] = [0, 0];
  let at = 0;
  for (let row = 0; row < groups * dimension; row++) {
    for (let column = row % dimension; column < dimension; column++, at++) {
      // Off the diagonal every entry stands for two.
      const times = column === row % dimension ? 1 : 2;
      difference += times * (a.values[at] - b.values[at]) ** 2;
      size += times * b.values[at] ** 2;
    }
  }
  return size === 0 ? Number(difference > 0) : Math.sqrt(difference / size);
}
