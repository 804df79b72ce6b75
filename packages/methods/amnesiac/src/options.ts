import type { SearchSpace } from "@lethe/core";
import { z } from "zod";

const sensitiveSchema = z.union([
  z.literal("all"),
  z.array(z.string()).min(1),
  z.strictObject({ class: z.int().min(0) }),
  z.strictObject({ column: z.string(), value: z.union([z.string(), z.number()]) }),
]);

export const optionsSchema = z.strictObject({
  sensitive: sensitiveSchema
    .default("all")
    .describe("whose updates are kept in training: all, a list of ids, { class }, or { column, value } of the data; others cannot be forgotten"),
  repairEpochs: z.int().min(0).default(0).describe("passes over the retained data after the subtraction, by the recipe's optimiser"),
  repairRate: z.number().positive().optional().describe("learning rate of the repair, constant; without it the one that the recipe's schedule names"),
});

export type AmnesiacInput = z.input<typeof optionsSchema>;
export type AmnesiacOptions = z.output<typeof optionsSchema>;
/** Which samples can be forgotten later. */
export type SensitiveSelection = AmnesiacOptions["sensitive"];

export const searchSpace: SearchSpace<AmnesiacOptions> = { repairEpochs: { choices: [0, 1, 3] } };
