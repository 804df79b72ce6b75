import { rowOf, symmetricEigenAsync, type SymmetricEigen } from "@lethe/core/linalg";
import { rankOf, type RankRule } from "./rank.ts";
import { unpackMoments, type PackedMoments } from "./statistics.ts";

/**
 * What a layer must keep as it is: for each group of inputs (one, or the channels of a depthwise convolution) the span of M `[d, k]`, the leading
 * k eigenvectors of C_r.
 */
export interface ProtectedSubspace {
  /** k of each group. */
  readonly ranks: readonly number[];
  /** d. */
  readonly dimension: number;
  /** Which of M and its orthogonal complement N is the narrower one, and so kept: P = M M^T, I - P = N N^T. */
  readonly side: "protected" | "free";
  /** The transpose of M or N `[g, r, d] float32`: orthonormal rows; groups of fewer rows are filled up with zeros. */
  readonly rows: { readonly shape: readonly [number, number, number]; readonly values: Float32Array };
  /** Sum of the negative eigenvalues of C_r over that of all magnitudes. They were taken for zero. */
  readonly negativeShare: number;
}

/** What happens while a large matrix is decomposed. */
export interface Pauses {
  /** Told the share that is done. */
  readonly onProgress?: (share: number) => void;
  /** Awaited now and then; what it throws ends the work. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/**
 * The subspace that matters to what C_r is made of, `C_r = U diag(S^2) U^T`: the first k columns of U by the rank rule.
 *
 * C_r is a difference. Where the model has moved since C was gathered, it may be indefinite; what is negative stands for no retained input and is taken
 * for zero. (The authors' singular value decomposition takes its magnitude for energy.)
 *
 * @param pauses between pieces of a decomposition, which takes a minute where d is in the thousands; by default the event loop runs.
 * @throws LetheError what `symmetricEigenAsync` and `pause` throw.
 * @example
 * const moments = packMoments(Float64Array.of(9, 0, 0, 0, 4, 0, 0, 0, 1), 1, 3);
 * (await protectedSubspace(moments, 3, 0.9, "subset")).ranks; // [2]
 */
export async function protectedSubspace(
  moments: PackedMoments,
  dimension: number,
  tau: number,
  rule: RankRule,
  { pause, onProgress }: Pauses = {},
): Promise<ProtectedSubspace> {
  const [count] = moments.shape;
  const rankOfThese = (values: Float64Array) => rankOf(values.map((value) => Math.sqrt(Math.max(0, value))).toReversed(), tau, rule);
  // Eigenvalues increase: the protected directions are the last k. Of a single group only the narrower side is computed; several are small.
  const select = (values: Float64Array) => range(narrowerSide([rankOfThese(values)], dimension), rankOfThese(values), dimension);
  const groups: (SymmetricEigen & { readonly rank: number })[] = [];
  for (let group = 0; group < count; group++) {
    const options = { pause, onProgress: (share: number) => onProgress?.((group + share) / count), select: count === 1 ? select : undefined };
    const eigen = await symmetricEigenAsync(unpackMoments(moments, group, dimension), options);
    groups.push({ ...eigen, rank: rankOfThese(eigen.values) });
  }
  const ranks = groups.map(({ rank }) => rank);
  const side = narrowerSide(ranks, dimension);
  const length = Math.max(...ranks.map((rank) => widthOf(range(side, rank, dimension))));
  const rows = new Float32Array(groups.length * length * dimension);
  groups.forEach(({ vectors, rank }, group) => {
    const { from, to } = count === 1 ? { from: 0, to: length } : range(side, rank, dimension);
    for (let i = from; i < to; i++) rows.set(rowOf(vectors, i), (group * length + i - from) * dimension);
  });
  return { ranks, dimension, side, rows: { shape: [groups.length, length, dimension], values: rows }, negativeShare: negativeShare(groups) };
}

function narrowerSide(ranks: readonly number[], dimension: number): ProtectedSubspace["side"] {
  return dimension - Math.min(...ranks) < Math.max(...ranks) ? "free" : "protected";
}

/** Positions of the eigenvectors that span one side. */
function range(side: ProtectedSubspace["side"], rank: number, dimension: number): { readonly from: number; readonly to: number } {
  return side === "free" ? { from: 0, to: dimension - rank } : { from: dimension - rank, to: dimension };
}

function widthOf({ from, to }: ReturnType<typeof range>): number {
  return to - from;
}

function negativeShare(groups: readonly { readonly values: Float64Array }[]): number {
  let [negative, all] = [0, 0];
  for (const { values } of groups) {
    for (const value of values) {
      all += Math.abs(value);
      if (value < 0) negative -= value;
    }
  }
  return all === 0 ? 0 : negative / all;
}
