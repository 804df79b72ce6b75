import { expectCount, expectPositive, expectSymmetricOperator } from "./checks.ts";
import { estimateFrom, type Estimate } from "./estimate.ts";
import type { ProbeOptions } from "./hutchinson.ts";
import { lanczos, type LanczosDecomposition } from "./lanczos.ts";
import { rowOf, type Matrix } from "./matrix.ts";
import type { LinearOperator } from "./operator.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";
import { rademacher } from "./vector.ts";

export interface SpectralDensityOptions extends ProbeOptions {
  /** Lanczos steps per probe, one product each; k steps match 2 k moments of the spectrum. */
  readonly steps: number;
  /** Standard deviation of the Gaussian that each node is smeared into, in units of A; default a hundredth of the spectrum's width. */
  readonly width?: number;
  /** Points at which the smoothed density is given; default 200. */
  readonly points?: number;
}

/** Gauss quadrature that one probe gives: `sum of weights * f(nodes)` is `z.f(A) z / d`. */
export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

export interface SpectralDensity extends Quadrature {
  readonly dimension: number;
  /** One for each probe; `nodes` and `weights` are all of them together, the weights summing to 1. */
  readonly quadratures: readonly Quadrature[];
  /** Of A, in its units. */
  readonly trace: Estimate;
  /** The density smeared by Gaussians of standard deviation `width`, per unit of A; its integral is 1. */
  readonly smoothed: { readonly points: Float64Array; readonly values: Float64Array; readonly width: number };
}

/**
 * How the eigenvalues of a symmetric operator are distributed, by stochastic Lanczos quadrature (Golub and Meurant 1994; Ubaru, Chen and Saad 2017):
 * from each of several vectors of random signs, k Lanczos steps, whose Ritz values are the nodes and the squared first components of whose vectors
 * are the weights.
 *
 * Isolated eigenvalues are found to many digits; the bulk is resolved to about its width / k, and its height varies with the probes.
 *
 * @throws LetheError `linalg/not-symmetric`, `linalg/bad-option`, `linalg/non-finite`.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[2, 0], [0, 4]]));
 * const density = await spectralDensity(operator, { probes: 2, steps: 2, random: createRandom(1) });
 * density.trace.estimate; // 6
 * traceOfFunction(density, Math.sqrt).estimate; // Math.SQRT2 + 2
 */
export async function spectralDensity(operator: LinearOperator, options: SpectralDensityOptions): Promise<SpectralDensity> {
  const { probes, steps, random, points = 200 } = options;
  expectSymmetricOperator("spectralDensity", operator);
  expectCount("probes", probes, 2);
  expectCount("points", points, 2);
  if (options.width !== undefined) expectPositive("width", options.width);
  const quadratures: Quadrature[] = [];
  for (let i = 0; i < probes; i++) {
    quadratures.push(quadrature(await lanczos(operator, rademacher(operator.dimension, random.split("probe", i)), { steps })));
  }
  const nodes = Float64Array.from(quadratures.flatMap((quadrature) => [...quadrature.nodes]));
  const weights = Float64Array.from(quadratures.flatMap((quadrature) => [...quadrature.weights].map((weight) => weight / probes)));
  const { dimension } = operator;
  return {
    dimension,
    quadratures,
    nodes,
    weights,
    trace: traceOfFunction({ dimension, quadratures }, (value) => value),
    smoothed: smooth({ nodes, weights }, options.width ?? defaultWidth(nodes), points),
  };
}

/**
 * `trace f(A)`, d times the mean of f over the spectrum: the log-determinant with `Math.log`, the effective number of parameters with
 * `x => x / (x + damping)`. Exact up to the probes' noise for polynomials of degree below 2 k; the standard error tells of that noise alone.
 *
 * @example
 * const operator = denseOperator(matrixFromRows([[2, 0], [0, 4]]));
 * const density = await spectralDensity(operator, { probes: 2, steps: 2, random: createRandom(1) });
 * traceOfFunction(density, Math.log).estimate; // Math.log(8)
 */
export function traceOfFunction(
  { dimension, quadratures }: Pick<SpectralDensity, "dimension" | "quadratures">,
  f: (eigenvalue: number) => number,
): Estimate {
  return estimateFrom(quadratures.map(({ nodes, weights }) => dimension * nodes.reduce((sum, node, j) => sum + weights[j] * f(node), 0)));
}

function quadrature({ diagonal, offDiagonal }: LanczosDecomposition): Quadrature {
  const { values, vectors } = symmetricEigen(tridiagonal(diagonal, offDiagonal));
  return { nodes: values, weights: values.map((_, j) => rowOf(vectors, j)[0] ** 2) };
}

function tridiagonal(diagonal: Float64Array, offDiagonal: Float64Array): Matrix {
  const size = diagonal.length;
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) values[i * size + i] = diagonal[i];
  for (let i = 0; i < size - 1; i++) values[i * size + i + 1] = values[(i + 1) * size + i] = offDiagonal[i];
  return { shape: [size, size], values };
}

function defaultWidth(nodes: Float64Array): number {
  const [least, most] = range(nodes);
  // All nodes in one place leave only their size to go by.
  return (most - least || Math.max(Math.abs(most), 1)) / 100;
}

function smooth({ nodes, weights }: Quadrature, width: number, count: number): SpectralDensity["smoothed"] {
  const [least, most] = range(nodes);
  const begin = least - 4 * width;
  const spacing = (most - least + 8 * width) / (count - 1);
  const points = Float64Array.from({ length: count }, (_, i) => begin + i * spacing);
  const height = 1 / (width * Math.sqrt(2 * Math.PI));
  const values = points.map((point) => nodes.reduce((sum, node, j) => sum + weights[j] * height * Math.exp(-(((point - node) / width) ** 2) / 2), 0));
  return { points, values, width };
}

function range(values: Float64Array): readonly [number, number] {
  return values.reduce<readonly [number, number]>(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
}
