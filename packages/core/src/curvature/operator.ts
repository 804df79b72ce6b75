import { expectShape, LetheError } from "../errors/index.ts";
import type { LinearOperator } from "../linalg/index.ts";
import { disposeTree, fromHost, isFiniteTree, mapHost, toHost, type HostTree, type TensorTree } from "../tree/index.ts";
import { dimensionOf, flattenTree, shapesOf, unflattenTree, type ParameterShapes } from "./flatten.ts";

/**
 * A symmetric matrix C `[d, d]` over the d parameters of a model, known by its products, in units of the loss over squared parameters.
 *
 * A product reads the whole data set once. It throws `curvature/vector` (names, shapes or length do not fit), `curvature/non-finite`,
 * `autodiff/unsupported-kernel`, `run/aborted`, and what reading the data throws; whatever happens, no tensor is left behind but the result.
 */
export interface CurvatureOperator {
  /** What C is over, in order: names and shapes. */
  readonly parameters: ParameterShapes;
  /** d. */
  readonly dimension: number;
  readonly symmetric: "yes";
  readonly definiteness: LinearOperator["definiteness"];
  /** C v `float32`: the vector is borrowed, the result is the caller's. */
  apply(vector: TensorTree): Promise<TensorTree>;
  /** C v as it was summed, in float64. */
  applyToHost(vector: TensorTree): Promise<HostTree>;
  /** The diagonal, where there is a way to it that neither guesses nor takes d products. */
  readonly exactDiagonal?: () => Promise<HostTree>;
  /** C over vectors of all parameters in order, for the solvers of `@lethe/core/linalg`. Within a product, numbers are float32. */
  toLinearOperator(): LinearOperator;
}

export interface CurvatureDefinition {
  readonly parameters: ParameterShapes;
  readonly definiteness: LinearOperator["definiteness"];
  /** Of a vector that has been checked. */
  readonly product: (vector: TensorTree) => Promise<HostTree>;
  readonly exactDiagonal?: (() => Promise<HostTree>) | undefined;
}

/** Checks what goes in, and gives the result its forms. */
export function curvatureOperator({ parameters, definiteness, product, exactDiagonal }: CurvatureDefinition): CurvatureOperator {
  const shapes = shapesOf(parameters);
  const dimension = dimensionOf(shapes);
  const applyToHost = async (vector: TensorTree): Promise<HostTree> => {
    expectFits(shapes, vector);
    expectFinite(await toHost(vector));
    return product(vector);
  };
  return {
    parameters: shapes,
    dimension,
    symmetric: "yes",
    definiteness,
    applyToHost,
    apply: async (vector) => fromHost(await applyToHost(vector)),
    ...(exactDiagonal ? { exactDiagonal } : {}),
    toLinearOperator: () => ({
      dimension,
      symmetric: "yes",
      definiteness,
      async apply(flat) {
        const host = unflattenTree(flat, shapes);
        expectFinite(host);
        const scale = binaryScale(flat);
        const vector = fromHost(mapHost(host, (value) => value / scale));
        try {
          const result = flattenTree(await product(vector), Object.keys(shapes));
          for (let i = 0; i < result.length; i++) result[i] *= scale;
          return result;
        } finally {
          disposeTree(vector);
        }
      },
    }),
  };
}

/** A power of two near the largest entry: dividing by it is exact, and brings residuals of a solver, however small, into the range of float32. */
function binaryScale(vector: Float64Array): number {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest === 0 ? 1 : 2 ** Math.max(-1022, Math.floor(Math.log2(largest)));
}

function expectFits(shapes: ParameterShapes, vector: TensorTree): void {
  const [wanted, given] = [Object.keys(shapes), Object.keys(vector)];
  const odd = [...wanted.filter((name) => !(name in vector)), ...given.filter((name) => !(name in shapes))];
  if (odd.length > 0) {
    throw new LetheError("curvature/vector", `The vector must have exactly the parameters' names; ${odd[0]} is only in one of the two.`, {
      parameters: wanted,
      vector: given,
    });
  }
  for (const name of wanted) expectShape("curvature/vector", `The vector's ${name}`, shapes[name].shape, vector[name].shape);
}

function expectFinite(vector: HostTree): void {
  if (isFiniteTree(vector)) return;
  const parameter = Object.keys(vector).find((name) => !isFiniteTree({ [name]: vector[name] }));
  throw new LetheError("curvature/non-finite", `The vector's ${parameter} holds NaN or infinite values; mend what computed it.`, { parameter });
}
