import {
  cloneTree,
  configure,
  disposeTree,
  fromHost,
  toHost,
  type ConfiguredMethod,
  type HostTree,
  type Outcome,
  type UnlearningMethod,
  type Weights,
} from "@lethe/core";
import { expectUsable, meanOf, ssdArtifact, withoutForgotten, type SsdArtifact } from "./artifact.ts";
import { ratioBound } from "./dampen.ts";
import { dampenAll, edited, selectedCount } from "./edit.ts";
import { computeImportance } from "./importance.ts";
import { optionsSchema, searchSpace, type SsdInput, type SsdOptions } from "./options.ts";
import { finiteFigures, selectionReport, whatHappened, whyNothing } from "./report.ts";
import { forgetAccuracy, selectAlpha } from "./select.ts";

/**
 * Selective synaptic dampening (SSD): weights that matter much more to the forget set than to the whole of D are shrunk, in one step and
 * without gradient descent.
 *
 *     prepare:  I_D over D, once; D may then be deleted
 *     request:  I_f over D_f;  theta_i <- min(lambda I_D,i / I_f,i, 1) theta_i  wherever  I_f,i > alpha I_D,i
 *
 * The cost of a request is one pass over D_f and one look at every weight. Batch-norm statistics stay as they are.
 *
 * Differs from the authors' code by default: importances are the per-sample squares of the paper's formula, not squared batch gradients, which
 * depend on batch order; and alpha follows from the share of samples to forget (ASSD). `preset: "authors"` restores theirs.
 *
 * After a request the forgotten samples' part is taken out of the stored sums (see `artifact.ts`), so that the next request compares with what is
 * left of D: exactly for per-sample importances, up to the model having moved since. Preparing again, while D is there, is exact.
 */
export const ssdMethod: UnlearningMethod<SsdOptions, SsdArtifact> = {
  contract: 1,
  id: "ssd",
  title: "Selective synaptic dampening",
  citation: {
    authors: "Foster, Schoepf, Brintrup",
    title: "Fast Machine Unlearning Without Retraining Through Selective Synaptic Dampening",
    venue: "AAAI",
    year: 2024,
    url: "https://arxiv.org/abs/2308.07707",
  },
  guarantee: "approximate",
  needs: { retain: "statistics", labels: "required", trace: "not-needed", recipe: "not-needed", layers: "any" },
  scenarios: ["class", "sub-class", "poisoned"],
  options: optionsSchema,
  searchSpace,

  async prepare({ model, data, loss }, options, context) {
    const found = await computeImportance(model, data, { ...options, loss, phase: "importance of D" }, context);
    context.meter.store(byteLength(found.sums));
    return ssdArtifact(found, { model, data, loss }, options);
  },

  async unlearn(problem, artifact, options, context) {
    const { model, forget, loss } = problem;
    expectUsable(artifact, problem, options);
    const found = await computeImportance(model, forget, { ...options, order: "stored", loss, phase: "importance of D_f" }, context);
    const importances = { forget: meanOf(found.sums, found.count), full: meanOf(artifact.tensors, artifact.metadata.count) };
    const theta = await toHost(model.parameters);
    const selection = await selectAlpha(problem, artifact.data.size, options, context, theta, importances);
    const edits = dampenAll(theta, importances, selection.alpha, options.lambda);
    const selected = selectedCount(edits);
    const bound = ratioBound(artifact.metadata.count, found.count);
    const parameters = fromHost(edited(theta, edits));
    const remaining = await forgetAccuracy(problem, parameters, options.batchSize, context).catch((error) => {
      disposeTree(parameters);
      throw error;
    });
    const weights: Weights = { parameters, buffers: cloneTree(model.buffers) };
    return {
      status: selected === 0 ? "no-effect" : "completed",
      message: selected === 0 ? whyNothing(options, selection, bound) : whatHappened(selected, problem.forget.labels, options, remaining),
      weights,
      // Where nothing was dampened nothing was forgotten.
      artifact: selected === 0 ? artifact : await withoutForgotten(artifact, found, problem, weights),
      report: {
        ...finiteFigures(selection),
        lambda: options.lambda,
        ratioBound: bound,
        ...selectionReport(edits),
        forgetAccuracy: remaining,
        oneByOne: [...found.oneByOne],
      },
      cost: context.meter.read(),
    } satisfies Outcome<SsdArtifact>;
  },
};

/**
 * @throws LetheError `options/invalid`.
 * @example
 * const result = await unlearn({ model: network, data, forget: { class: 3 }, method: ssd() });
 * const published = ssd({ preset: "authors", alpha: 5 });
 */
export function ssd(options: SsdInput = {}): ConfiguredMethod<SsdOptions, SsdArtifact> {
  return configure(ssdMethod, options);
}

function byteLength(tree: HostTree): number {
  return Object.values(tree).reduce((bytes, { values }) => bytes + values.byteLength, 0);
}
