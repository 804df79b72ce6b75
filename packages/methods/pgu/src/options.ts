import type { SearchSpace } from "@lethe/core";
import { z } from "zod";

const defaults = {
  stride: "layer",
  tau: 0.8,
  layers: {},
  rankRule: "subset",
  objective: "forget",
  offset: 0.05,
  entropyWeight: 0.2,
  rate: 0.1,
  finalRate: 0.02,
  epochs: 100,
  weightDecay: 0,
  batchSize: 64,
  order: "stored",
  dropout: "off",
  stop: "unseen",
  tolerance: 0.05,
} as const;

/** What the authors' configurations have in common. Their 100 epochs begin with one that only evaluates, which is not counted here. */
const authors = { ...defaults, stride: "unit", tau: 0.95, rate: 0.05, finalRate: 0.01, epochs: 99, batchSize: 128, dropout: "on" } as const;

/** The authors' published configurations (Hoang et al. 2024, `exp/unlearned`). Those with dropout had it on during the updates. */
export const presets = {
  default: defaults,
  "small-vgg-cifar10": { ...authors, stop: "validation" },
  "allcnn-cifar10": { ...authors, tau: 0.9, rate: 0.1, dropout: "off", stop: "validation" },
  "resnet18-tiny-imagenet": {
    ...authors,
    tau: 0.9,
    // Their conv1 and layer2[0].conv1, by their names in @lethe/models: not in the authors' list of layers with 0.9, and so at their default.
    layers: { "stem/conv": 0.95, "stage2/block1/conv1": 0.95 },
    rankRule: "class",
    batchSize: 100,
    order: "shuffled",
    dropout: "off",
    stop: "retain",
  },
  "small-vgg-poison": { ...authors, rankRule: "depoison", objective: "depoison", rate: 0.1, finalRate: 0.05, offset: 0.1, stop: "epochs" },
} as const;

const threshold = z.number().min(0).max(1);

const input = z.strictObject({
  preset: z
    .enum(["default", "small-vgg-cifar10", "allcnn-cifar10", "resnet18-tiny-imagenet", "small-vgg-poison"])
    .optional()
    .describe("where options not given come from: ours, or one of the authors' published configurations"),
  stride: z
    .enum(["layer", "unit"])
    .optional()
    .describe("patches of strided convolutions in the statistics: layer, those the layer sees; unit, every one, as the authors' code has it"),
  tau: threshold
    .optional()
    .describe("share of the summed singular values of the retained data's inputs that each layer protects; 1 freezes every layer"),
  layers: z.record(z.string(), threshold).optional().describe("tau of single layers, by the layer's or the kernel's name; 1 freezes the layer"),
  rankRule: z
    .enum(["subset", "class", "depoison", "gpm"])
    .optional()
    .describe("how tau becomes a rank: share of singular values <= tau (subset), one more (class), < tau (depoison), or of their squares (gpm)"),
  objective: z.enum(["forget", "depoison"]).optional().describe("forget: towards an even output; depoison: towards any class but the given one"),
  offset: z.number().positive().optional().describe("o in -log(1 + o - p_y), which bounds the loss; smaller forgets confident samples faster"),
  entropyWeight: z.number().min(0).optional().describe("weight of the entropy term"),
  rate: z.number().positive().optional().describe("learning rate to start from"),
  finalRate: z.number().positive().optional().describe("learning rate to end at, geometrically; a lower rate does not lower it"),
  epochs: z.int().min(1).optional().describe("passes over the forget set, at most"),
  weightDecay: z.number().min(0).optional().describe("added to the gradient before projection, times the kernel"),
  batchSize: z.int().min(1).optional().describe("forgotten samples in one step; for other passes only a matter of memory"),
  order: z.enum(["stored", "shuffled"]).optional().describe("order of the forgotten samples in every epoch"),
  dropout: z.enum(["off", "on"]).optional().describe("in the steps; batch norm keeps its stored statistics either way"),
  stop: z
    .enum(["unseen", "validation", "retain", "epochs"])
    .optional()
    .describe(
      "when to stop: forget accuracy below what is expected of unseen samples; below accuracy on the validation set; when retain accuracy suffers; never early",
    ),
  tolerance: threshold.optional().describe("stop retain: by how much the accuracy on the retained data may fall"),
});

export const optionsSchema = input.transform(({ preset, ...given }) => ({ ...(presets[preset ?? "default"] as Complete), ...given }));

type Given = Omit<z.output<typeof input>, "preset">;
type Complete = { readonly [Name in keyof Given]-?: NonNullable<Given[Name]> };

export type PguInput = z.input<typeof optionsSchema>;
export type PguOptions = Complete;

export const searchSpace: SearchSpace<PguOptions> = {
  tau: { from: 0.7, to: 0.99, scale: "linear" },
  rankRule: { choices: ["subset", "class", "depoison", "gpm"] },
  rate: { from: 0.01, to: 10, scale: "logarithmic" },
  entropyWeight: { from: 0, to: 1, scale: "linear" },
  offset: { from: 0.01, to: 0.2, scale: "logarithmic" },
};

/** tau of one kernel: its own, its layer's, or everybody's. */
export function tauOf({ tau, layers }: PguOptions, kernel: string, layer: string): number {
  return layers[kernel] ?? layers[layer] ?? tau;
}
