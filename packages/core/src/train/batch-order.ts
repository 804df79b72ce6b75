import type { Random } from "../random/index.ts";

/** What a step can be the last of. */
export type StepEnding = "epoch" | "block" | "stage" | "shard" | "run";

/** A part of a run that goes over the same samples for some epochs. */
export interface OrderPart {
  readonly epochs: number;
  /** Samples in each of its epochs. */
  readonly size: number;
  /** The part, counted from 0, with which the optimiser's count of steps began. */
  readonly since: number;
  readonly block?: number;
  readonly shard?: number;
  readonly stage?: number;
  /** What its last step is the last of, beside an epoch. */
  readonly ends: readonly Exclude<StepEnding, "epoch" | "run">[];
  /** Positions in the data, in the order of this epoch of the part. */
  positions(epoch: number): Uint32Array;
  /** What the random draws of this epoch are named by. */
  names(epoch: number): readonly (string | number)[];
}

/** In which order a run reads the samples: part by part. */
export interface BatchOrder {
  readonly parts: readonly OrderPart[];
  /**
   * The schedule's time at a moment of the run.
   *
   * @param epoch of the run, counted over all parts.
   * @param fraction of that epoch that is over.
   */
  time(epoch: number, fraction: number): number;
}

/** All the data as one part, permuted anew for every epoch. */
export function shuffledOrder(size: number, epochs: number, random: Random): BatchOrder {
  const part: OrderPart = {
    epochs,
    size,
    since: 0,
    ends: [],
    positions: (epoch) => random.split("order", epoch).permutation(size),
    names: (epoch) => [epoch],
  };
  return { parts: [part], time: (epoch, fraction) => epoch + fraction };
}
