import { collectLogits, disposeTree, fromHost, type Context, type HostTree, type Problem, type TensorTree } from "@lethe/core";
import { adaptiveAlpha, sortedRatios } from "./dampen.ts";
import { dampenAll, edited, type Importances } from "./edit.ts";
import type { SsdOptions } from "./options.ts";
import { searchAlpha } from "./search.ts";

/** How alpha came about; part of the report. Infinity, which selects nothing, where a search found none. */
export type Selection = { readonly alpha: number; readonly largestRatio: number } & { readonly [figure: string]: number };

/** Settles alpha by the rule that the options name. `size` is |D|. */
export async function selectAlpha(
  problem: Problem,
  size: number,
  options: SsdOptions,
  context: Context,
  theta: HostTree,
  importances: Importances,
): Promise<Selection> {
  const ratios = sortedRatios(importances.forget, importances.full);
  const largestRatio = ratios.at(-1) ?? 0;
  const share = problem.forget.size / size;
  if (options.selection === "fixed") return { alpha: options.alpha, largestRatio };
  if (options.selection === "adaptive") return { ...adaptiveAlpha(ratios, share), largestRatio };
  const accuracyWith = (parameters: TensorTree) => forgetAccuracy(problem, parameters, options.batchSize, context);
  const before = await accuracyWith(problem.model.parameters);
  const found = await searchAlpha(ratios, share, options.target * before, async (alpha) => {
    const parameters = fromHost(edited(theta, dampenAll(theta, importances, alpha, options.lambda)));
    try {
      return await accuracyWith(parameters);
    } finally {
      disposeTree(parameters);
    }
  });
  return { alpha: found.alpha ?? Number.POSITIVE_INFINITY, largestRatio, accuracyBefore: before, accuracyAfter: found.accuracy, tries: found.tries };
}

/** Share of the forget set that the model with these parameters still classifies as labelled. */
export async function forgetAccuracy({ model, forget }: Problem, parameters: TensorTree, batchSize: number, context: Context): Promise<number> {
  const weights = { parameters, buffers: model.buffers };
  const { shape, values } = await collectLogits(model, forget, { context, batchSize, phase: "looking at D_f" }, weights);
  const [count, classes] = shape;
  let right = 0;
  for (let n = 0; n < count; n++) {
    const row = values.subarray(n * classes, (n + 1) * classes);
    right += Number(row.indexOf(Math.max(...row)) === forget.labels[n]);
  }
  return right / count;
}
