import type { Dataset } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import { defaultLoss, expectDataFits, type LossName, type Model, type Weights } from "../model/index.ts";
import { sumOverBatches, type BatchTerms, type PassOptions } from "../passes/index.ts";
import type { TensorBatch } from "../data/index.ts";
import { mapHost, type HostTree } from "../tree/index.ts";
import type { ParameterShapes } from "./flatten.ts";
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
    loss: typeof loss === "string" ? outputLoss(loss) : loss,
    weights,
    pass: { ...options, phase: options.phase ?? phase },
    count,
  };
}

/** (1/n) sum over batches of term(b), float64. */
export async function meanOverSamples(
  { data, pass, count }: Setting,
  shapes: ParameterShapes,
  term: (batch: TensorBatch) => BatchTerms | Promise<BatchTerms>,
): Promise<HostTree> {
  const { sums } = await sumOverBatches(data, shapes, pass, term);
  return mapHost(sums, (value) => value / count);
}
