import { resolve } from "node:path";
import { LetheError, parseJsonBytes, validateRecipe, type OptimiserOptions, type Recipe, type ScheduleOptions } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";
import { choice, number, text, type Values } from "../command-line/options.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { recipeSchema } from "../runs/manifest.ts";

export const recipeOptions = {
  recipe: text({ placeholder: "FILE", help: "all of the training recipe from a JSON file, as lethe.json holds it" }),
  epochs: number({ least: 0, whole: "yes", help: "times that training goes through the data" }),
  "batch-size": number({ least: 1, whole: "yes", help: "samples per step" }),
  optimiser: choice({ choices: ["adam", "sgd"], help: "how weights follow the gradient", aliases: ["optimizer"] }),
  rate: number({ least: 0, whole: "no", help: "learning rate at its highest" }),
  momentum: number({ least: 0, most: 1, whole: "no", help: "of sgd" }),
  "weight-decay": number({ least: 0, whole: "no", help: "pull of all weights towards zero" }),
  schedule: choice({ choices: ["constant", "cosine"], help: "whether the learning rate stays, or falls to 0; others by --recipe" }),
  "warm-up": number({ least: 0, whole: "no", help: "epochs in which the learning rate rises from 0" }),
  seed: number({ least: 0, most: Number.MAX_SAFE_INTEGER, whole: "yes", help: "decides all randomness; default 0" }),
};

export type RecipeFlags = Values<typeof recipeOptions>;

/** What each builder trains well with, on data of the size that it is meant for. */
const defaults: Readonly<Record<string, Omit<Recipe, "seed">>> = {
  mlp: { epochs: 20, batchSize: 32, optimiser: { kind: "adam" }, schedule: { kind: "cosine", rate: 0.005 } },
  "small-cnn": { epochs: 8, batchSize: 32, optimiser: { kind: "adam" }, schedule: { kind: "cosine", rate: 0.005 } },
  resnet8: residual(30),
  resnet20: residual(60),
};

/** For whoever changes the optimiser and states no rate. */
const usualRates = { adam: 0.003, sgd: 0.05 } as const;

function residual(epochs: number): Omit<Recipe, "seed"> {
  return {
    epochs,
    batchSize: 128,
    optimiser: { kind: "sgd", momentum: 0.9, weightDecay: 5e-4 },
    schedule: { kind: "cosine", rate: 0.1, warmUp: 1 },
    augmentation: { crop: 4, flip: 0.5 },
  };
}

/**
 * The recipe of a builder, as `lethe train` uses it unless told otherwise.
 *
 * @throws UsageError `cli/missing-option` for a builder without one.
 */
export function defaultRecipe(builder: string, seed: number): Recipe {
  const base = defaults[builder];
  if (base !== undefined) return normalise({ seed, ...base });
  throw new UsageError("cli/missing-option", `There is no usual recipe for ${builder}; give one with --recipe.`, { builder });
}

/**
 * The recipe of a builder, with what the command line says in its place.
 *
 * @throws LetheError `recipe/...`; UsageError `cli/conflict`, `cli/missing-option`.
 */
export async function readRecipe(flags: RecipeFlags, builder: string, cwd: string): Promise<Recipe> {
  if (flags.recipe !== undefined) {
    const also = Object.keys(recipeOptions).find((name) => name !== "recipe" && flags[name as keyof RecipeFlags] !== undefined);
    if (also === undefined) return readRecipeFile(flags.recipe, cwd);
    throw new UsageError("cli/conflict", `--recipe gives the whole recipe; leave out --${also}, or change it in the file.`, { option: also });
  }
  const base = defaultRecipe(builder, flags.seed ?? 0);
  return normalise({
    ...base,
    epochs: flags.epochs ?? base.epochs,
    batchSize: flags["batch-size"] ?? base.batchSize,
    optimiser: optimiserOf(base.optimiser, flags),
    schedule: scheduleOf(base, flags),
  });
}

/** @throws LetheError `recipe/bad-file`, `recipe/invalid`, and what reading the file throws. */
export async function readRecipeFile(file: string, cwd: string): Promise<Recipe> {
  const path = resolve(cwd, file);
  const bytes = await readFileChecked(path);
  try {
    return normalise(parseJsonBytes(bytes));
  } catch (cause) {
    if (cause instanceof LetheError) throw cause;
    throw new LetheError("recipe/bad-file", `${path} is not JSON.`, { path }, { cause });
  }
}

/**
 * The same recipe with its fields in a fixed order: a resumed run is known by the hash of its recipe's JSON.
 *
 * @throws LetheError `recipe/invalid`.
 */
function normalise(recipe: unknown): Recipe {
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

function optimiserOf(base: OptimiserOptions, flags: RecipeFlags): OptimiserOptions {
  const kind = flags.optimiser ?? base.kind;
  const own = kind === base.kind ? base : { kind, ...(base.weightDecay === undefined ? {} : { weightDecay: base.weightDecay }) };
  const decayed = flags["weight-decay"] === undefined ? own : { ...own, weightDecay: flags["weight-decay"] };
  if (flags.momentum === undefined) return decayed;
  if (decayed.kind !== "sgd") throw new UsageError("cli/conflict", "--momentum belongs to sgd; add --optimiser sgd.");
  return { ...decayed, momentum: flags.momentum };
}

function scheduleOf(base: Recipe, flags: RecipeFlags): ScheduleOptions {
  const { schedule, optimiser } = base;
  const kind = flags.schedule ?? schedule.kind;
  const own =
    kind === schedule.kind
      ? schedule
      : ({ kind, rate: schedule.rate, ...(schedule.warmUp === undefined ? {} : { warmUp: schedule.warmUp }) } as ScheduleOptions);
  const warmed = flags["warm-up"] === undefined ? own : { ...own, warmUp: flags["warm-up"] };
  const changed = flags.optimiser !== undefined && flags.optimiser !== optimiser.kind;
  return { ...warmed, rate: flags.rate ?? (changed ? usualRates[flags.optimiser!] : schedule.rate) };
}
