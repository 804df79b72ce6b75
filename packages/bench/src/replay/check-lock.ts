import { LetheError, type Json } from "@lethe/core";
import { z } from "zod";
import { normaliseRecipe } from "../recipes/schema.ts";
import type { RecipeLock } from "../results/recipe-lock.ts";

const count = z.int().min(0);
const ids = z.array(z.string()).min(1);

/** Fields that a later release may have added are passed over. */
const lockSchema = z.object({
  data: z.object({
    train: z.string(),
    test: z.string().optional(),
    trainHash: z.string(),
    testHash: z.string(),
    trainSize: count,
    testSize: count,
  }),
  forget: z.object({ kind: z.union([z.object({ class: count }), z.object({ random: count }), z.object({ ids: count })]), ids }),
  model: z.object({ builder: z.string() }),
  recipe: z.looseObject({ seed: z.union([z.number(), z.string()]) }),
  oracleSeeds: z.array(z.string()).min(1),
  method: z.object({
    name: z.string(),
    package: z.string().nullable(),
    version: z.string().nullable(),
    options: z.record(z.string(), z.json()),
    seed: z.string(),
  }),
  evaluationSeed: z.number(),
  metrics: z.array(z.string()).nullable(),
  backend: z.string(),
  versions: z.record(z.string(), z.string()),
});

/** A lock whose method can be called: its options are an object. */
export interface CheckedLock extends Omit<RecipeLock, "method"> {
  readonly method: Omit<RecipeLock["method"], "options"> & { readonly options: Readonly<Record<string, Json>> };
}

/**
 * A lock may have been edited by hand; what is wrong with it is said before hours are spent on it.
 *
 * @throws LetheError `replay/bad-lock` naming the field, `recipe/invalid`.
 */
export function checkLock(lock: unknown): CheckedLock {
  const result = lockSchema.safeParse(lock);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    const field = ["lock", ...path].join(".");
    throw new LetheError("replay/bad-lock", `The result cannot be replayed, ${field} is not understood: ${message}.`, { field });
  }
  const { data, ...rest } = result.data;
  const { test, ...parts } = data;
  return { ...rest, data: { ...parts, ...(test === undefined ? {} : { test }) }, recipe: normaliseRecipe(result.data.recipe) };
}
