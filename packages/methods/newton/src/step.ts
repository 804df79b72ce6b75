import { denseMatrix } from "@lethe/core/curvature";
import { minres, symmetricEigenAsync, type LinearOperator, type SymmetricEigen } from "@lethe/core/linalg";
import type { NewtonOptions } from "./options.ts";

export interface NewtonStep {
  readonly step: Float64Array;
  /** -(g.s + 1/2 s.H s): what the quadratic model promises; nothing, or worse, where H is not positive definite. */
  readonly predictedDecrease: number;
  readonly products: number;
  /** Lowest and highest eigenvalue of H, where all are known. */
  readonly spectrum: readonly [lowest: number, highest: number] | undefined;
}

export interface StepRequest {
  readonly gradient: Float64Array;
  readonly hessian: LinearOperator;
  readonly options: Pick<NewtonOptions, "variant" | "damping" | "cutoff" | "solver" | "iterations">;
  /** Told after every product. */
  readonly onProduct?: (done: number) => void;
  /** Awaited again and again while a dense system is solved. */
  readonly pause?: () => Promise<void>;
}

/**
 * s = -A g with A = (H + gamma I)^-1 or H^+, in float64 but for the products with H.
 *
 * Dense: by all eigenpairs, `s = -sum_i f(lambda_i) (u_i.g) u_i` with f = 1 / (lambda + gamma), or 1 / lambda above the cutoff and 0 below it. MINRES,
 * given the time, finds the same where the system has a solution; for gamma = 0 and a gradient off the range of H, a least-squares solution that need not
 * be the shortest.
 */
export async function newtonStep({ gradient, hessian, options, onProduct, pause }: StepRequest): Promise<NewtonStep> {
  const { variant, damping, cutoff, solver, iterations } = options;
  const gamma = variant === "damped" ? damping : 0;
  if (solver === "minres") {
    let products = 0;
    const counted: LinearOperator = {
      ...hessian,
      definiteness: "unknown",
      async apply(vector) {
        const image = await hessian.apply(vector);
        onProduct?.(++products);
        return gamma === 0 ? image : image.map((value, i) => value + gamma * vector[i]);
      },
    };
    const { solution } = await minres(counted, negated(gradient), { maximumIterations: iterations });
    return { step: solution, predictedDecrease: await promise(gradient, hessian, solution), products: products + 1, spectrum: undefined };
  }
  const matrix = await denseMatrix(hessian, onProduct);
  const eigen = await symmetricEigenAsync(matrix, { pause });
  const { values } = eigen;
  const largest = Math.max(Math.abs(values[0]), Math.abs(values[values.length - 1]));
  const counts = (value: number) => variant === "damped" || Math.abs(value) > cutoff * largest;
  const step = applyInverse(eigen, negated(gradient), (value) => (counts(value) ? 1 / (value + gamma) : 0));
  return {
    step,
    predictedDecrease: await promise(gradient, hessian, step),
    products: values.length + 1,
    spectrum: [values[0], values[values.length - 1]],
  };
}

/** sum_i f(lambda_i) (u_i.v) u_i */
function applyInverse({ values, vectors }: SymmetricEigen, vector: Float64Array, f: (value: number) => number): Float64Array {
  const d = values.length;
  const result = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    const u = vectors.values.subarray(i * d, (i + 1) * d);
    const share = f(values[i]) * dot(u, vector);
    for (let j = 0; j < d; j++) result[j] += share * u[j];
  }
  return result;
}

async function promise(gradient: Float64Array, hessian: LinearOperator, step: Float64Array): Promise<number> {
  // A singular H without damping.
  if (!step.every(Number.isFinite)) return Number.NaN;
  return -dot(gradient, step) - dot(step, await hessian.apply(step)) / 2;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function negated(vector: Float64Array): Float64Array {
  return vector.map((value) => -value);
}
