import type { Random } from "@lethe/core";
import type { FlatLoss } from "@lethe/core/curvature";
import { cauchyPoint, cubicGradientDescent, cubicModelValue, extremeEigenpairs, type LinearOperator } from "@lethe/core/linalg";
import { drawBatches, type StochasticOptions } from "./stochastic.ts";
import { norm, sum, valueAt, type StepRecord, type Walk } from "./walk.ts";

export interface TheoryOptions extends Pick<StochasticOptions, "steps" | "gradientBatch" | "hessianBatch" | "random" | "onStep"> {
  /** Steps of the sub-solver; undefined: what the theory asks for, `4 ell / sqrt(rho epsilon)`, at most {@link mostInnerSteps}. */
  readonly innerSteps: number | undefined;
  /** rho. */
  readonly cubicConstant: number;
  /** epsilon. */
  readonly tolerance: number;
  /** ell; undefined: the largest |eigenvalue| of the Hessian on its batch where the walk begins, by Lanczos, and a tenth more. */
  readonly smoothness: number | undefined;
}

/** c' of the perturbation, as in a block of the authors' code that is commented out. */
const perturbationShare = 0.01;
/** Of the theory's O(ell / sqrt(rho epsilon)), whose constant and logarithm nobody states. */
const innerFactor = 4;
const mostInnerSteps = 5000;
/** Most steps of the final solver for each of the inner ones. */
const finalFactor = 20;

/**
 * Stochastic cubic regularisation with its guarantee (Tripuraneni, Stern, Jin, Regier, Jordan 2018), the algorithm that CuReNUS is a short form of.
 *
 *     for t = 1..T:
 *       g, B[.] <- independent mini-batches;  s <- sub-solver;  D <- change of the unperturbed model
 *       if D >= -(1/100) sqrt(epsilon^3 / rho):  w <- w + final-solver(g, B);  stop      # from w, not from w + s
 *       w <- w + s
 *
 * Sub-solver: one Cauchy step where ||g|| >= ell^2 / rho; else gradient descent from 0 at the rate 1 / (20 ell) on the model of
 * g + c' (sqrt(epsilon rho) / ell) z, z on the unit sphere. Final solver: the same descent without z, until the model's gradient is at most epsilon / 2.
 * The end is called stationary only where the final solver came that far and nothing left the numbers; with fewer inner steps than the theory asks for, a saddle may
 * pass for a minimum, as the perturbation has no time to grow.
 */
export async function theoryWalk(loss: FlatLoss, start: Float64Array, options: TheoryOptions): Promise<Walk> {
  const { cubicConstant: rho, tolerance: epsilon, steps, random, onStep } = options;
  const ell = options.smoothness ?? (await largestCurvature(loss, start, options));
  const innerSteps = options.innerSteps ?? Math.min(mostInnerSteps, Math.ceil((innerFactor * ell) / Math.sqrt(rho * epsilon)));
  const taken: StepRecord[] = [];
  let w = start;
  for (let t = 0; t < steps; t++) {
    const own = random.split("step", t);
    const samples = drawBatches(loss, options, own);
    const { value, gradient } = await loss.gradient(w, samples.gradient);
    const hessian = loss.hessian(w, samples.hessian);
    const solved = await subSolver(hessian, gradient, ell, { ...options, innerSteps }, own);
    const last = solved.reached && solved.modelValue >= -Math.sqrt(epsilon ** 3 / rho) / 100;
    const { step, modelValue, reached } = last ? await finalSolver(hessian, gradient, ell, { ...options, innerSteps }) : solved;
    const length = norm(step);
    if (!Number.isFinite(length)) break;
    const next = sum(w, step);
    const record: StepRecord = {
      length,
      cubicConstant: rho,
      damping: (rho / 2) * length,
      gradientNorm: norm(gradient),
      predictedDecrease: -modelValue,
      actualDecrease: value - (await valueAt(loss, next, samples.gradient)),
      taken: "taken",
    };
    taken.push(record);
    w = next;
    await onStep?.(t + 1, record);
    if (last) return { parameters: w, steps: taken, ending: reached ? "stationary" : "budget-reached" };
  }
  return { parameters: w, steps: taken, ending: "budget-reached" };
}

interface Solved {
  readonly step: Float64Array;
  /** m(s) with the gradient as it is. */
  readonly modelValue: number;
  /** False where a descent climbed, or was not done in the steps it had. */
  readonly reached: boolean;
}

type Inner = TheoryOptions & { readonly innerSteps: number };

async function subSolver(
  hessian: LinearOperator,
  gradient: Float64Array,
  ell: number,
  { cubicConstant: rho, tolerance: epsilon, innerSteps }: Inner,
  random: Random,
): Promise<Solved> {
  if (norm(gradient) >= ell ** 2 / rho) return { ...(await cauchyPoint(hessian, gradient, { cubicConstant: rho })), reached: true };
  const solved = await cubicGradientDescent(hessian, gradient, {
    cubicConstant: rho,
    stepSize: 1 / (20 * ell),
    iterations: innerSteps,
    start: "zero",
    perturbation: { size: (perturbationShare * Math.sqrt(epsilon * rho)) / ell, random: random.split("perturbation") },
  });
  return { ...solved, reached: solved.status !== "diverged" };
}

async function finalSolver(
  hessian: LinearOperator,
  gradient: Float64Array,
  ell: number,
  { cubicConstant: rho, tolerance: epsilon, innerSteps }: Inner,
): Promise<Solved> {
  let step = new Float64Array(gradient.length);
  let product = new Float64Array(gradient.length);
  let descent = gradient;
  for (let made = 0; norm(descent) > epsilon / 2 && made < finalFactor * innerSteps; made++) {
    step = step.map((value, i) => value - descent[i] / (20 * ell));
    if (!step.every(Number.isFinite)) break;
    product = Float64Array.from(await hessian.apply(step));
    const damping = (rho / 2) * norm(step);
    descent = gradient.map((value, i) => value + product[i] + damping * step[i]);
  }
  return { step, modelValue: cubicModelValue(gradient, product, step, rho), reached: norm(descent) <= epsilon / 2 };
}

async function largestCurvature(loss: FlatLoss, w: Float64Array, options: TheoryOptions): Promise<number> {
  const random = options.random.split("smoothness");
  const { hessian } = drawBatches(loss, options, random);
  const pairs = await extremeEigenpairs(loss.hessian(w, hessian), { top: 1, bottom: 1, random, relativeTolerance: 1e-2, maximumSteps: 30 });
  const largest = Math.max(Math.abs(pairs.top[0].value), Math.abs(pairs.bottom[0].value));
  return largest > 0 ? 1.1 * largest : 1;
}
