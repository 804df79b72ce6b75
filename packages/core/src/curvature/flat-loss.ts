import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import type { LinearOperator } from "../linalg/index.ts";
import type { Model, Weights } from "../model/index.ts";
import type { BatchPass, PassInput } from "../passes/batch-pass.ts";
import { namedObjective } from "../passes/objective.ts";
import { sumOfPass, type BatchSums, type SumShapes } from "../passes/sum-over-batches.ts";
import { cloneTree, disposeTree, fromHost, mapHost, mapTree, toHost, type HostTree, type TensorTree } from "../tree/index.ts";
import { dimensionOf, flattenTree, shapesOf, unflattenTree } from "./flatten.ts";
import { curvatureOperator } from "./operator.ts";
import { resolve, type CurvatureOptions } from "./options.ts";
import { hessianProductPass, lossGradientPass, lossName, lossPass } from "./passes.ts";

/** Positions in the data set; left out, all of them. */
export type SampleChoice = ArrayLike<number> | undefined;

/**
 * L(w): a mean loss as a function of one vector of parameters, `[d]` float64, with its first two derivatives: what second-order methods step on.
 * A tfjs model is one ({@link flatLoss}); so is anything that gives these, a closed form in float64 for instance.
 */
export interface FlatLoss {
  /** d. */
  readonly dimension: number;
  /** n, the number of samples that the mean goes over. */
  readonly sampleCount: number;
  /** L(w). */
  value(parameters: Float64Array, samples?: SampleChoice): Promise<number>;
  /** L(w) and its gradient. */
  gradient(parameters: Float64Array, samples?: SampleChoice): Promise<ValueAndGradient>;
  /** The Hessian of L at w, by its products. */
  hessian(parameters: Float64Array, samples?: SampleChoice): LinearOperator;
}

export interface ValueAndGradient {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface FlatLossOptions extends Omit<CurvatureOptions, "order" | "weights"> {
  /** Names of the parameters that w stands for; default all. The others stay as they are in the model. */
  readonly parameters?: readonly string[];
  /** lambda of a term lambda / 2 ||w||^2 that is added to L; default 0. */
  readonly weightDecay?: number;
}

/** The mean loss of a model over a data set, and the way back from w to its weights. */
export interface ModelLoss extends FlatLoss {
  /** w of the model as it is. */
  readonly current: Float64Array;
  /** The model's weights with w in them; the caller's. */
  weightsAt(parameters: Float64Array): Weights;
}

/**
 * L(w) = (1/n) sum_n l(f(w, x_n), y_n) + lambda / 2 ||w||^2, inference mode: batch-norm statistics fixed and no dropout, so that value, gradient and
 * Hessian belong to one function. The vector is float64 and passes are float32, so that a step shorter than float32 can tell moves w but not L.
 *
 * @throws LetheError `curvature/empty-data`, `curvature/vector` for a parameter that the model does not have or a vector of another length,
 * `problem/...`, and from its functions what passes throw.
 *
 * @example
 * const loss = await flatLoss(model, data, { context, batchSize: 4 });
 * loss.dimension; // 12
 * const { gradient } = await loss.gradient(loss.current);
 * gradient.length; // 12
 */
export async function flatLoss(model: Model, data: Dataset, options: FlatLossOptions): Promise<ModelLoss> {
  const { parameters: names = Object.keys(model.parameters), weightDecay = 0, ...curvatureOptions } = options;
  const setting = resolve(model, data, curvatureOptions, "retain loss");
  const chosen = choose(model.parameters, names);
  const shapes = shapesOf(chosen);
  const dimension = dimensionOf(shapes);
  const current = flattenTree(await toHost(chosen), names);

  const place = (vector: Float64Array): TensorTree => fromHost(unflattenTree(vector, shapes));
  const withWeights = async <Value>(vector: Float64Array, body: (own: TensorTree, weights: Weights) => Promise<Value>): Promise<Value> => {
    const own = place(vector);
    try {
      return await body(own, { parameters: { ...model.parameters, ...own }, buffers: model.buffers });
    } finally {
      disposeTree(own);
    }
  };
  const penalty = (vector: Float64Array): number => (weightDecay / 2) * vector.reduce((sum, each) => sum + each ** 2, 0);
  const objective = namedObjective(setting.loss.objective);
  const sumOf = async <Arguments>(
    pass: BatchPass<Arguments, BatchSums>,
    input: Omit<PassInput<Arguments>, "model">,
    sumShapes: SumShapes,
    samples: SampleChoice,
  ): Promise<HostTree> => {
    const options = { ...setting.pass, ...(samples ? { order: samples } : {}) };
    const { sums } = await sumOfPass(pass, { ...input, model }, data, sumShapes, options);
    const count = samples?.length ?? setting.count;
    return mapHost(sums, (sum) => sum / count);
  };

  return {
    dimension,
    sampleCount: setting.count,
    current,
    value: (vector, samples) =>
      withWeights(vector, async (_own, weights) => {
        const means = await sumOf(lossPass, { weights, arguments: { objective } }, scalarShape, samples);
        return means[lossName].values[0] + penalty(vector);
      }),
    gradient: (vector, samples) =>
      withWeights(vector, async (_own, weights) => {
        const means = await sumOf(lossGradientPass, { weights, arguments: { objective, names } }, { ...shapes, ...scalarShape }, samples);
        const gradient = flattenTree(means, names).map((mean, i) => mean + weightDecay * vector[i]);
        return { value: means[lossName].values[0] + penalty(vector), gradient };
      }),
    hessian: (vector, samples) => ({
      dimension,
      symmetric: "yes",
      definiteness: "unknown",
      apply: (direction) =>
        withWeights(vector, async (own, weights) => {
          const { apply } = curvatureOperator({
            parameters: own,
            definiteness: "unknown",
            product: (tree) => sumOf(hessianProductPass, { weights, vector: tree, arguments: { objective } }, shapes, samples),
          }).toLinearOperator();
          const product = await apply(direction);
          return product.map((each, i) => each + weightDecay * direction[i]);
        }),
    }),
    weightsAt: (vector) => {
      const own = place(vector);
      return { parameters: mapTree(model.parameters, (tensor, name) => own[name] ?? tf.clone(tensor)), buffers: cloneTree(model.buffers) };
    },
  };
}

const scalarShape = { [lossName]: { shape: [] } };

function choose(parameters: TensorTree, names: readonly string[]): TensorTree {
  const unknown = names.find((name, at) => !(name in parameters) || names.indexOf(name) !== at);
  if (unknown === undefined && names.length > 0) return Object.fromEntries(names.map((name) => [name, parameters[name]]));
  const known = Object.keys(parameters);
  const sentence = unknown === undefined ? "No parameter was chosen" : `The model has no parameter ${unknown}, or it is named twice`;
  throw new LetheError("curvature/vector", `${sentence}; there are ${known.join(", ")}.`, { chosen: names, known });
}
