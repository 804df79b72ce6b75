import type { SearchSpace } from "@lethe/core";
import { z } from "zod";

const count = z.int().min(1);

const correction = z.union([
  z.literal("remove"),
  z.strictObject({ labels: z.record(z.string(), z.int().min(0)) }),
  z.strictObject({ features: z.strictObject({ indices: z.array(z.int().min(0)).min(1), value: z.number() }) }),
]);

const input = z
  .strictObject({
    form: z
      .enum(["erased", "iu", "first-order", "second-order"])
      .default("erased")
      .describe("erased: w + (n_e / n_r) H^-1 g_e; iu: Jia et al. 2023; first-order, second-order: features and labels, Warnecke et al. 2023"),
    correction: correction
      .default("remove")
      .describe(
        "what becomes of the forget set (first-order, second-order): remove; { labels: { id: class } }; { features: { indices, value } }, positions in one flattened input",
      ),
    hessianOf: z
      .enum(["retain", "all"])
      .optional()
      .describe("retain: H of what is left; all: H of the data as trained on; default: all for second-order, else retain"),
    solver: z
      .enum(["minres", "conjugate-gradients", "lissa", "wood-fisher", "wood-fisher-released"])
      .optional()
      .describe(
        "of H^-1 v; minres: any H; conjugate-gradients: stops at negative curvature; lissa: batches; wood-fisher: the inverse of the damped Fisher matrix; wood-fisher-released: the chain of IU's code; default: that one for iu, else minres",
      ),
    damping: z.number().min(0).default(1e-3).describe("gamma, in units of H: H + gamma I is inverted (all but wood-fisher-released)"),
    alpha: z.number().positive().default(0.2).describe("length of the step in units of H^-1 v (iu)"),
    tau: z.number().positive().default(2e-5).describe("rate on the summed gradient (first-order)"),
    iterations: count.default(100).describe("most products (minres, conjugate-gradients)"),
    tolerance: z.number().positive().default(1e-6).describe("relative residual that is enough (minres, conjugate-gradients, lissa)"),
    scale: z.number().positive().optional().describe("in units of H, above half its largest eigenvalue; default: measured by Lanczos (lissa)"),
    hessianBatch: count.default(1024).describe("samples of one product (lissa)"),
    passes: count.default(100).describe("most passes over the data (lissa)"),
    patience: count.default(20).describe("steps without a smaller update before it stops (lissa)"),
    fisherSamples: count
      .default(1000)
      .describe("N: gradients of single samples; their memory is 8 N d bytes (wood-fisher), or none (wood-fisher-released)"),
    parameters: z
      .union([z.enum(["all", "head"]), z.array(z.string()).min(1)], {
        error: 'parameters is "all", "head", or a list of names such as ["classifier/kernel"]',
      })
      .default("all")
      .describe("what may move: all, the last dense layer, or parameters by name"),
    weightDecay: z.number().min(0).default(0).describe("lambda of an L2 term lambda/2 ||w||^2 in the loss of every sample; give what training used"),
    batchSize: count.default(64).describe("samples at once in a pass; only a matter of memory"),
  })
  .refine(({ form, correction }) => correction === "remove" || form === "first-order" || form === "second-order", {
    path: ["correction"],
    error: "only first-order and second-order correct samples; the other forms remove them",
  })
  .refine(({ solver, damping, weightDecay }) => solver !== "wood-fisher" || damping + weightDecay > 0, {
    path: ["damping"],
    error: "the Fisher matrix of a few samples has no inverse; wood-fisher needs damping above 0",
  })
  .refine(({ solver, scale }) => scale === undefined || solver === "lissa", {
    path: ["scale"],
    error: "only lissa reads it; leave it out, or take solver lissa",
  });

export const optionsSchema = input.transform(({ hessianOf, solver, ...given }) => ({
  ...given,
  hessianOf: hessianOf ?? (given.form === "second-order" ? ("all" as const) : ("retain" as const)),
  solver: solver ?? (given.form === "iu" ? ("wood-fisher-released" as const) : ("minres" as const)),
}));

export type Correction = z.output<typeof correction>;
export type InfluenceInput = z.input<typeof optionsSchema>;
export type InfluenceOptions = z.output<typeof optionsSchema>;

export const searchSpace: SearchSpace<InfluenceOptions> = {
  damping: { from: 1e-4, to: 10, scale: "logarithmic" },
  alpha: { from: 1e-2, to: 10, scale: "logarithmic" },
  tau: { from: 1e-6, to: 1e-2, scale: "logarithmic" },
};
