import type { Context } from "../context/index.ts";
import { batchesOf, validateSamples, type Dataset, type Samples } from "../data/index.ts";

export interface PassOptions {
  readonly context: Context;
  readonly batchSize: number;
  /** Shown with the progress, e.g. `"importance of D"`. */
  readonly phase: string;
  /** Positions to visit, in this order; default all in stored order. */
  readonly order?: ArrayLike<number>;
}

export interface ReadBatch {
  readonly samples: Samples;
  readonly indices: Uint32Array;
}

/** Reads and checks batch after batch, with the chance to stop between them. */
export async function* readBatches(data: Dataset, options: PassOptions): AsyncGenerator<ReadBatch, void, undefined> {
  for (const indices of batchesOf(samplesIn(data, options), options.batchSize, options.order)) {
    await options.context.pause();
    const samples = await data.read(indices);
    validateSamples(data, indices, samples);
    yield { samples, indices };
  }
}

/** Reports that so many samples more are done. */
export function progressOf(data: Dataset, options: PassOptions): (samples: number) => void {
  const total = samplesIn(data, options);
  let completed = 0;
  return (samples) => {
    completed += samples;
    options.context.report({ phase: options.phase, completed, total, unit: "samples" });
  };
}

/** How many samples a pass visits. */
export function samplesIn(data: Dataset, { order }: PassOptions): number {
  return order?.length ?? data.size;
}
