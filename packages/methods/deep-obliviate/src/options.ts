import type { SearchSpace } from "@lethe/core";
import { z } from "zod";

const count = z.int().min(1);

export const optionsSchema = z.strictObject({
  threshold: z
    .number()
    .min(0)
    .default(1e-2)
    .describe("eps: retraining stops when the trend of the residuals is flatter; 0 never stops, which gives exact block-wise retraining"),
  scale: z
    .enum(["relative", "absolute"])
    .default("relative")
    .describe("relative: eps times the first residual, free of the number of parameters and of the learning rate; absolute: as published"),
  trend: z
    .enum(["all", "dfa", "moving"])
    .default("all")
    .describe("all: a power law fitted in a, h and b; dfa: with h from detrended fluctuation analysis; moving: a line through the last third"),
  minimumPoints: count.default(15).describe("residuals before the rule may stop; a trend takes 3 at least"),
  consecutive: count.default(1).describe("residuals in a row whose trend has to be flat"),
  statistics: z
    .enum(["recomputed", "retrained"])
    .default("recomputed")
    .describe("batch-norm statistics of a stitched model: recomputed on the retained data (one pass), or those of the last retrained block"),
  batchSize: count.default(64).describe("samples at once where statistics are recomputed"),
  keepEvery: count.default(1).describe("of the snapshots, those after every so many blocks are kept; a request trains the others again"),
  storedBytes: count.optional().describe("most bytes that the snapshots take: every second one is given up whenever they outgrow it"),
});

export type DeepObliviateInput = z.input<typeof optionsSchema>;
export type DeepObliviateOptions = z.output<typeof optionsSchema>;

export const searchSpace: SearchSpace<DeepObliviateOptions> = {
  threshold: { from: 1e-4, to: 0.3, scale: "logarithmic" },
};
