import type { Random } from "../random/index.ts";

/** In which order a run reads the samples: part by part, each of them `recipe.epochs` times in an order of its own. */
export interface BatchOrder {
  readonly kind: "shuffled" | "blocks";
  /** Samples in each part. */
  readonly parts: readonly number[];
  /** Positions in the data, in the order of this epoch of the part. */
  positions(part: number, epoch: number): Uint32Array;
  /** What the random draws of this epoch are named by. */
  names(part: number, epoch: number): readonly number[];
}

/** All the data as one part, permuted anew for every epoch. */
export function shuffledOrder(size: number, random: Random): BatchOrder {
  return {
    kind: "shuffled",
    parts: [size],
    positions: (_part, epoch) => random.split("order", epoch).permutation(size),
    names: (_part, epoch) => [epoch],
  };
}
