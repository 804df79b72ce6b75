import { LetheError, validateRecipe, type Recipe } from "@lethe/core";
import { z } from "zod";

/** Checked field by field only as far as the shape goes; what the values mean is for `validateRecipe` to say. */
export const recipeSchema = z.strictObject({
  seed: z.union([z.number(), z.string()]),
  epochs: z.number(),
  batchSize: z.number(),
  order: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("blocks"), blocks: z.number() }),
      z.strictObject({
        kind: z.literal("shards"),
        shards: z.number(),
        slices: z.number().optional(),
        seed: z.union([z.number(), z.string()]).optional(),
        assignment: z
          .strictObject({
            kind: z.literal("by-probability"),
            column: z.string(),
            boundaries: z.array(z.tuple([z.number(), z.number()]).readonly()).readonly(),
          })
          .optional(),
        weighting: z.enum(["uniform", "size"]).optional(),
        aggregation: z.enum(["mean", "vote"]).optional(),
      }),
    ])
    .optional(),
  optimiser: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("sgd"),
      momentum: z.number().optional(),
      nesterov: z.enum(["on", "off"]).optional(),
      weightDecay: z.number().optional(),
    }),
    z.strictObject({
      kind: z.literal("adam"),
      beta1: z.number().optional(),
      beta2: z.number().optional(),
      epsilon: z.number().optional(),
      weightDecay: z.number().optional(),
    }),
  ]),
  schedule: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("constant"), rate: z.number(), warmUp: z.number().optional() }),
    z.strictObject({
      kind: z.literal("step"),
      rate: z.number(),
      warmUp: z.number().optional(),
      milestones: z.array(z.number()).readonly(),
      factor: z.number(),
    }),
    z.strictObject({ kind: z.literal("cosine"), rate: z.number(), warmUp: z.number().optional(), final: z.number().optional() }),
    z.strictObject({ kind: z.literal("exponential"), rate: z.number(), warmUp: z.number().optional(), factor: z.number() }),
  ]),
  augmentation: z.strictObject({ crop: z.number().optional(), flip: z.number().optional() }).optional(),
  loss: z.enum(["softmax-cross-entropy", "sigmoid-cross-entropy"]).optional(),
});

/** A recipe but for its seed. */
export const recipeFields = recipeSchema.omit({ seed: true });
export type RecipeFields = z.output<typeof recipeFields>;

/**
 * The same recipe with its fields in a fixed order: a resumed run is known by the hash of its recipe's JSON.
 *
 * @throws LetheError `recipe/invalid`.
 */
export function normaliseRecipe(recipe: unknown): Recipe {
  const result = recipeSchema.safeParse(recipe);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    throw new LetheError("recipe/invalid", `The recipe is not understood: ${path.length > 0 ? `${path.join(".")}: ` : ""}${message}.`, {
      field: path.join("."),
    });
  }
  validateRecipe(result.data);
  return result.data;
}
