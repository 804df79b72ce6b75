import type { Random } from "@lethe/core";
import type { FlatLoss } from "@lethe/core/curvature";
import { cubicGradientDescent, cubicKrylov, type LinearOperator } from "@lethe/core/linalg";
import { adapted, norm, sum, valueAt, type Adaptation, type StepRecord, type Walk } from "./walk.ts";

export interface StochasticOptions {
  readonly cubicConstant: number;
  readonly adaptation: Adaptation;
  /** T_outer. */
  readonly steps: number;
  readonly solver: "gradient-descent" | "lanczos";
  /** T_inner. */
  readonly innerSteps: number;
  /** eta. */
  readonly innerRate: number;
  /** sigma. */
  readonly perturbation: number;
  /** n1. */
  readonly gradientBatch: number;
  /** n2. */
  readonly hessianBatch: number;
  readonly random: Random;
  readonly onStep?: (done: number, step: StepRecord) => Promise<void> | void;
}

/**
 * CuReNUS: the cubic step from mini-batches and Hessian-vector products, as the authors' code takes it.
 *
 *     for t = 1..T_outer:
 *       B1 <- n1 samples without replacement;  B2 <- n2, drawn independently
 *       g  <- grad L_B1(w)
 *       s  <- Cauchy point of the cubic model along -g, with the Hessian of L_B2
 *       gt <- g + sigma z,  z uniform on the unit sphere                            # after the Cauchy point
 *       T_inner times:  s <- s - eta (gt + H_B2 s + (M/2) ||s|| s)                  # B2 stays
 *       w  <- w + s                                                                 # whatever became of L
 *
 * Differs in one thing: an inner loop that climbs above the Cauchy point, at a rate too high for the curvature, is thrown away and the Cauchy point taken.
 * With solver `lanczos`, the model is minimised in the Krylov space of g instead, and along the lowest curvature that a random direction finds.
 */
export async function stochasticWalk(loss: FlatLoss, start: Float64Array, options: StochasticOptions): Promise<Walk> {
  const { steps, adaptation, random, onStep } = options;
  const taken: StepRecord[] = [];
  let w = start;
  let M = options.cubicConstant;
  for (let t = 0; t < steps; t++) {
    const own = random.split("step", t);
    const samples = drawBatches(loss, options, own);
    const { value, gradient } = await loss.gradient(w, samples.gradient);
    const { step, lambda, modelValue, status } = await minimise(loss.hessian(w, samples.hessian), gradient, M, options, own);
    const next = sum(w, step);
    const figures = { predictedDecrease: -modelValue, actualDecrease: value - (await valueAt(loss, next, samples.gradient)) };
    const rule = adaptation === "ratio" ? adapted(M, figures) : ({ taken: "taken", cubicConstant: M } as const);
    const fallback = status === "diverged" ? ("cauchy" as const) : ("none" as const);
    const record = { length: norm(step), cubicConstant: M, damping: lambda, gradientNorm: norm(gradient), ...figures, taken: rule.taken, fallback };
    taken.push(record);
    if (rule.taken === "taken") w = next;
    M = rule.cubicConstant;
    await onStep?.(t + 1, record);
  }
  return { parameters: w, steps: taken, ending: "budget-reached" };
}

function minimise(hessian: LinearOperator, gradient: Float64Array, cubicConstant: number, options: StochasticOptions, random: Random) {
  const { solver, innerSteps, innerRate, perturbation } = options;
  if (solver === "lanczos") return cubicKrylov(hessian, gradient, { cubicConstant, maximumSteps: innerSteps, random: random.split("lowest") });
  return cubicGradientDescent(hessian, gradient, {
    cubicConstant,
    stepSize: innerRate,
    iterations: innerSteps,
    start: "cauchy",
    ...(perturbation > 0 ? { perturbation: { size: perturbation, random: random.split("perturbation") } } : {}),
  });
}

/** Two independent draws without replacement; all samples where there are no more than were asked for. */
export function drawBatches(
  { sampleCount }: Pick<FlatLoss, "sampleCount">,
  { gradientBatch, hessianBatch }: Pick<StochasticOptions, "gradientBatch" | "hessianBatch">,
  random: Random,
) {
  const draw = (name: string, size: number) => (size >= sampleCount ? undefined : random.split(name).sample(sampleCount, size));
  return { gradient: draw("gradient", gradientBatch), hessian: draw("hessian", hessianBatch) };
}
