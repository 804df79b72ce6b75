import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/index.ts";
import type { Model } from "../model/index.ts";
import { gaussNewtonOf } from "./gauss-newton.ts";
import { diagonalOfSquares, logitsCurvature } from "./logits-curvature.ts";
import type { CurvatureOperator } from "./operator.ts";
import { resolve, type CurvatureOptions } from "./options.ts";
import { outerProduct } from "./output-products.ts";
import { sampledOutputGradient, samplingOf, type SampledLabels } from "./sampled-labels.ts";

/**
 * F = (1/n) sum_n g_n g_n^T with g_n the gradient of sample n's own loss at its own label, inference mode. Positive semidefinite, of rank n at most.
 *
 * It is no approximation of the Hessian far from a fit, where {@link trueFisher} is (Kunstner, Balles and Hennig 2019). About three gradients a
 * product; the exact diagonal takes one pass.
 *
 * @throws LetheError as {@link hessian}.
 *
 * @example
 * const operator = empiricalFisher(model, data, { context, batchSize: 4 });
 * const { values } = await diagonal(operator);
 * Object.keys(values).length; // 2
 */
export function empiricalFisher(model: Model, data: Dataset, options: CurvatureOptions): CurvatureOperator {
  const setting = resolve(model, data, options, "empirical Fisher matrix");
  const { objective } = setting.loss;
  return logitsCurvature(setting, {
    definiteness: "positive-semidefinite",
    matrix: "empirical-fisher",
    exactDiagonal: () => diagonalOfSquares(setting, [objective]),
  });
}

export interface TrueFisherOptions extends CurvatureOptions {
  /** Default `"exact"`: the expectation over all classes in closed form. */
  readonly labels?: "exact" | SampledLabels;
}

/**
 * F = (1/n) sum_n E[g g^T] with g the gradient of sample n's loss at a label that the model draws, y ~ p(y | x_n): the Fisher information.
 *
 * For softmax cross entropy the expectation is the Gauss-Newton matrix, exactly; `labels: "exact"` computes it so. Sampled labels give an unbiased
 * estimate, positive semidefinite too, at the same cost per product however many draws. Sigmoid cross entropy is the mean of c independent
 * log-likelihoods; its F is the information of their sum divided by c, so that F is again the Gauss-Newton matrix.
 *
 * @throws LetheError as {@link hessian}; `curvature/sampling` for fewer than one draw, or a loss of your own without `sampledGradients`.
 *
 * @example
 * const exact = trueFisher(model, data, { context, batchSize: 4 });
 * const sampled = trueFisher(model, data, { context, batchSize: 4, labels: { draws: 2, random: context.random } });
 * exact.dimension === sampled.dimension; // true
 */
export function trueFisher(model: Model, data: Dataset, { labels = "exact", ...options }: TrueFisherOptions): CurvatureOperator {
  const setting = resolve(model, data, options, "Fisher matrix");
  const sampling = samplingOf(setting.loss);
  if (labels === "exact") return gaussNewtonOf(setting);
  const gradientAt = sampledOutputGradient(sampling, labels);
  const { draws } = labels;
  return logitsCurvature(setting, {
    definiteness: "positive-semidefinite",
    matrix: (logits, direction, _labels, position) => {
      let sum = tf.zerosLike(direction);
      for (let draw = 0; draw < draws; draw++) {
        sum = tf.add(sum, outerProduct(gradientAt(logits, draw, position), direction));
      }
      return tf.div(sum, draws);
    },
  });
}
