import type { Dataset } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import { defaultLoss, expectDataFits, type LossName, type Model, type Weights } from "../model/index.ts";
import type { BatchPass, PassInput } from "../passes/batch-pass.ts";
import type { PassOptions } from "../passes/index.ts";
import { sumOfPass, type BatchSums } from "../passes/sum-over-batches.ts";
import { mapHost, type HostTree } from "../tree/index.ts";
import { outputLoss, type OutputLoss } from "./output-loss.ts";

export interface CurvatureOptions extends Omit<PassOptions, "phase"> {
  /** Shown with the progress; default the name of the matrix. */
  readonly phase?: string;
  /** Default: the one that goes with the network's ending. One of your own may read the labels as it likes. */
  readonly loss?: LossName | OutputLoss;
  /** Where; default the model's own. Borrowed: keep them alive and unchanged for as long as the operator is used. */
  readonly weights?: Weights;
}

/** Options that have been validated, with their defaults. */
export interface Setting {
  readonly model: Model;
  readonly data: Dataset;
  readonly loss: OutputLoss;
  /** By its name where it has one, so that other threads can be told of it. */
  readonly namedLoss: LossName | OutputLoss;
  readonly weights: Weights;
  readonly pass: PassOptions;
  /** How many samples a pass visits. */
  readonly count: number;
}

/** @throws LetheError `curvature/empty-data`, and for a loss by name what `expectDataFits` throws. */
export function resolve(model: Model, data: Dataset, options: CurvatureOptions, phase: string): Setting {
  const { loss = defaultLoss(model.ending), weights = model.weights } = options;
  const count = options.order?.length ?? data.size;
  if (count === 0) {
    throw new LetheError("curvature/empty-data", `${data.name} gives no samples to take the mean over; give at least one.`, { data: data.name });
  }
  if (typeof loss === "string") expectDataFits(model, data);
  return {
    model,
    data,
    loss: lossOf(loss),
    namedLoss: loss,
    weights,
    pass: { ...options, phase: options.phase ?? phase },
    count,
  };
}

export function lossOf(loss: LossName | OutputLoss): OutputLoss {
  return typeof loss === "string" ? outputLoss(loss) : loss;
}

/** (1/n) sum over batches of what the pass makes of them, float64. */
export async function meanOfPass<Arguments>(
  { model, weights, data, pass: options, count }: Setting,
  pass: BatchPass<Arguments, BatchSums>,
  input: Omit<PassInput<Arguments>, "model" | "weights">,
): Promise<HostTree> {
  const { sums } = await sumOfPass(pass, { ...input, model, weights }, data, weights.parameters, options);
  return mapHost(sums, (value) => value / count);
}
