import type { Random } from "@lethe/core";
import type { FlatLoss } from "@lethe/core/curvature";
import { conjugateGradients, damped, minres, type LinearOperator } from "@lethe/core/linalg";
import { lissa } from "./lissa.ts";
import type { InfluenceOptions } from "./options.ts";
import { combination, difference, dot, isFiniteVector, norm } from "./vector.ts";
import { exactWoodFisher, releasedWoodFisher } from "./wood-fisher.ts";

export interface SolveRequest {
  /** The loss that H belongs to. */
  readonly loss: FlatLoss;
  /** w. */
  readonly at: Float64Array;
  /** v. */
  readonly vector: Float64Array;
  readonly options: InfluenceOptions;
  readonly random: Random;
  /** Told of every product with H, and of every gradient of a single sample. */
  readonly onStep?: () => void;
}

export interface Solution {
  /** x, meant to be (H + gamma I)^-1 v. */
  readonly solution: Float64Array;
  /** H x, without damping. */
  readonly image: Float64Array;
  /**
   * `indefinite` and `diverged` leave nothing to step along. `fisher`: no system with H was solved. The others are the solvers' own.
   */
  readonly ending: "converged" | "least-squares" | "stagnated" | "patience" | "budget-reached" | "fisher" | "indefinite" | "diverged";
  /** ||v - (H + gamma I) x|| / ||v||, over all of the data whatever the solver. */
  readonly residual: number;
  readonly products: number;
  /** p.(H + gamma I) p / p.p along the direction p at which conjugate gradients met it; of an x found, along x. */
  readonly curvature: number;
}

/** H^-1 v by the solver of the options, and how good it is: measured by one product of the true Hessian, the same for every solver. */
export async function solve({ loss, at, vector, options, random, onStep }: SolveRequest): Promise<Solution> {
  const { damping } = options;
  let products = 0;
  const countProduct = () => {
    products++;
    onStep?.();
  };
  const hessian = loss.hessian(at);
  const counted: LinearOperator = {
    ...hessian,
    apply: (direction) => {
      countProduct();
      return hessian.apply(direction);
    },
  };
  const found = norm(vector) === 0 ? { solution: vector, ending: "converged" as const } : await attempt();
  if (!isFiniteVector(found.solution)) return { ...found, image: found.solution, ending: "diverged", residual: Infinity, products, curvature: NaN };
  const image = Float64Array.from(await counted.apply(found.solution));
  const dampedImage = combination([
    [1, image],
    [damping, found.solution],
  ]);
  const residual = norm(vector) === 0 ? 0 : norm(difference(vector, dampedImage)) / norm(vector);
  const along = dot(found.solution, dampedImage) / dot(found.solution, found.solution);
  // A series that ends further from the solution than zero is was on its way to infinity.
  const ending = options.solver === "lissa" && residual > 1 ? "diverged" : found.ending;
  return { curvature: along, ...found, ending, image, residual, products };

  async function attempt(): Promise<Pick<Solution, "solution" | "ending"> & { readonly curvature?: number }> {
    const request = { ...options, loss, at, vector, random, onProduct: countProduct, ...(onStep ? { onSample: onStep } : {}) };
    const limits = { relativeTolerance: options.tolerance, maximumIterations: options.iterations };
    switch (options.solver) {
      case "minres": {
        const { solution, status } = await minres(damped(counted, damping), vector, limits);
        return { solution, ending: status };
      }
      case "conjugate-gradients": {
        const { solution, status, negativeCurvature } = await conjugateGradients(damped(counted, damping), vector, limits);
        return { solution, ending: status, ...(negativeCurvature ? { curvature: negativeCurvature.curvature } : {}) };
      }
      case "lissa":
        return lissa(request);
      case "wood-fisher":
        return { solution: await exactWoodFisher(request), ending: "fisher" };
      case "wood-fisher-released":
        return { solution: await releasedWoodFisher(request), ending: "fisher" };
    }
  }
}
