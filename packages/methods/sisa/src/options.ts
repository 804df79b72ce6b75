import { z } from "zod";

/** None: how many shards and slices there are, and how they are aggregated, is decided before training, by the recipe. */
export const optionsSchema = z.strictObject({});

export type SisaInput = z.input<typeof optionsSchema>;
export type SisaOptions = z.output<typeof optionsSchema>;
