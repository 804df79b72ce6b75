import type { Random } from "@lethe/core";
import type { FlatLoss } from "@lethe/core/curvature";
import type { Direction } from "./direction.ts";
import type { InfluenceOptions } from "./options.ts";
import { solve, type Solution } from "./solve.ts";
import { combination, dot } from "./vector.ts";

export interface StepRequest {
  readonly direction: Direction;
  /** Mean loss of what is left. */
  readonly left: FlatLoss;
  /** The loss that H belongs to; where it is `left` itself, its product is used twice. */
  readonly curvature: FlatLoss;
  /** w. */
  readonly at: Float64Array;
  readonly options: InfluenceOptions;
  readonly random: Random;
  /** Told of every product with H, and of every gradient of a single sample. */
  readonly onStep?: () => void;
}

export interface InfluenceStep {
  readonly step: Float64Array;
  /** -(g.s + 1/2 s.H s), g and H of what is left. */
  readonly predictedDecrease: number;
  readonly products: number;
  /** How H^-1 v was come by; none for first-order. */
  readonly solution: Solution | undefined;
}

/** rate H^-1 v, or rate v for first-order, and what the quadratic model of the retain loss says of it. Without a solution to step along, the step is zero. */
export async function influenceStep({ direction, left, curvature, at, options, random, onStep }: StepRequest): Promise<InfluenceStep> {
  const { vector, rate, gradient } = direction;
  if (options.form === "first-order") {
    const step = combination([[rate, vector]]);
    return { step, ...(await promise(gradient, step, () => left.hessian(at).apply(step))), solution: undefined };
  }
  const solution = await solve({ loss: curvature, at, vector, options, random, ...(onStep ? { onStep } : {}) });
  if (solution.ending === "indefinite" || solution.ending === "diverged") {
    return { step: new Float64Array(left.dimension), predictedDecrease: 0, products: solution.products, solution };
  }
  const step = combination([[rate, solution.solution]]);
  if (curvature === left) {
    const { predictedDecrease } = await promise(gradient, step, () => combination([[rate, solution.image]]));
    return { step, predictedDecrease, products: solution.products, solution };
  }
  const { predictedDecrease, products } = await promise(gradient, step, () => left.hessian(at).apply(step));
  return { step, predictedDecrease, products: solution.products + products, solution };
}

async function promise(gradient: Float64Array, step: Float64Array, product: () => Float64Array | Promise<Float64Array>) {
  return { predictedDecrease: -dot(gradient, step) - dot(step, Float64Array.from(await product())) / 2, products: 1 };
}
