import { LetheError } from "../errors/index.ts";
import { cholesky, choleskySolve, symmetrise, type Matrix } from "../linalg/index.ts";
import { hostZeros, mapHost, toHost, type HostTree } from "../tree/index.ts";
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
  return blocksAndMultiple(factors, parameters, 0);
}

/**
 * The inverse of the damped matrix, a preconditioner and the step of K-FAC: V becomes (A + pi sqrt(lambda) I)^-1 V (G + (sqrt(lambda) / pi) I)^-1 for the
 * kernel with its bias, pi as in {@link dampKroneckerFactor} (Martens and Grosse 2015, section 6.3). It inverts, exactly, not A (x) G + lambda I but what
 * that approximates it by. Parameters without a factor have the curvature lambda alone: they are divided by it.
 *
 * i^3 + o^3 multiplications once for a layer, i o (i + o) for a product, float64, no data.
 *
 * @param lambda in units of the Fisher matrix, above 0.
 * @throws LetheError `curvature/weight`; `curvature/vector` where a factor does not fit the parameters; `linalg/not-positive-definite` where lambda is
 * too small for the rounding of the factors.
 *
 * @example
 * const factors = await kroneckerFactors(model, data, { context, batchSize: 4 });
 * const step = await inverseKroneckerOperator(factors, model.parameters, 0.1).apply(model.parameters);
 * Object.keys(step).length; // 2
 */
export function inverseKroneckerOperator(factors: readonly KroneckerFactor[], parameters: ParameterShapes, lambda: number): CurvatureOperator {
  if (!(lambda > 0 && lambda < Infinity)) {
    throw new LetheError("curvature/weight", `The damping is ${lambda}; an inverse needs a finite number above 0.`, { lambda });
  }
  const inverses = factors.map((factor) => {
    const { input, output, ...names } = dampKroneckerFactor(factor, lambda);
    return { ...names, input: inverse(input), output: inverse(output) };
  });
  return blocksAndMultiple(inverses, parameters, 1 / lambda);
}

/** A (x) G for the parameters that have a factor, `multiple` times the identity for the others. */
function blocksAndMultiple(factors: readonly KroneckerFactor[], parameters: ParameterShapes, multiple: number): CurvatureOperator {
  const shapes = shapesOf(parameters);
  factors.forEach((factor) => expectFits(factor, shapes));
  const assemble = (others: HostTree, block: (factor: KroneckerFactor) => Float64Array): HostTree => {
    const result = mapHost(others, (value) => multiple * value);
    for (const factor of factors) writeRows(factor, result, block(factor));
    return result;
  };
  return curvatureOperator({
    parameters: shapes,
    definiteness: "positive-semidefinite",
    product: async (vector) => {
      const host = await toHost(vector);
      return assemble(host, ({ input, output, ...names }) =>
        product(product(input.values, readRows(names, host), input.shape[0]), output.values, output.shape[0]),
      );
    },
    exactDiagonal: async () =>
      assemble(
        mapHost(hostZeros(shapes), () => 1),
        ({ input, output }) => {
          const [i, o] = [input.shape[0], output.shape[0]];
          return Float64Array.from({ length: i * o }, (_, at) => input.values[Math.floor(at / o) * (i + 1)] * output.values[(at % o) * (o + 1)]);
        },
      ),
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

function inverse(matrix: Matrix): Matrix {
  const [size] = matrix.shape;
  const factor = cholesky(matrix);
  const values = new Float64Array(size * size);
  const unit = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    unit[i] = 1;
    values.set(choleskySolve(factor, unit), i * size);
    unit[i] = 0;
  }
  return symmetrise({ shape: matrix.shape, values });
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
