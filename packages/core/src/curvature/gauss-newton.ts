import type { Dataset } from "../data/index.ts";
import type { Model } from "../model/index.ts";
import type { Objective } from "../passes/index.ts";
import { diagonalOfSquares, logitsCurvature } from "./logits-curvature.ts";
import type { CurvatureOperator } from "./operator.ts";
import { resolve, type CurvatureOptions, type Setting } from "./options.ts";
import { objectiveWithGradient } from "./output-loss.ts";

/**
 * G = (1/n) sum_n J_n^T H_n J_n: the Gauss-Newton matrix, generalised to any loss (Schraudolph 2002), inference mode. J_n `[c, d]` is the derivative of
 * sample n's logits, H_n `[c, c]` the Hessian of its loss in the logits: diag(p) - p p^T for softmax cross entropy.
 *
 * G is the Hessian without the curvature of the network itself. It is positive semidefinite wherever the loss is convex in the logits, as both
 * training losses are, and for them equals the {@link trueFisher}. Products are exact: J v by two backward passes, J^T by one. About three gradients.
 * The exact diagonal takes c passes.
 *
 * @throws LetheError as {@link hessian}.
 *
 * @example
 * const operator = generalisedGaussNewton(model, data, { context, batchSize: 4 });
 * operator.definiteness; // "positive-semidefinite"
 */
export function generalisedGaussNewton(model: Model, data: Dataset, options: CurvatureOptions): CurvatureOperator {
  return gaussNewtonOf(resolve(model, data, options, "Gauss-Newton matrix"));
}

export function gaussNewtonOf(setting: Setting): CurvatureOperator {
  const { loss } = setting;
  const objectives = factorObjectives(setting);
  return logitsCurvature(setting, {
    definiteness: loss.convex === "yes" ? "positive-semidefinite" : "unknown",
    matrix: "gauss-newton",
    exactDiagonal: objectives && (() => diagonalOfSquares(setting, objectives)),
  });
}

/** For each column L_k of the factor of H, an objective with the gradient L_k in the logits. */
export function factorObjectives({ loss, model }: Setting): readonly Objective[] | undefined {
  const { hessianFactor } = loss;
  if (hessianFactor === undefined) return undefined;
  return Array.from({ length: model.classCount }, (_, column) => objectiveWithGradient((logits, labels) => hessianFactor(logits, column, labels)));
}
