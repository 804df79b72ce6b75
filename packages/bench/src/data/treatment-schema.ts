import type { ClassGroups, PoisonRecipe } from "@lethe/datasets";
import { z } from "zod";

const className = z.union([z.string().min(1), z.int().min(0)]);
const seed = z.union([z.int().min(0), z.string()]).optional();
const count = z.int().min(1);

/** Coarse classes by name. */
export const classesSchema: z.ZodType<ClassGroups> = z
  .record(z.string().min(1), z.array(className).min(1))
  .describe("coarse classes to learn in the place of those of the data, each with the classes that it is made of");

export const validationSchema = z
  .number()
  .gt(0)
  .lt(1)
  .describe("share of the training samples that no model is trained on, for methods that look at unseen samples; drawn by id");

const trigger = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("patch"),
    size: count,
    corner: z.enum(["top-left", "top-right", "bottom-left", "bottom-right"]),
    value: z.number(),
  }),
  z.strictObject({ kind: z.literal("features"), indices: z.array(z.int().min(0)).min(1), value: z.number() }),
]);

const fraction = z.number().gt(0).max(1);
const classes = { fromClass: className.optional(), toClass: className.optional() };
const mark = { trigger, target: className, seed };

/** One of the amounts each, so that what is meant is never a guess. */
const labelNoise = z.union([
  z.strictObject({ kind: z.literal("label-noise"), count, ...classes, seed }),
  z.strictObject({ kind: z.literal("label-noise"), fraction, ...classes, seed }),
]);
const backdoor = z.union([
  z.strictObject({ kind: z.literal("backdoor"), count, ...mark }),
  z.strictObject({ kind: z.literal("backdoor"), fraction, ...mark }),
  z.strictObject({ kind: z.literal("backdoor"), ids: z.array(z.string()).min(1), ...mark }),
]);
const confusion = z.strictObject({ kind: z.literal("interclass-confusion"), classes: z.tuple([className, className]), count, seed });

export const poisonSchema: z.ZodType<PoisonRecipe> = z
  .union([labelNoise, backdoor, confusion], "no poison that is known: label-noise, backdoor or interclass-confusion, with one of count, fraction and ids")
  .describe("what is done to training samples, so that one sees later whether they were forgotten");
