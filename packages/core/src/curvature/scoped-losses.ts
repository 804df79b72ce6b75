import * as tf from "@tensorflow/tfjs";
import { readTensors, type Dataset } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import { defaultLoss, headOf, type Head, type Model, type Weights } from "../model/index.ts";
import { headFeatures } from "../passes/index.ts";
import { cloneTree, mapTree } from "../tree/index.ts";
import { flatLoss, type FlatLossOptions, type ModelLoss } from "./flat-loss.ts";

/** Features in one batch of the head's: 16 MB. Batches that suit a whole network would spend their time between kernels. */
const featuresAtOnce = 2 ** 22;

/** What may move: every parameter, those of the last dense layer, or those of these names. */
export type ParameterScope = "all" | "head" | readonly string[];

/** Mean losses over data sets as functions of the same parameters. */
export interface ScopedLosses {
  /** @throws LetheError as {@link flatLoss}. */
  on(data: Dataset): Promise<ModelLoss>;
  /** Frees what was made for the scope; losses are of no use after it. */
  dispose(): void;
}

/**
 * Opens losses over some of a model's parameters. For the head alone, the features that reach it are computed once for each data set, and every later
 * pass goes through one linear map instead of the network: its loss is that of a softmax or logistic regression, and convex.
 *
 * @param sample any data set of the model's, with one sample or more; the first is looked at.
 * @throws LetheError `model/no-head`, `curvature/empty-data`.
 *
 * @example
 * const losses = await scopedLosses(model, "head", data, { context, batchSize: 4 });
 * const loss = await losses.on(data);
 * loss.dimension; // 12
 * losses.dispose();
 */
export async function scopedLosses(
  model: Model,
  scope: ParameterScope,
  sample: Dataset,
  options: Omit<FlatLossOptions, "parameters">,
): Promise<ScopedLosses> {
  if (scope === "head") return headLosses(model, await findHead(model, sample), options);
  const parameters = scope === "all" ? {} : { parameters: scope };
  return { on: (data) => flatLoss(model, data, { ...options, ...parameters }), dispose: () => undefined };
}

async function findHead(model: Model, sample: Dataset): Promise<Head> {
  if (sample.size === 0) {
    throw new LetheError("curvature/empty-data", `${sample.name} gives no samples to take the mean over; give at least one.`, { data: sample.name });
  }
  const { inputs, labels } = readTensors(await sample.read([0]));
  try {
    return headOf(model, inputs);
  } finally {
    tf.dispose([inputs, labels]);
  }
}

function headLosses(model: Model, head: Head, options: Omit<FlatLossOptions, "parameters">): ScopedLosses {
  // The head ends in logits, whatever the model ends in.
  const { loss: name = defaultLoss(model.ending) } = options;
  const weightsAt = (own: Weights): Weights => {
    const inHead = new Map([...head.names].map(([name, whole]) => [whole, own.parameters[name]]));
    const parameters = mapTree(model.parameters, (tensor, name) => inHead.get(name) ?? tf.clone(tensor));
    return { parameters, buffers: cloneTree(model.buffers) };
  };
  return {
    async on(data) {
      const features = await headFeatures(model, head, data, { ...options, phase: "features" });
      const batchSize = Math.max(options.batchSize, Math.floor(featuresAtOnce / features.inputShape[0]));
      const loss = await flatLoss(head.model, features, { ...options, loss: name, batchSize });
      return { ...loss, weightsAt: (vector) => weightsAt(loss.weightsAt(vector)) };
    },
    dispose: () => head.model.dispose(),
  };
}
