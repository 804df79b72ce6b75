import type { Random } from "@lethe/core";
import type { FlatLoss } from "@lethe/core/curvature";
import { damped, extremeEigenpairs, type LinearOperator } from "@lethe/core/linalg";
import { combination, isFiniteVector, norm } from "./vector.ts";

export interface LissaRequest {
  readonly loss: FlatLoss;
  /** w, where H is taken. */
  readonly at: Float64Array;
  /** v. */
  readonly vector: Float64Array;
  /** sigma, in units of H; left out, measured. */
  readonly scale?: number | undefined;
  /** gamma, in units of H. */
  readonly damping: number;
  readonly hessianBatch: number;
  readonly passes: number;
  readonly patience: number;
  /** Stop at an update of `tolerance ||v|| / sigma`. */
  readonly tolerance: number;
  readonly random: Random;
  /** Told of every product. */
  readonly onProduct?: () => void;
}

export interface LissaResult {
  readonly solution: Float64Array;
  /** `patience`: no update was smaller than the smallest for so many steps, as with batches whose noise is all that is left. */
  readonly ending: "converged" | "patience" | "budget-reached" | "diverged";
  readonly scale: number;
}

/**
 * (H + gamma I)^-1 v by the stochastic Neumann series (LiSSA: Agarwal, Bullins and Hazan 2017), each product over the next batch of a new order in every pass:
 *
 *     x <- x + (v - gamma x - H_batch x) / sigma,   from x = v / sigma
 *
 * The authors' code of features and labels carries u = sigma x, and its damping is gamma / sigma. It needs every eigenvalue of H + gamma I, of each batch, between
 * 0 and 2 sigma. What it has come to is to be judged by the residual over all of the data.
 */
export async function lissa(request: LissaRequest): Promise<LissaResult> {
  const { loss, at, vector, damping, hessianBatch, passes, patience, tolerance, random, onProduct } = request;
  const scale = request.scale ?? (await lissaScale(counted(damped(loss.hessian(at), damping), onProduct), random.split("scale")));
  let solution = combination([[1 / scale, vector]]);
  let smallest = Number.POSITIVE_INFINITY;
  let since = 0;
  for (let pass = 0; pass < passes; pass++) {
    const order = random.split("order", pass).permutation(loss.sampleCount);
    for (let start = 0; start < order.length; start += hessianBatch) {
      const batch = order.length <= hessianBatch ? undefined : order.subarray(start, start + hessianBatch);
      const image = await counted(damped(loss.hessian(at, batch), damping), onProduct).apply(solution);
      const update = combination([
        [1 / scale, vector],
        [-1 / scale, image],
      ]);
      solution = combination([
        [1, solution],
        [1, update],
      ]);
      if (!isFiniteVector(solution)) return { solution, ending: "diverged", scale };
      const size = norm(update);
      if (size <= (tolerance * norm(vector)) / scale) return { solution, ending: "converged", scale };
      since = size < smallest ? 0 : since + 1;
      smallest = Math.min(smallest, size);
      if (since >= patience) return { solution, ending: "patience", scale };
    }
  }
  return { solution, ending: "budget-reached", scale };
}

/** A tenth above the largest magnitude of an eigenvalue, by Lanczos to one in a hundred: batches may go to nearly twice that before the series diverges. */
async function lissaScale(operator: LinearOperator, random: Random): Promise<number> {
  const { scale } = await extremeEigenpairs(operator, {
    top: 1,
    bottom: 0,
    random,
    relativeTolerance: 1e-2,
    maximumSteps: Math.min(operator.dimension, 40),
  });
  return scale === 0 ? 1 : 1.1 * scale;
}

function counted(operator: LinearOperator, onProduct: (() => void) | undefined): LinearOperator {
  return {
    ...operator,
    apply: (vector) => {
      onProduct?.();
      return operator.apply(vector);
    },
  };
}
