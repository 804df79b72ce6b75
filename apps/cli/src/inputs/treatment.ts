import { classesSchema, poisonSchema, treatmentOf, type Treatment } from "@lethe/bench";
import { LetheError, parseJsonBytes } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";
import { resolve } from "node:path";
import type { z } from "zod";
import { number, text, type Values } from "../command-line/options.ts";

export const classesOption = {
  classes: text({
    placeholder: "FILE",
    help: 'coarse classes to learn in the place of those of the data, as JSON: {"vehicles": ["airplane", "ship"], ...}',
  }),
};

export const treatmentOptions = {
  ...classesOption,
  validation: number({
    least: 0.001,
    most: 0.999,
    whole: "no",
    help: "share of the training samples to set aside, for methods that look at samples which no model was trained on; drawn by id",
  }),
  poison: text({
    placeholder: "FILE",
    help: 'mislabels or marks training samples, to be forgotten as poisoned: JSON as {"kind": "label-noise", "fraction": 0.1, "seed": 0}; see docs/forget-sets.md',
  }),
};

/** @throws LetheError `data/bad-classes`, `poison/bad-file`, and what reading the files throws. */
export async function readTreatment(given: Partial<Values<typeof treatmentOptions>>, cwd: string): Promise<Treatment> {
  return treatmentOf({
    classes: given.classes === undefined ? undefined : await readJson(given.classes, cwd, classesSchema, "data/bad-classes"),
    validation: given.validation,
    poison: given.poison === undefined ? undefined : await readJson(given.poison, cwd, poisonSchema, "poison/bad-file"),
  });
}

async function readJson<Schema extends z.ZodType>(file: string, cwd: string, schema: Schema, code: string): Promise<z.output<Schema>> {
  const path = resolve(cwd, file);
  const bytes = await readFileChecked(path);
  let content: unknown;
  try {
    content = parseJsonBytes(bytes);
  } catch (cause) {
    throw new LetheError(code, `${path} is not JSON.`, { path }, { cause });
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [{ path: where, message }] = result.error.issues;
  const place = where.length === 0 ? "" : `${where.join(".")}: `;
  throw new LetheError(code, `${path} is not understood (${place}${message}); see docs/forget-sets.md.`, { path, field: where.join(".") });
}
