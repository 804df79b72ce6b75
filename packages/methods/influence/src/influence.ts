import { configure, isLetheError, unchangedWeights, type ConfiguredMethod, type Context, type UnlearningMethod } from "@lethe/core";
import { scopedLosses, type FlatLoss } from "@lethe/core/curvature";
import { correct } from "./correct.ts";
import { directionOf } from "./direction.ts";
import { optionsSchema, searchSpace, type InfluenceInput, type InfluenceOptions } from "./options.ts";
import { messageOf, refusalOf, remedies, reportOf } from "./report.ts";
import { influenceStep } from "./step.ts";
import { isFiniteVector } from "./vector.ts";

/**
 * Unlearning by influence functions: one step that undoes, to first or second order, what the erased samples did to the trained weights.
 *
 *     erased         w <- w + (n_e / n_r) (H + gamma I)^-1 g_e
 *     iu             w <- w + alpha F^-1 v,   v = (1/n) sum over S of grad l - n_e / (n n_r) sum over R of grad l
 *     first-order    w <- w - tau G,          G = sum over Z~ of grad l - sum over Z of grad l
 *     second-order   w <- w - (1 / n_H) (H + gamma I)^-1 G
 *
 * g and H belong to mean losses in inference mode, and the L2 term `weightDecay` to the loss of every sample, erased ones included: without it the identity below
 * breaks. Z is the forget set as trained on, Z~ as `correction` leaves it, empty for removal; n_H is the number of samples in the mean that H belongs to. H of the
 * data that is left makes `second-order` with removal the same as `erased`; H of all data, with n_H = n, is the classical form.
 *
 * Where the training loss is stationary, n_left g_left = G, so that `erased` and `second-order` with H of what is left are Newton's step on what is left, and exact
 * on a quadratic. A network whose training was stopped is not there: `stationarity` in the report is ||g(w)|| / ((n_e / n) ||g_e||), the share of Newton's
 * right-hand side that is missing, and above 0.1 the message says so. `@lethe/newton` uses the whole gradient.
 *
 * IU's v equals (n_e / n_r) (g_e - g(w)). Its F^-1 is by default the released code's recursion, which is no inverse; see `releasedWoodFisher`. The step goes
 * uphill for S: with H positive, +H^-1 g_e raises the loss on the erased samples.
 *
 * Differs from the authors' code of features and labels: there the Hessian is summed over a batch of B where the formula has n samples, so that its undamped updates
 * are n / B times as long. `damping` is in units of H for every solver; the code's 1e-4 is in units of the scale.
 *
 * Reads the forget set as well as the retained data. Batch-norm statistics stay as they are. Nothing stops a step that harms: see the report.
 *
 * @see https://arxiv.org/abs/1703.04730 influence functions, https://arxiv.org/abs/2304.04934 IU, https://arxiv.org/abs/2108.11577 features and labels.
 */
export const influenceMethod: UnlearningMethod<InfluenceOptions> = {
  contract: 1,
  id: "influence",
  title: "Influence functions: of erased samples, IU, and updates for features and labels",
  citation: {
    authors: "Koh, Liang",
    title: "Understanding Black-box Predictions via Influence Functions",
    venue: "ICML",
    year: 2017,
    url: "https://arxiv.org/abs/1703.04730",
  },
  guarantee: "approximate",
  needs: { retain: "samples", labels: "required", trace: "not-needed", recipe: "not-needed", layers: "any" },
  scenarios: ["random", "class", "sub-class", "poisoned"],
  options: optionsSchema,
  searchSpace,

  async unlearn({ model, data, forget, retain, loss }, _artifact, options, context) {
    const quiet: Context = { ...context, report: () => undefined };
    const { parameters: scope, batchSize, weightDecay, correction, form, hessianOf } = options;
    const [left, corrected] =
      correction === "remove" ? [retain, undefined] : [correct(data, forget.ids, correction), correct(forget, forget.ids, correction)];
    const losses = await scopedLosses(model, scope, retain, { context: quiet, batchSize, weightDecay, loss });
    try {
      const leftLoss = await losses.on(left);
      const erasedLoss = await losses.on(forget);
      const parts = { left: leftLoss, erased: erasedLoss, corrected: corrected && (await losses.on(corrected)) };
      const curvature = hessianOf === "all" && form !== "first-order" ? await losses.on(data) : leftLoss;
      const at = leftLoss.current;
      context.report({ phase: "gradients", completed: 0, total: 1, unit: "steps" });
      const direction = await directionOf(parts, at, options, curvature.sampleCount);
      context.report({ phase: "gradients", completed: 1, total: 1, unit: "steps" });

      const request = {
        direction,
        left: leftLoss,
        curvature,
        at,
        options,
        random: context.random.split("influence"),
        onStep: stepCounter(options, curvature, context),
      };
      const found = await influenceStep(request).catch((error: unknown) => {
        if (isBeyondNumbers(error)) return undefined;
        throw error;
      });
      const moved = found && at.map((value, i) => value + found.step[i]);
      const retainLossAfter = moved ? await valueAt(leftLoss, moved) : Infinity;
      if (found === undefined || moved === undefined || !Number.isFinite(retainLossAfter)) {
        const message = `The step left the numbers that float32 can hold and the model is unchanged; ${remedies[form]}.`;
        const report = { form, retainLossBefore: direction.lossBefore };
        return { status: "non-finite", message, weights: unchangedWeights(model), artifact: undefined, report, cost: context.meter.read() };
      }
      const erasedLossAfter = await valueAt(erasedLoss, moved);
      const report = reportOf({ direction, found, retainLossAfter, erasedLossAfter, options });
      const refusal = refusalOf(found, options);
      return {
        status: found.solution?.ending === "diverged" ? "diverged" : report.updateNorm === 0 ? "no-effect" : "completed",
        message: refusal ?? messageOf(report),
        weights: leftLoss.weightsAt(moved),
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
 * const result = await unlearn({ model: network, data, forget: ["a1"], method: influence({ damping: 0.1 }) });
 * const published = influence({ form: "iu", alpha: 5 });
 * const relabelled = influence({ form: "second-order", correction: { labels: { a1: 2 } }, solver: "lissa" });
 */
export function influence(options: InfluenceInput = {}): ConfiguredMethod<InfluenceOptions, void> {
  return configure(influenceMethod, options);
}

/** Counts products and gradients of single samples against the most there may be. */
function stepCounter(
  { form, solver, iterations, passes, hessianBatch, fisherSamples }: InfluenceOptions,
  { sampleCount }: FlatLoss,
  context: Context,
) {
  const total = {
    minres: iterations,
    "conjugate-gradients": iterations,
    lissa: passes * Math.ceil(sampleCount / hessianBatch),
    "wood-fisher": Math.min(fisherSamples, sampleCount),
    "wood-fisher-released": Math.min(fisherSamples + 2, sampleCount),
  }[solver];
  let done = 0;
  return () => {
    // The residual's product, and the scale's, come on top.
    done = Math.min(done + 1, total);
    context.report({ phase: `${form}: H^-1 v`, completed: done, total, unit: "steps" });
  };
}

/** Infinite where a step has led beyond float32. */
async function valueAt(loss: FlatLoss, parameters: Float64Array): Promise<number> {
  try {
    return isFiniteVector(parameters) ? await loss.value(parameters) : Infinity;
  } catch (error) {
    if (isBeyondNumbers(error)) return Infinity;
    throw error;
  }
}

function isBeyondNumbers(error: unknown): boolean {
  return isLetheError(error) && ["pass/non-finite", "curvature/non-finite", "linalg/non-finite"].includes(error.code);
}
