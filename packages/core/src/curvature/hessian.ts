import type { Dataset } from "../data/index.ts";
import type { Model } from "../model/index.ts";
import { namedObjective } from "../passes/objective.ts";
import { curvatureOperator, type CurvatureOperator } from "./operator.ts";
import { meanOfPass, resolve, type CurvatureOptions } from "./options.ts";
import { hessianProductPass } from "./passes.ts";

/**
 * H = (1/n) sum_n d^2 l(f(theta, x_n), y_n) / d theta^2: the Hessian of the mean loss over a data set, inference mode.
 *
 * Products are exact (reverse over reverse, Pearlmutter 1994), not differences; at kinks (relu at zero) second derivatives count as zero. H need not
 * be positive semidefinite. A product costs about three gradients in time and two or three in memory, for one batch at a time.
 *
 * @throws LetheError `curvature/empty-data`, `problem/input-shape`, `problem/class-count`, `data/...`; for products see {@link CurvatureOperator}.
 *
 * @example
 * const operator = hessian(model, data, { context, batchSize: 4 });
 * operator.dimension; // 12
 * const direction = mapTree(model.parameters, (tensor) => tf.onesLike(tensor));
 * const product = await operator.apply(direction);
 * Object.keys(product).length; // 2
 */
export function hessian(model: Model, data: Dataset, options: CurvatureOptions): CurvatureOperator {
  const setting = resolve(model, data, options, "Hessian");
  return curvatureOperator({
    parameters: setting.weights.parameters,
    definiteness: "unknown",
    product: (vector) => meanOfPass(setting, hessianProductPass, { vector, arguments: { objective: namedObjective(setting.loss.objective) } }),
  });
}
