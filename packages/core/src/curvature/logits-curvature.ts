import * as tf from "@tensorflow/tfjs";
import type { LinearOperator } from "../linalg/index.ts";
import { perSampleMoments, type Objective } from "../passes/index.ts";
import { addInto, hostZeros, mapHost, type HostTree } from "../tree/index.ts";
import { sandwichProduct, type LogitsFunction } from "./jacobian.ts";
import { curvatureOperator, type CurvatureOperator } from "./operator.ts";
import { meanOverSamples, type Setting } from "./options.ts";

/** B u `[n, c]`, sample by sample: B is a symmetric `[c, c]` matrix for every sample, made of its logits and label. */
export type OutputProduct = (logits: tf.Tensor2D, direction: tf.Tensor2D, labels: tf.Tensor1D, position: number) => tf.Tensor2D;

interface LogitsCurvature {
  readonly definiteness: LinearOperator["definiteness"];
  readonly outputProduct: OutputProduct;
  readonly exactDiagonal?: (() => Promise<HostTree>) | undefined;
}

/**
 * C = (1/n) sum_n J_n^T B_n J_n, with J_n `[c, d]` the derivative of sample n's logits: what Gauss-Newton and every Fisher matrix have in common.
 * `position` counts the samples of earlier batches.
 */
export function logitsCurvature(setting: Setting, { definiteness, outputProduct, exactDiagonal }: LogitsCurvature): CurvatureOperator {
  const { model, pass, weights } = setting;
  const { parameters, buffers } = weights;
  return curvatureOperator({
    parameters,
    definiteness,
    exactDiagonal,
    product: (vector) => {
      let position = 0;
      return meanOverSamples(setting, parameters, ({ inputs, labels }) => {
        const samples = labels.shape[0];
        const logits: LogitsFunction = (each) => model.forward({ parameters: each, buffers }, inputs, "inference").logits;
        const tensors = sandwichProduct(logits, parameters, vector, [samples, model.classCount], (z, moved) =>
          outputProduct(z, moved, labels, position),
        );
        position += samples;
        pass.context.meter.hessianVectorProduct(samples);
        return { tensors };
      });
    },
  });
}

/** diag C for B_n = sum_k b_k b_k^T, from one pass per k: (1/n) sum over n and k of (d <z, b_k> / d theta_i)^2. */
export async function diagonalOfSquares({ model, data, weights, pass, count }: Setting, objectives: readonly Objective[]): Promise<HostTree> {
  const total = hostZeros(weights.parameters);
  for (const objective of objectives) addInto(total, (await perSampleMoments(model, data, { ...pass, weights, objective, power: 2 })).sums);
  return mapHost(total, (value) => value / count);
}
