import {
  configure,
  isLetheError,
  LetheError,
  plural,
  unchangedWeights,
  type ConfiguredMethod,
  type Context,
  type UnlearningMethod,
} from "@lethe/core";
import { scopedLosses, type ModelLoss } from "@lethe/core/curvature";
import { optionsSchema, searchSpace, type NewtonInput, type NewtonOptions } from "./options.ts";
import { newtonStep } from "./step.ts";

/**
 * Newton unlearning: steps of Newton's method on the loss of the retained data, from the trained w.
 *
 *     w <- w - (H + gamma I)^-1 g      damped
 *     w <- w - H^+ g                   pseudo-inverse
 *
 * g and H of the mean loss over D_r. On a quadratic one step is exact: it ends where retraining would. On a trained network H has hosts of eigenvalues near
 * zero and some below, along which the step explodes (lengths in the thousands are published); it is here so that this can be seen beside `cure-newton`, and for
 * convex heads, where it works. Nothing stops a step that harms: see `report`.
 *
 * The forget set is never read. Batch-norm statistics stay as they are.
 *
 * @see https://arxiv.org/abs/1911.03030 for the Newton removal step on convex models, https://arxiv.org/abs/2406.14507 for what becomes of it on networks.
 */
export const newtonMethod: UnlearningMethod<NewtonOptions> = {
  contract: 1,
  id: "newton",
  title: "Newton steps on the retained data, damped or by the pseudo-inverse",
  citation: {
    authors: "Guo, Goldstein, Hannun, van der Maaten",
    title: "Certified Data Removal from Machine Learning Models",
    venue: "ICML",
    year: 2020,
    url: "https://arxiv.org/abs/1911.03030",
  },
  guarantee: "approximate",
  needs: { retain: "samples", labels: "required", trace: "not-needed", recipe: "not-needed", layers: "any" },
  scenarios: ["random", "class", "sub-class", "poisoned"],
  options: optionsSchema,
  searchSpace,

  async unlearn({ model, retain, loss }, _artifact, options, context) {
    const quiet: Context = { ...context, report: () => undefined };
    const { parameters: scope, batchSize, weightDecay } = options;
    const losses = await scopedLosses(model, scope, retain, { context: quiet, batchSize, weightDecay, loss });
    try {
      const retainLoss = await losses.on(retain);
      expectDense(retainLoss.dimension, options);
      const before = await retainLoss.value(retainLoss.current);
      const { w, after, steps } = await walk(retainLoss, options, context);
      const moved = Math.sqrt(w.reduce((sum, value, i) => sum + (value - retainLoss.current[i]) ** 2, 0));
      const report = {
        updateNorm: finite(moved),
        stepNorms: steps.map(({ length }) => finite(length)),
        predictedDecreases: steps.map(({ predictedDecrease }) => finite(predictedDecrease)),
        retainLossBefore: before,
        retainLossAfter: finite(after),
        smallestEigenvalue: steps.at(-1)?.spectrum?.[0] ?? null,
        largestEigenvalue: steps.at(-1)?.spectrum?.[1] ?? null,
        dimension: retainLoss.dimension,
        gradientSamples: steps.length * retain.size,
      };
      const cost = context.meter.read();
      if (!Number.isFinite(after)) {
        const message = `The step left the numbers that float32 can hold and the model is unchanged; ${remedy(options)}.`;
        return { status: "non-finite", message, weights: unchangedWeights(model), artifact: undefined, report, cost };
      }
      return {
        status: moved === 0 ? "no-effect" : "completed",
        message: messageOf(moved, before, after, steps.length, options),
        weights: retainLoss.weightsAt(w),
        artifact: undefined,
        report,
        cost: context.meter.read(),
      };
    } finally {
      losses.dispose();
    }
  },
};

/**
 * @throws LetheError `options/invalid`.
 * @example
 * const result = await unlearn({ model: network, data, forget: { class: 3 }, method: newton({ damping: 0.1 }) });
 * const published = newton({ variant: "pseudo-inverse", parameters: "head" });
 */
export function newton(options: NewtonInput = {}): ConfiguredMethod<NewtonOptions, void> {
  return configure(newtonMethod, options);
}

/** d of the dense solver, which holds d^2 float64 numbers. */
const largestDense = 5000;

function expectDense(dimension: number, { solver }: NewtonOptions): void {
  if (solver !== "dense" || dimension <= largestDense) return;
  const sentence = `The dense solver takes at most ${largestDense} parameters and ${dimension} may move; take parameters: head, or solver: minres.`;
  throw new LetheError("curvature/too-large", sentence, { dimension, largest: largestDense });
}

interface TakenStep {
  readonly length: number;
  readonly predictedDecrease: number;
  readonly spectrum: readonly [number, number] | undefined;
}

async function walk(loss: ModelLoss, options: NewtonOptions, context: Context) {
  const each = options.solver === "dense" ? loss.dimension : options.iterations;
  const taken: TakenStep[] = [];
  let w = loss.current;
  try {
    for (let step = 0; step < options.steps; step++) {
      await context.pause();
      const { gradient } = await loss.gradient(w);
      const onProduct = (done: number) =>
        context.report({
          phase: "Hessian of the retain loss",
          completed: step * each + Math.min(done, each),
          total: options.steps * each,
          unit: "steps",
        });
      const found = await newtonStep({ gradient, hessian: loss.hessian(w), options, onProduct, pause: context.pause });
      taken.push({ ...found, length: Math.sqrt(found.step.reduce((sum, value) => sum + value * value, 0)) });
      w = w.map((value, i) => value + found.step[i]);
      if (!w.every(Number.isFinite)) return { w, after: Number.POSITIVE_INFINITY, steps: taken };
    }
    return { w, after: await loss.value(w), steps: taken };
  } catch (error) {
    // Beyond float32, where a step has led.
    if (taken.length > 0 && isLetheError(error) && error.code === "pass/non-finite") return { w, after: Number.POSITIVE_INFINITY, steps: taken };
    throw error;
  }
}

function remedy({ variant, damping, cutoff }: NewtonOptions): string {
  return variant === "damped"
    ? `try a damping of ${short(Math.max(10 * damping, 1e-2))}`
    : `try a cutoff of ${short(Math.max(100 * cutoff, 1e-6))}, or variant: damped`;
}

function messageOf(moved: number, before: number, after: number, steps: number, options: NewtonOptions): string {
  if (moved === 0) return "Nothing moved: the retain loss is stationary in what may move, or flat in float32 along its gradient.";
  const figures = `moved the weights by ${moved.toPrecision(3)}; the retain loss went from ${before.toPrecision(3)} to ${after.toPrecision(3)}`;
  const hint = after > before ? ` It rose: Newton's step is not to be trusted here; ${remedy(options)}, or cure-newton.` : "";
  return `${plural(steps, "Newton step")} ${figures}.${hint}`;
}

/** Two digits: a product of decimals has tails. */
function short(value: number): number {
  return Number(value.toPrecision(2));
}

/** JSON has no infinity. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
