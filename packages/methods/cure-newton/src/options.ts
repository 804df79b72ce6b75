import type { SearchSpace } from "@lethe/core";
import { z } from "zod";

/**
 * Constants M of the paper's experiments, with the inner rate of Fashion-MNIST. They belong to a *mean* loss in inference mode; for a loss scaled by c, M
 * scales by c. The published value for TOFU goes with a loss that its code divides by the batch size once too often, and does not carry over.
 */
export const presets = {
  "fashion-mnist": { cubicConstant: 5, innerRate: 0.01 },
  "cifar-10": { cubicConstant: 50, innerRate: 0.01 },
  "ag-news": { cubicConstant: 80, innerRate: 0.01 },
  tofu: { cubicConstant: 400, innerRate: 0.01, gradientBatch: 10, hessianBatch: 5 },
} as const;

const defaults = {
  variant: "stochastic",
  mode: "paper",
  solver: "gradient-descent",
  cubicConstant: 5,
  adaptation: "fixed",
  parameters: "all",
  steps: 10,
  tolerance: 1e-4,
  innerSteps: 5,
  innerRate: 0.01,
  perturbation: 0.1,
  gradientBatch: 128,
  hessianBatch: 64,
  weightDecay: 0,
  batchSize: 64,
} as const;

const count = z.int().min(1);

const fields = z.strictObject({
  preset: z
    .enum(["fashion-mnist", "cifar-10", "ag-news", "tofu"])
    .optional()
    .describe("where M and rates not given come from: a data set of the paper"),
  variant: z
    .enum(["stochastic", "exact"])
    .optional()
    .describe("stochastic: mini-batches and Hessian-vector products, for any size; exact: the whole Hessian, for at most 5,000 chosen parameters"),
  mode: z
    .enum(["paper", "theory"])
    .optional()
    .describe("stochastic: as the authors' code does it, or the parent algorithm of Tripuraneni et al. with its stopping rule and final solver"),
  solver: z.enum(["gradient-descent", "lanczos"]).optional().describe("of the cubic model, in mode paper; gradient descent is the paper's"),
  cubicConstant: z.number().positive().optional().describe("M, the Lipschitz constant of the Hessian: the larger, the shorter the steps"),
  adaptation: z
    .enum(["fixed", "ratio"])
    .optional()
    .describe(
      "fixed: M as given, every step taken (the paper, and mode theory); ratio: M and acceptance by actual over predicted decrease (ARC; an addition)",
    ),
  parameters: z
    .union([z.enum(["all", "head"]), z.array(z.string()).min(1)], {
      error: 'parameters is "all", "head", or a list of names such as ["classifier/kernel"]',
    })
    .optional()
    .describe("what may move: all, the last dense layer, or parameters by name"),
  steps: count.optional().describe("most outer steps"),
  tolerance: z.number().positive().optional().describe("epsilon of a second-order stationary point (exact, and mode theory)"),
  innerSteps: count
    .optional()
    .describe("steps on the cubic model for each outer one, 5; for solver lanczos the most of them; for mode theory as many as it asks for"),
  innerRate: z.number().positive().optional().describe("eta, of gradient descent on the cubic model in mode paper"),
  perturbation: z.number().min(0).optional().describe("sigma: length of the random vector added to the gradient in mode paper"),
  gradientBatch: count.optional().describe("n1: samples for the gradient of a stochastic step"),
  hessianBatch: count.optional().describe("n2: samples for its Hessian"),
  smoothness: z.number().positive().optional().describe("ell, the largest curvature, in mode theory; default: measured by Lanczos"),
  weightDecay: z.number().min(0).optional().describe("lambda of an L2 term lambda/2 ||w||^2 in the retain loss"),
  batchSize: count.optional().describe("samples at once in a pass; only a matter of memory"),
});

/** What would be left unread is refused: whoever gives it expects another algorithm than they would get. */
const input = fields
  .refine(({ variant, mode }) => !(variant === "exact" && mode === "theory"), {
    path: ["mode"],
    error: "theory is a mode of variant stochastic; leave out mode, or variant",
  })
  .refine(({ variant, solver }) => !(variant === "exact" && solver === "lanczos"), {
    path: ["solver"],
    error: "variant exact solves its model exactly; leave out solver, or take variant stochastic",
  })
  .refine(({ mode, solver }) => !(mode === "theory" && solver === "lanczos"), {
    path: ["solver"],
    error: "mode theory has solvers of its own; leave out solver, or take mode paper",
  })
  .refine(({ mode, adaptation }) => !(mode === "theory" && adaptation === "ratio"), {
    path: ["adaptation"],
    error: "mode theory keeps M and takes every step; leave out adaptation, or take mode paper",
  })
  .refine(({ mode, smoothness }) => smoothness === undefined || mode === "theory", {
    path: ["smoothness"],
    error: "only mode theory reads it; leave it out, or take mode theory",
  });

export const optionsSchema = input.transform(({ preset, ...given }) => {
  const chosen = { ...defaults, ...(preset ? presets[preset] : {}), ...given };
  // As many as the theory asks for, unless said otherwise.
  return { ...chosen, innerSteps: given.innerSteps ?? (chosen.mode === "theory" ? undefined : chosen.innerSteps) };
});

export type CureNewtonInput = z.input<typeof optionsSchema>;
export type CureNewtonOptions = z.output<typeof optionsSchema>;

/** Around the constants that the paper fixes, 5 to 400, and its 10 to 20 steps. */
export const searchSpace: SearchSpace<CureNewtonOptions> = {
  cubicConstant: { from: 0.5, to: 500, scale: "logarithmic" },
  steps: { choices: [5, 10, 20] },
  innerRate: { from: 1e-3, to: 1e-1, scale: "logarithmic" },
};
