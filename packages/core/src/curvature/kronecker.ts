import { LetheError } from "../errors/index.ts";
import type { Matrix } from "../linalg/index.ts";
import { hostZeros, toHost, type HostTree } from "../tree/index.ts";
import { shapesOf, type ParameterShapes } from "./flatten.ts";
import type { KroneckerFactor } from "./kronecker-factors.ts";
import { curvatureOperator, type CurvatureOperator } from "./operator.ts";

/**
 * A + pi sqrt(lambda) I and G + (sqrt(lambda) / pi) I, whose product is near A (x) G + lambda I; pi = sqrt((tr A / i) / (tr G / o)) splits the damping by
 * the factors' mean eigenvalues (Martens and Grosse 2015, section 6.3). pi is 1 where one of the traces is zero.
 *
 * @param lambda in units of the Fisher matrix, at least 0.
 * @throws LetheError `curvature/weight`.
 *
 * @example
 * const square = (value) => ({ shape: [1, 1], values: Float64Array.of(value) });
 * const damped = dampKroneckerFactor({ name: "dense", kernel: "dense/kernel", bias: undefined, input: square(4), output: square(1) }, 0.01);
 * damped.input.values; // [4.2]
 * damped.output.values; // [1.05]
 */
export function dampKroneckerFactor(factor: KroneckerFactor, lambda: number): KroneckerFactor {
  if (!(lambda >= 0 && lambda < Infinity)) {
    throw new LetheError("curvature/weight", `The damping is ${lambda}; it must be a finite number of at least 0.`, { lambda });
  }
  const [a, g] = [meanOfDiagonal(factor.input), meanOfDiagonal(factor.output)];
  const pi = a > 0 && g > 0 ? Math.sqrt(a / g) : 1;
  const root = Math.sqrt(lambda);
  return { ...factor, input: plusIdentity(factor.input, pi * root), output: plusIdentity(factor.output, root / pi) };
}

/**
 * The block-diagonal matrix of the blocks A (x) G: V becomes A V G for the kernel with its bias, `[i, o]`. Rows and columns of parameters without a
 * factor are zero. No product reads data; the exact diagonal is free.
 *
 * @param parameters all that the operator is over, e.g. `model.parameters`.
 * @throws LetheError `curvature/vector` where a factor does not fit the parameters.
 *
 * @example
 * const factors = await kroneckerFactors(model, data, { context, batchSize: 4 });
 * kroneckerOperator(factors, model.parameters).dimension; // 12
 */
export function kroneckerOperator(factors: readonly KroneckerFactor[], parameters: ParameterShapes): CurvatureOperator {
  const shapes = shapesOf(parameters);
  factors.forEach((factor) => expectFits(factor, shapes));
  const assemble = (block: (factor: KroneckerFactor) => Float64Array): HostTree => {
    const result = hostZeros(shapes);
    for (const factor of factors) writeRows(factor, result, block(factor));
    return result;
  };
  return curvatureOperator({
    parameters: shapes,
    definiteness: "positive-semidefinite",
    product: async (vector) => {
      const host = await toHost(vector);
      return assemble(({ input, output, ...names }) =>
        product(product(input.values, readRows(names, host), input.shape[0]), output.values, output.shape[0]),
      );
    },
    exactDiagonal: async () =>
      assemble(({ input, output }) => {
        const [i, o] = [input.shape[0], output.shape[0]];
        return Float64Array.from({ length: i * o }, (_, at) => input.values[Math.floor(at / o) * (i + 1)] * output.values[(at % o) * (o + 1)]);
      }),
  });
}

type Names = Pick<KroneckerFactor, "kernel" | "bias">;

/** Kernel and bias as one matrix `[i, o]`, row-major. */
function readRows({ kernel, bias }: Names, tree: HostTree): Float64Array {
  return Float64Array.from([...tree[kernel].values, ...(bias === undefined ? [] : tree[bias].values)]);
}

function writeRows({ kernel, bias }: Names, tree: HostTree, rows: Float64Array): void {
  const { values } = tree[kernel];
  values.set(rows.subarray(0, values.length));
  if (bias !== undefined) tree[bias].values.set(rows.subarray(values.length));
}

/** X Y for row-major X with `inner` columns. */
function product(x: Float64Array, y: Float64Array, inner: number): Float64Array {
  const [rows, columns] = [x.length / inner, y.length / inner];
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = x[i * inner + k];
      for (let j = 0; j < columns; j++) result[i * columns + j] += factor * y[k * columns + j];
    }
  }
  return result;
}

function meanOfDiagonal({ shape: [size], values }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += values[i * (size + 1)];
  return sum / size;
}

function plusIdentity({ shape, values }: Matrix, amount: number): Matrix {
  const sum = Float64Array.from(values);
  for (let i = 0; i < shape[0]; i++) sum[i * (shape[0] + 1)] += amount;
  return { shape, values: sum };
}

function expectFits({ name, kernel, bias, input, output }: KroneckerFactor, shapes: ParameterShapes): void {
  const missing = [kernel, bias].find((parameter) => parameter !== undefined && !(parameter in shapes));
  const rows = input.shape[0] - (bias === undefined ? 0 : 1);
  const wanted = missing === undefined ? shapes[kernel].shape.reduce((count, size) => count * size, 1) : undefined;
  if (wanted === rows * output.shape[0]) return;
  throw new LetheError("curvature/vector", `The factor of the layer ${name} does not fit the parameters; take both from one model.`, { layer: name });
}
