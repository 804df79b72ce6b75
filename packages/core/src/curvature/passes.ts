import * as tf from "@tensorflow/tfjs";
import { hessianVectorProduct } from "../autodiff/index.ts";
import { valueAndGradient, type LossName } from "../model/index.ts";
import { batchPass, type PassInput } from "../passes/batch-pass.ts";
import { objectiveOf, type Objective, type ObjectiveName } from "../passes/objective.ts";
import type { BatchSums } from "../passes/sum-over-batches.ts";
import { disposeTree, toHost, type TensorTree } from "../tree/index.ts";
import { sandwichProduct, type LogitsFunction } from "./jacobian.ts";
import { lossOf } from "./options.ts";
import type { OutputLoss } from "./output-loss.ts";
import { outputProduct, type OutputMatrix } from "./output-products.ts";

/** Passes over data as `../passes/batch-pass.ts` has them: each is the sum over the samples of what its comment says. */

interface LossArguments {
  readonly objective: Objective | ObjectiveName;
}

/** The name of a summed loss among the sums; no parameter has a name without a layer's. */
export const lossName = "loss";

/** l_n. */
export const lossPass = batchPass<LossArguments, BatchSums>("loss", (input, { meter }) => async ({ inputs, labels }) => {
  const tensors = { [lossName]: tf.tidy(() => summedLoss(input, inputs, labels)({})) };
  meter.forward(labels.shape[0]);
  return handedOver(tensors);
});

interface LossGradientArguments extends LossArguments {
  /** Parameters that the gradient is in. */
  readonly names: readonly string[];
}

/** l_n and its gradient in some parameters. */
export const lossGradientPass = batchPass<LossGradientArguments, BatchSums>("loss-gradient", (input, { meter }) => {
  const own = Object.fromEntries(input.arguments.names.map((name) => [name, input.weights.parameters[name]]));
  return async ({ inputs, labels }) => {
    const { value, gradient } = valueAndGradient(summedLoss(input, inputs, labels), own);
    meter.forward(labels.shape[0]);
    meter.backward(labels.shape[0]);
    return handedOver({ ...gradient, [lossName]: value });
  };
});

/** H_n v, in those parameters that v has. */
export const hessianProductPass = batchPass<LossArguments, BatchSums>("hessian-vector-product", (input, { meter }) => {
  const { weights, vector = {} } = input;
  const own = Object.fromEntries(Object.keys(vector).map((name) => [name, weights.parameters[name]]));
  return async ({ inputs, labels }) => {
    const product = hessianVectorProduct(summedLoss(input, inputs, labels), own, vector);
    meter.hessianVectorProduct(labels.shape[0]);
    return handedOver(product);
  };
});

interface LogitsProductArguments {
  readonly loss: LossName | OutputLoss;
  readonly matrix: OutputMatrix;
}

/** J_n^T B_n J_n v. A matrix of its maker's own, which never leaves this thread, may depend on how many samples came before. */
export const logitsProductPass = batchPass<LogitsProductArguments, BatchSums>("logits-product", (input, { meter }) => {
  const { model, weights, vector = {}, arguments: given } = input;
  const { parameters, buffers } = weights;
  const product = outputProduct(given.matrix, lossOf(given.loss));
  let position = 0;
  return async ({ inputs, labels }) => {
    const samples = labels.shape[0];
    const logits: LogitsFunction = (each) => model.forward({ parameters: each, buffers }, inputs, "inference").logits;
    const tensors = sandwichProduct(logits, parameters, vector, [samples, model.classCount], (z, moved) => product(z, moved, labels, position));
    position += samples;
    meter.hessianVectorProduct(samples);
    return handedOver(tensors);
  };
});

/** The summed loss of a batch as a function of some parameters. */
function summedLoss({ model, weights, arguments: { objective } }: PassInput<LossArguments>, inputs: tf.Tensor, labels: tf.Tensor1D) {
  const { parameters, buffers } = weights;
  return (own: TensorTree): tf.Scalar =>
    tf.sum(objectiveOf(objective)(model.forward({ parameters: { ...parameters, ...own }, buffers }, inputs, "inference").logits, labels));
}

async function handedOver(tensors: TensorTree): Promise<BatchSums> {
  const host = await toHost(tensors);
  disposeTree(tensors);
  return { host };
}
