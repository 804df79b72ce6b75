import {
  batchGradientMoments,
  crossEntropyObjective,
  perSampleMoments,
  squaredLogitNorm,
  type Context,
  type Dataset,
  type HostTree,
  type LossName,
  type Model,
} from "@lethe/core";
import type { SsdOptions } from "./options.ts";

export type ImportanceOptions = Pick<SsdOptions, "importance" | "batchSize" | "order"> & { readonly loss: LossName; readonly phase: string };

/** I_A = sums / count for a data set A. */
export interface Importance {
  /** float64, one per scalar parameter. */
  readonly sums: HostTree;
  /** Samples, or batches where the definition is over batches. */
  readonly count: number;
  /** Parameters that needed one pass per sample. */
  readonly oneByOne: readonly string[];
}

/**
 * How much every scalar parameter matters to a data set A, up to the common `count`:
 *
 * - `per-sample`: I_A,i = mean over samples of (d/d theta_i log p(y|x))^2, the paper's formula and the exact empirical Fisher diagonal.
 * - `batch-gradient`: mean over batches of (d/d theta_i mean_b loss)^2, what the authors' code computes. Depends on batch size and order.
 * - `label-free`: mean over batches of |d/d theta_i mean_b ||z||_2^2| (LFSSD); with batches of one it is exact per sample.
 */
export async function computeImportance(model: Model, data: Dataset, options: ImportanceOptions, context: Context): Promise<Importance> {
  const { importance, batchSize, phase } = options;
  const order = options.order === "class" ? classOrder(data) : undefined;
  const pass = { context, phase, batchSize, ...(order ? { order } : {}) };
  const objective = importance === "label-free" ? squaredLogitNorm : crossEntropyObjective(options.loss);
  const power = importance === "label-free" ? 1 : 2;
  if (importance === "per-sample" || batchSize === 1) {
    // Batches of one are per-sample quantities: their exact batched form is the same number, sooner.
    return perSampleMoments(model, data, { ...pass, batchSize: importance === "per-sample" ? batchSize : 64, objective, power });
  }
  const { sums, batches } = await batchGradientMoments(model, data, objective, power, pass);
  return { sums, count: batches, oneByOne: [] };
}

/** Positions sorted by label; within a class in stored order. */
function classOrder(data: Dataset): Uint32Array {
  return Uint32Array.from({ length: data.size }, (_, i) => i).toSorted((a, b) => data.labels[a] - data.labels[b] || a - b);
}
