import type { SearchSpace } from "@lethe/core";
import { z } from "zod";

export const optionsSchema = z.strictObject({
  epochs: z.int().min(1).default(5).describe("passes over D_r"),
  rate: z.number().positive().default(0.02).describe("learning rate, at its highest"),
  schedule: z.enum(["constant", "cosine"]).default("constant").describe("cosine: half a cosine from the rate down to 0"),
  momentum: z.number().min(0).lt(1).default(0.9).describe("of stochastic gradient descent"),
  weightDecay: z.number().min(0).default(5e-4).describe("coefficient of the L2 term, on every parameter"),
  batchSize: z.int().min(1).default(64).describe("samples per step"),
});

export type FinetuneInput = z.input<typeof optionsSchema>;
export type FinetuneOptions = z.output<typeof optionsSchema>;

/** The learning rates that published comparisons searched, 1e-4 to 1e-1, and their numbers of epochs. */
export const searchSpace: SearchSpace<FinetuneOptions> = {
  epochs: { choices: [1, 5, 10] },
  rate: { from: 1e-4, to: 1e-1, scale: "logarithmic" },
  schedule: { choices: ["constant", "cosine"] },
};
