import { z } from "zod";
import type { SearchSpace } from "@lethe/core";

/**
 * The settings of the authors' code (Foster, Schoepf, Brintrup 2024): squared batch gradients over batches of 64 in class order, alpha = 10,
 * lambda = 1. With one of ten equal classes this leaves the model all but untouched; see the README.
 */
export const authorsPreset = {
  importance: "batch-gradient",
  batchSize: 64,
  order: "class",
  selection: "fixed",
  alpha: 10,
  lambda: 1,
  target: 0.1,
} as const;

const defaults = { importance: "per-sample", batchSize: 64, order: "stored", selection: "adaptive", alpha: 10, lambda: 1, target: 0.1 } as const;

const input = z.strictObject({
  preset: z.enum(["default", "authors"]).optional().describe("where options not given come from; `authors`: the settings of the authors' code"),
  importance: z
    .enum(["per-sample", "batch-gradient", "label-free"])
    .optional()
    .describe("per-sample: the exact empirical Fisher diagonal; batch-gradient: the authors' squared batch gradients; label-free: LFSSD"),
  batchSize: z.int().min(1).optional().describe("part of the definition of batch-gradient and label-free; for per-sample only a matter of memory"),
  order: z.enum(["stored", "class"]).optional().describe("order in which D is cut into batches: as stored, or sorted by class"),
  selection: z
    .enum(["fixed", "adaptive", "search"])
    .optional()
    .describe(
      "fixed: by alpha; adaptive: alpha from the share of samples to forget (ASSD); search: the largest alpha that reaches the target (Potion), for a class or poison",
    ),
  alpha: z
    .number()
    .positive()
    .optional()
    .describe("a weight is dampened if it matters more than alpha times as much to D_f as to D (selection: fixed)"),
  lambda: z.number().positive().optional().describe("a dampened weight keeps at most lambda times importance in D over importance in D_f"),
  target: z.number().min(0).max(1).optional().describe("selection search: share of the model's accuracy on D_f that may remain"),
});

export const optionsSchema = input.transform(({ preset, ...given }) => ({ ...(preset === "authors" ? authorsPreset : defaults), ...given }));

export type SsdInput = z.input<typeof optionsSchema>;
export type SsdOptions = z.output<typeof optionsSchema>;

/** The ranges the authors searched: alpha in [0.1, 100], lambda in [0.1, 5]. */
export const searchSpace: SearchSpace<SsdOptions> = {
  importance: { choices: ["per-sample", "batch-gradient", "label-free"] },
  selection: { choices: ["fixed", "adaptive", "search"] },
  alpha: { from: 0.1, to: 100, scale: "logarithmic" },
  lambda: { from: 0.1, to: 5, scale: "logarithmic" },
  target: { from: 0, to: 0.75, scale: "linear" },
};
