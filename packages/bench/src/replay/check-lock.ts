import { LetheError, type Json } from "@lethe/core";
import { z } from "zod";
import { attackNames } from "../audits/attack-names.ts";
import { forgetKindSchema } from "../data/forget-kind-schema.ts";
import { treatmentOf } from "../data/treated.ts";
import { classesSchema, poisonSchema, validationSchema } from "../data/treatment-schema.ts";
import { normaliseRecipe } from "../recipes/schema.ts";
import type { AuditLock } from "../results/audit-result.ts";
import type { RecipeLock } from "../results/recipe-lock.ts";

const count = z.int().min(0);
const size = z.int().min(1);
const ids = z.array(z.string()).min(1);

const method = z.object({
  name: z.string(),
  package: z.string().nullable(),
  version: z.string().nullable(),
  options: z.record(z.string(), z.json()),
});

/** What both kinds of lock hold. Fields that a later release may have added are passed over. */
const common = z.object({
  data: z.object({
    train: z.string(),
    test: z.string().optional(),
    classes: classesSchema.optional(),
    validation: validationSchema.optional(),
    poison: poisonSchema.optional(),
    trainHash: z.string(),
    testHash: z.string(),
    trainSize: count,
    testSize: count,
  }),
  model: z.object({ builder: z.string() }),
  recipe: z.looseObject({ seed: z.union([z.number(), z.string()]) }),
  backend: z.string(),
  versions: z.record(z.string(), z.string()),
});

const lockSchema = common.extend({
  forget: z.object({ kind: forgetKindSchema, ids }),
  earlier: z.array(z.object({ kind: forgetKindSchema, ids, seed: z.string() })).optional(),
  oracleSeeds: z.array(z.string()).min(1),
  method: method.extend({ seed: z.string() }),
  evaluationSeed: z.number(),
  metrics: z.array(z.string()).nullable(),
});

const auditLockSchema = common.extend({
  plan: z.object({
    attacks: z.array(z.enum(attackNames)).min(1),
    pool: size,
    models: size,
    targets: size,
    forgetSets: size,
    forgetSize: size,
    class: count.nullable(),
    population: count,
  }),
  method,
  seed: z.string(),
});

/** A lock whose method can be called: its options are an object. */
type Callable<Lock extends { readonly method: object }> = Omit<Lock, "method"> & {
  readonly method: Omit<Lock["method"], "options"> & { readonly options: Readonly<Record<string, Json>> };
};

export type CheckedLock = Callable<RecipeLock>;
export type CheckedAuditLock = Callable<AuditLock>;

/**
 * A lock may have been edited by hand; what is wrong with it is said before hours are spent on it.
 *
 * @throws LetheError `replay/bad-lock` naming the field, `recipe/invalid`.
 */
export function checkLock(lock: unknown): CheckedLock {
  return checked(lockSchema, lock);
}

/** @throws LetheError `replay/bad-lock` naming the field, `recipe/invalid`. */
export function checkAuditLock(lock: unknown): CheckedAuditLock {
  return checked(auditLockSchema, lock);
}

function checked<Lock extends z.output<typeof common>>(schema: z.ZodType<Lock>, lock: unknown) {
  const result = schema.safeParse(lock);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    const field = ["lock", ...path].join(".");
    throw new LetheError("replay/bad-lock", `The result cannot be replayed, ${field} is not understood: ${message}.`, { field });
  }
  const { data, ...rest } = result.data;
  const { test, classes, validation, poison, ...parts } = data;
  const treatment = treatmentOf({ classes, validation, poison });
  return { ...rest, data: { ...parts, ...(test === undefined ? {} : { test }), ...treatment }, recipe: normaliseRecipe(result.data.recipe) };
}
