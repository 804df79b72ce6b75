import { LetheError } from "@lethe/core";
import { z } from "zod";
import { readYaml } from "./read-yaml.ts";
import { recipeFields, type RecipeFields } from "./schema.ts";

const schema = z.strictObject({
  about: z.string().optional(),
  data: z.string().describe("a name, as digits or cifar10, or files, as idx:IMAGES,LABELS"),
  test: z.string().optional().describe("test samples, where the data has none of its own"),
  model: z.string().describe("id of a builder"),
  recipe: recipeFields.partial().default({}).describe("what differs from the builder's usual recipe"),
  reached: z
    .strictObject({
      accuracy: z.number().min(0).max(1).describe("share of the test samples"),
      minutes: z.number().positive().describe("that the training took"),
    })
    .optional()
    .describe("what was measured, not what is hoped for"),
});

/** A training that can be done again: a model, what it learns from, and how. */
export interface TrainingFile {
  readonly about?: string | undefined;
  readonly data: string;
  readonly test?: string | undefined;
  /** Id of a builder. */
  readonly model: string;
  /** What differs from the builder's usual recipe. */
  readonly recipe: Partial<RecipeFields>;
  /** What was measured with it: the share of test samples that the model gets right, and how long the training took. */
  readonly reached?: { readonly accuracy: number; readonly minutes: number } | undefined;
}

/**
 * Reads the description of a training.
 *
 * @param source YAML.
 * @param path for the error's sentence.
 * @throws LetheError `recipe/not-yaml` with line and column, `recipe/invalid` naming the field. Whether data and model exist is found out when they are used.
 * @example
 * const { model, recipe } = readTrainingFile("data: digits\nmodel: mlp\nrecipe: { epochs: 5 }", "digits.yaml");
 * model; // "mlp"
 * recipe; // { epochs: 5 }
 */
export function readTrainingFile(source: string, path: string): TrainingFile {
  const result = schema.safeParse(readYaml(source, path, "recipe/not-yaml"));
  if (result.success) return result.data;
  const [{ path: where, message }] = result.error.issues;
  const field = where.join(".");
  const sentence = `${path} does not describe a training (${field === "" ? "" : `${field}: `}${message}).`;
  throw new LetheError("recipe/invalid", sentence, { path, field });
}
