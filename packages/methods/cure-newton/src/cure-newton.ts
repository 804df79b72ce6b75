import { configure, isLetheError, LetheError, unchangedWeights, type ConfiguredMethod, type Context, type UnlearningMethod } from "@lethe/core";
import { scopedLosses, type ModelLoss } from "@lethe/core/curvature";
import { exactWalk } from "./exact.ts";
import { optionsSchema, searchSpace, type CureNewtonInput, type CureNewtonOptions } from "./options.ts";
import { messageOf, reportOf } from "./report.ts";
import { stochasticWalk } from "./stochastic.ts";
import { theoryWalk } from "./theory.ts";
import { valueAt, type StepRecord, type Walk } from "./walk.ts";

/**
 * CureNewton (CuReNU, and stochastic CuReNUS): a few Newton steps on the retained data's loss, each cured of near-zero and negative curvature by a cubic term.
 *
 *     s <- argmin g.s + 1/2 s.H s + (M/6) ||s||^3,  w <- w + s        g, H of the mean loss over D_r, from the trained w
 *
 * The damping lambda = M ||s|| / 2 that the step comes to is solved for, never chosen. The forget set is never read: what makes the model forget is that the
 * retain loss has its minimum elsewhere. Where retraining would classify forgotten samples well, so does this.
 *
 * Batch-norm statistics stay as they are, and there is no dropout, so that loss, gradient and Hessian are one function's. Steps are summed in float64;
 * products with a network's Hessian are float32.
 *
 * Differs from the authors' code: its exact solver fails for positive definite Hessians, and takes the wrong sign in the hard case; its absolute
 * tolerance of 1e-4 is wrong for shorter steps. sigma, on which the sources disagree (0.001, 0.1, 20), is an option, 0.1 by default.
 *
 * @see https://arxiv.org/abs/2406.14507, and "How to Cure Newton for Unlearning Neural Networks?" (ICLR 2026), as the same work was published.
 */
export const cureNewtonMethod: UnlearningMethod<CureNewtonOptions> = {
  contract: 1,
  id: "cure-newton",
  title: "CureNewton: cubic-regularised Newton steps on the retained data",
  citation: {
    authors: "Bui, Lu, Sim, Ng, Low",
    title: "On Newton's Method to Unlearn Neural Networks",
    venue: "arXiv",
    year: 2024,
    url: "https://arxiv.org/abs/2406.14507",
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
      const before = await retainLoss.value(retainLoss.current);
      const { dimension } = retainLoss;
      if (options.variant === "exact" && dimension > largestDense) throw tooLarge(dimension);
      let moved = false;
      const onTaken = () => void (moved = true);
      const walk = await walkOn(retainLoss, options, context, onTaken).catch((error: unknown) => {
        // Where a step has led; numbers that overflow before the first are the model's or the data's.
        if (moved && isLetheError(error) && beyond.includes(error.code)) return undefined;
        throw error;
      });
      const after = walk && (await valueAt(retainLoss, walk.parameters));
      if (walk === undefined || after === undefined || !Number.isFinite(after)) {
        const message = `The steps left the numbers that float32 can hold and the model is unchanged; try an M of ${10 * options.cubicConstant}.`;
        const report = { retainLossBefore: before };
        return { status: "non-finite", message, weights: unchangedWeights(model), artifact: undefined, report, cost: context.meter.read() };
      }
      const report = reportOf(walk, { before, after, start: retainLoss.current, retainSize: retain.size, options });
      return {
        status: report.updateNorm === 0 ? "no-effect" : walk.ending === "stationary" ? "stopped-early" : "completed",
        message: messageOf(walk, report, options),
        weights: retainLoss.weightsAt(walk.parameters),
        artifact: undefined,
        report: { ...report },
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
 * const result = await unlearn({ model: network, data, forget: { class: 3 }, method: cureNewton({ steps: 2, cubicConstant: 20 }) });
 * const exact = cureNewton({ variant: "exact", parameters: "head", steps: 3 });
 */
export function cureNewton(options: CureNewtonInput = {}): ConfiguredMethod<CureNewtonOptions, void> {
  return configure(cureNewtonMethod, options);
}

/** Codes of what leaves the numbers that float32, or a solver, can hold. */
const beyond = ["pass/non-finite", "curvature/non-finite", "linalg/non-finite", "linalg/out-of-range"];

/** d of the exact variant, which holds d^2 float64 numbers. */
const largestDense = 5000;

function tooLarge(dimension: number): LetheError {
  const sentence = `The exact variant takes at most ${largestDense} parameters and ${dimension} may move; take parameters: head, or variant: stochastic.`;
  return new LetheError("curvature/too-large", sentence, { dimension, largest: largestDense });
}

function walkOn(
  loss: ModelLoss,
  options: CureNewtonOptions,
  context: Context,
  onTaken: () => void,
): Promise<Walk & { readonly smallestEigenvalue?: number }> {
  const { variant, mode, steps, smoothness, innerSteps } = options;
  const random = context.random.split("cure-newton");
  if (variant === "exact") {
    const total = steps * loss.dimension;
    const onProduct = (completed: number) => context.report({ phase: "Hessian of the retain loss", completed, total, unit: "steps" });
    return exactWalk(loss, loss.current, { ...options, onProduct, onTaken, pause: context.pause });
  }
  const onStep = async (completed: number, { length, actualDecrease }: StepRecord) => {
    onTaken();
    context.report({ phase: "cubic steps", completed, total: steps, unit: "steps", figures: { length, decrease: actualDecrease } });
    await context.pause();
  };
  if (mode === "theory") return theoryWalk(loss, loss.current, { ...options, smoothness, innerSteps, random, onStep });
  return stochasticWalk(loss, loss.current, { ...options, innerSteps: options.innerSteps ?? 5, random, onStep });
}
