import type { SearchSpace } from "@lethe/core";
import { z } from "zod";

export const optionsSchema = z.strictObject({
  epochs: z.int().min(1).default(3).describe("passes over D_r and the relabelled D_f together"),
  rate: z.number().positive().default(1e-4).describe("learning rate of Adam"),
  batchSize: z.int().min(1).default(128).describe("samples per step"),
});

export type AmnesiacRelabelInput = z.input<typeof optionsSchema>;
export type AmnesiacRelabelOptions = z.output<typeof optionsSchema>;

export const searchSpace: SearchSpace<AmnesiacRelabelOptions> = {
  epochs: { choices: [1, 3, 10] },
  rate: { from: 1e-5, to: 1e-2, scale: "logarithmic" },
};
