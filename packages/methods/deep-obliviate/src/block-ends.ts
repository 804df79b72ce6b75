import { toHost, type TrainingState, type TrainingStep } from "@lethe/core";

/** A block that was trained to its end. */
export interface TrainedBlock {
  readonly block: number;
  /** Positions, in the data of the training, of its samples. */
  readonly positions: ReadonlySet<number>;
  /** After it. */
  readonly state: TrainingState;
}

/** The ends of the blocks of a training; of the next block no step is taken before it is asked for. Ends with the training when left. */
export async function* blockEnds(steps: AsyncIterable<TrainingStep>): AsyncGenerator<TrainedBlock, void, undefined> {
  let positions = new Set<number>();
  for await (const { block, ends, indices, next, slots, weights } of steps) {
    for (const index of indices) positions.add(index);
    if (block === undefined || !ends.includes("block")) continue;
    const [parameters, buffers, onHost] = await Promise.all([toHost(weights.parameters), toHost(weights.buffers), toHost(slots)]);
    yield { block, positions, state: { ...next, lossSum: 0, parameters, buffers, slots: onHost } };
    positions = new Set();
  }
}
