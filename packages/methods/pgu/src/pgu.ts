import {
  cloneTree,
  configure,
  disposeTree,
  inputMoments,
  unchangedWeights,
  type ConfiguredMethod,
  type Context,
  type Outcome,
  type Problem,
  type UnlearningMethod,
} from "@lethe/core";
import { expectUsable, packAll, pguArtifact, withoutForgotten, type PguArtifact } from "./artifact.ts";
import { descend } from "./descent.ts";
import { weightsWith } from "./epoch.ts";
import { disposeProjections, protectLayers, type Protection } from "./layers.ts";
import { optionsSchema, searchSpace, type PguInput, type PguOptions } from "./options.ts";
import { conclusion, nothingMoved, pguReport, whyNothingMoves, type Findings } from "./report.ts";
import { responseChanges } from "./response.ts";
import { stoppingRule } from "./stopping.ts";
import { unseenAccuracy } from "./unseen.ts";

/**
 * Projected-gradient unlearning (PGU): gradient descent on a loss that the forgotten samples should have, in those directions of every layer that
 * the retained data hardly uses.
 *
 *     prepare:  C_l = sum over D of x x^T for the inputs x of each layer l, once; D may then be deleted
 *     request:  C_r = C - sum over D_f of x x^T = U diag(S^2) U^T;  M = the leading columns of U, by the rank rule and tau
 *               for every batch of D_f:  W <- W - eta (R - M M^T R),  R = dL/dW + wd W     kernels of dense layers and convolutions only
 *
 * Inputs inside the span of M, which hold most of the retained data's energy, get the same answer from the layer as before. (The abstract has it the
 * other way round; mathematics and code do not.) Biases, normalisation, moving statistics, embeddings, layers of other kinds and layers with tau = 1
 * do not move. Tokens and spatial positions count as samples of a layer's input. A network that ends in sigmoids is taken for one with a softmax.
 *
 * Differs from the authors' code: patches of strided convolutions are those that the layer sees, not all (`stride: "unit"`); negative eigenvalues of
 * C_r are taken for zero, not for energy; plain images in both passes; by default no dropout and another stopping rule. `preset` restores their options.
 *
 * After a request C_r becomes the C of the next. It was gathered at weights that have moved since: see `refresh`.
 */
export const pguMethod: UnlearningMethod<PguOptions, PguArtifact> = {
  contract: 1,
  id: "pgu",
  title: "Projected-gradient unlearning",
  citation: {
    authors: "Hoang, Rana, Gupta, Venkatesh",
    title: "Learn to Unlearn for Deep Neural Networks: Minimizing Unlearning Interference with Gradient Projection",
    venue: "WACV",
    year: 2024,
    url: "https://arxiv.org/abs/2312.04095",
  },
  guarantee: "approximate",
  needs: { retain: "statistics", labels: "required", trace: "not-needed", recipe: "not-needed", layers: "any" },
  scenarios: ["random", "class", "sub-class", "poisoned"],
  options: optionsSchema,
  searchSpace,

  async prepare(problem, options, context) {
    const { model, data } = problem;
    const { stride, batchSize } = options;
    const gathered = await inputMoments(model, data, { context, batchSize, stride, phase: "inputs of every layer over D" });
    const artifact = await pguArtifact(gathered, problem, stride, await unseenAccuracy(problem, options, context));
    context.meter.store(Object.values(artifact.tensors).reduce((bytes, { values }) => bytes + values.byteLength, 0));
    return artifact;
  },

  async unlearn(problem, artifact, options, context) {
    const { model, forget } = problem;
    const { stride, batchSize } = options;
    await context.pause();
    expectUsable(artifact, problem, options);
    if (forget.size === 0) return unchanged(problem, artifact, context, "The forget set is empty, so nothing was changed.", {});
    const rule = stoppingRule(problem, artifact, options, context);
    const { moments } = await inputMoments(model, forget, { context, batchSize, stride, phase: "inputs of every layer over D_f" });
    const protection = await protectLayers(model, artifact, packAll(moments), options, context);
    try {
      return await descendWithin(problem, protection, { artifact, options, rule, layers: protection.layers }, context);
    } finally {
      disposeProjections(protection.projections);
    }
  },
};

async function descendWithin(
  problem: Problem,
  { projections, layers, retained }: Protection,
  findings: Findings,
  context: Context,
): Promise<Outcome<PguArtifact>> {
  const { model } = problem;
  const { artifact, options, rule } = findings;
  const names = Object.keys(projections);
  if (names.length === 0) return unchanged(problem, artifact, context, whyNothingMoves(layers, options), pguReport(findings));
  const start = Object.fromEntries(names.map((name) => [name, model.parameters[name]]));
  const descent = await descend(problem, start, projections, rule, options, context);
  try {
    const { status, message } = conclusion(findings, descent);
    const nothing = (why: string) => unchanged(problem, artifact, context, why, pguReport(findings, descent));
    if (status === "no-effect" || status === "non-finite") return { ...nothing(message), status };
    const after = weightsWith(model, descent.kernels);
    const next = await withoutForgotten(artifact, retained, problem, after);
    if (next.model === artifact.model) return nothing(nothingMoved);
    const changes = await responseChanges(start, descent.kernels, retained, artifact.metadata.layers, context);
    return {
      status,
      message,
      artifact: next,
      weights: { parameters: cloneTree(after.parameters), buffers: cloneTree(after.buffers) },
      report: pguReport(findings, descent, changes),
      cost: context.meter.read(),
    };
  } finally {
    disposeTree(descent.kernels);
  }
}

/** Where nothing was changed nothing was forgotten, and the artifact stays as it is. */
function unchanged(
  { model }: Problem,
  artifact: PguArtifact,
  { meter }: Context,
  message: string,
  report: Outcome<PguArtifact>["report"],
): Outcome<PguArtifact> {
  return { status: "no-effect", message, weights: unchangedWeights(model), artifact, report, cost: meter.read() };
}

/** With `stop: "retain"` the retained samples themselves are looked at. */
const pguLookingAtRetained: typeof pguMethod = { ...pguMethod, needs: { ...pguMethod.needs, retain: "samples" } };

/**
 * @throws LetheError `options/invalid`.
 * @example
 * const result = await unlearn({ model: network, data, forget: { class: 3 }, method: pgu({ tau: 0.8 }) });
 * const published = pgu({ preset: "resnet18-tiny-imagenet" });
 */
export function pgu(options: PguInput = {}): ConfiguredMethod<PguOptions, PguArtifact> {
  const configured = configure(pguMethod, options);
  return configured.options.stop === "retain" ? { ...configured, method: pguLookingAtRetained } : configured;
}
