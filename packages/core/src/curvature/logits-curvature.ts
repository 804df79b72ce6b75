import type { LinearOperator } from "../linalg/index.ts";
import { perSampleMoments, type Objective } from "../passes/index.ts";
import { addInto, hostZeros, mapHost, type HostTree } from "../tree/index.ts";
import { curvatureOperator, type CurvatureOperator } from "./operator.ts";
import { meanOfPass, type Setting } from "./options.ts";
import type { OutputMatrix } from "./output-products.ts";
import { logitsProductPass } from "./passes.ts";

interface LogitsCurvature {
  readonly definiteness: LinearOperator["definiteness"];
  readonly matrix: OutputMatrix;
  readonly exactDiagonal?: (() => Promise<HostTree>) | undefined;
}

/** C = (1/n) sum_n J_n^T B_n J_n, with J_n `[c, d]` the derivative of sample n's logits: what Gauss-Newton and every Fisher matrix have in common. */
export function logitsCurvature(setting: Setting, { definiteness, matrix, exactDiagonal }: LogitsCurvature): CurvatureOperator {
  return curvatureOperator({
    parameters: setting.weights.parameters,
    definiteness,
    exactDiagonal,
    product: (vector) => meanOfPass(setting, logitsProductPass, { vector, arguments: { loss: setting.namedLoss, matrix } }),
  });
}

/** diag C for B_n = sum_k b_k b_k^T, from one pass per k: (1/n) sum over n and k of (d <z, b_k> / d theta_i)^2. */
export async function diagonalOfSquares({ model, data, weights, pass, count }: Setting, objectives: readonly Objective[]): Promise<HostTree> {
  const total = hostZeros(weights.parameters);
  for (const objective of objectives) addInto(total, (await perSampleMoments(model, data, { ...pass, weights, objective, power: 2 })).sums);
  return mapHost(total, (value) => value / count);
}
