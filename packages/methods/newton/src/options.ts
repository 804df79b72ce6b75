import type { SearchSpace } from "@lethe/core";
import { z } from "zod";

const count = z.int().min(1);

export const optionsSchema = z.strictObject({
  variant: z
    .enum(["damped", "pseudo-inverse"])
    .default("damped")
    .describe("damped: (H + gamma I)^-1; pseudo-inverse: H^+, eigenvalues below the cutoff left out"),
  damping: z.number().min(0).default(1e-3).describe("gamma, in units of H (damped)"),
  cutoff: z.number().min(0).lt(1).default(1e-7).describe("smallest |eigenvalue| that counts, relative to the largest (pseudo-inverse)"),
  solver: z
    .enum(["dense", "minres"])
    .default("dense")
    .describe("dense: the whole Hessian, for at most 5,000 parameters; minres: products alone, stopped after some iterations, which damps by itself"),
  iterations: count.default(100).describe("most products (minres)"),
  parameters: z
    .union([z.enum(["all", "head"]), z.array(z.string()).min(1)], {
      error: 'parameters is "all", "head", or a list of names such as ["classifier/kernel"]',
    })
    .default("all")
    .describe("what may move: all, the last dense layer, or parameters by name"),
  steps: count.default(1).describe("Newton steps"),
  weightDecay: z.number().min(0).default(0).describe("lambda of an L2 term lambda/2 ||w||^2 in the retain loss"),
  batchSize: count.default(64).describe("samples at once in a pass; only a matter of memory"),
});

export type NewtonInput = z.input<typeof optionsSchema>;
export type NewtonOptions = z.output<typeof optionsSchema>;

export const searchSpace: SearchSpace<NewtonOptions> = {
  damping: { from: 1e-4, to: 10, scale: "logarithmic" },
};
