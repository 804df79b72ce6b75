import { denseMatrix, type FlatLoss } from "@lethe/core/curvature";
import { cubicExact, symmetricEigenAsync } from "@lethe/core/linalg";
import { adapted, norm, sum, valueAt, type Adaptation, type StepRecord, type Walk } from "./walk.ts";

export interface ExactOptions {
  readonly cubicConstant: number;
  readonly adaptation: Adaptation;
  /** T. */
  readonly steps: number;
  /** epsilon. */
  readonly tolerance: number;
  /** Told after every product that the Hessian takes, of `steps * d` at most. */
  readonly onProduct?: (done: number) => void;
  /** Told before a step is looked at. */
  readonly onTaken?: () => void;
  readonly pause?: () => Promise<void>;
}

export interface ExactWalk extends Walk {
  /** Of the last Hessian, which belongs to where the last step began unless that ended it. */
  readonly smallestEigenvalue: number;
}

/**
 * CuReNU: Newton's method with a cubic term, on the retain loss L from the trained w.
 *
 *     repeat at most T times:
 *       g <- grad L(w),  H <- grad^2 L(w)                                   # all of D_r, d products
 *       stop if ||g|| <= epsilon and lambda_min(H) >= -sqrt(M epsilon)      # epsilon-second-order stationary
 *       s <- argmin g.s + 1/2 s.H s + (M/6) ||s||^3                         # exactly, in float64
 *       w <- w + s
 *
 * Where M bounds the change of the Hessian, L falls by at least (M/12) ||s||^3 in every step.
 */
export async function exactWalk(loss: FlatLoss, start: Float64Array, options: ExactOptions): Promise<ExactWalk> {
  const { adaptation, steps, tolerance, onProduct, onTaken, pause } = options;
  const { dimension } = loss;
  const taken: StepRecord[] = [];
  let w = start;
  let M = options.cubicConstant;
  let smallestEigenvalue = Number.NaN;
  let hessians = 0;
  while (taken.length < steps) {
    const { value, gradient } = await loss.gradient(w);
    const before = hessians++ * dimension;
    const hessian = await denseMatrix(loss.hessian(w), (done) => onProduct?.(before + done));
    const eigen = await symmetricEigenAsync(hessian, { pause });
    [smallestEigenvalue] = eigen.values;
    const stationary = norm(gradient) <= tolerance && smallestEigenvalue >= -Math.sqrt(M * tolerance);
    if (stationary) return { parameters: w, steps: taken, ending: "stationary", smallestEigenvalue };
    for (let stayed = true; stayed && taken.length < steps;) {
      const { step, lambda, modelValue } = cubicExact(hessian, gradient, { cubicConstant: M, eigen });
      const next = sum(w, step);
      onTaken?.();
      const figures = { predictedDecrease: -modelValue, actualDecrease: value - (await valueAt(loss, next)) };
      const rule = adaptation === "ratio" ? adapted(M, figures) : ({ taken: "taken", cubicConstant: M } as const);
      taken.push({ length: norm(step), cubicConstant: M, damping: lambda, gradientNorm: norm(gradient), ...figures, taken: rule.taken });
      M = rule.cubicConstant;
      stayed = rule.taken === "rejected";
      if (!stayed) w = next;
    }
  }
  return { parameters: w, steps: taken, ending: "budget-reached", smallestEigenvalue };
}
