import { defaultRecipe, normaliseRecipe, readTrainingFile, recipeWith, type TrainingFile } from "@lethe/bench";
import { resolve } from "node:path";
import { LetheError, parseJsonBytes, type OptimiserOptions, type Recipe, type ScheduleOptions } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";
import { choice, number, text, type Values } from "../command-line/options.ts";
import { UsageError } from "../command-line/usage-error.ts";

export const recipeOptions = {
  recipe: text({
    placeholder: "FILE",
    help: "all of the training recipe: from a JSON file, as lethe.json holds it; or a YAML file, which names data and model too; see docs/data.md",
  }),
  epochs: number({ least: 0, whole: "yes", help: "times that training goes through the data" }),
  "batch-size": number({ least: 1, whole: "yes", help: "samples per step" }),
  optimiser: choice({ choices: ["adam", "sgd"], help: "how weights follow the gradient", aliases: ["optimizer"] }),
  rate: number({ least: 0, whole: "no", help: "learning rate at its highest" }),
  momentum: number({ least: 0, most: 1, whole: "no", help: "of sgd" }),
  "weight-decay": number({ least: 0, whole: "no", help: "pull of all weights towards zero" }),
  schedule: choice({ choices: ["constant", "cosine"], help: "whether the learning rate stays, or falls to 0; others by --recipe" }),
  "warm-up": number({ least: 0, whole: "no", help: "epochs in which the learning rate rises from 0" }),
  blocks: number({
    least: 1,
    whole: "yes",
    help: "train on so many parts of the data, one after the other, as methods want that go back to one of them",
  }),
  shards: number({ least: 1, whole: "yes", help: "train so many copies of the model, each on its own part of the data, and ask them all: for sisa" }),
  slices: number({ least: 1, whole: "yes", help: "with --shards: stages of each part, after which there is a checkpoint; default 1" }),
  seed: number({ least: 0, most: Number.MAX_SAFE_INTEGER, whole: "yes", help: "decides all randomness; default 0" }),
};

export type RecipeFlags = Values<typeof recipeOptions>;

/** For whoever changes the optimiser and states no rate. */
const usualRates = { adam: 0.003, sgd: 0.05 } as const;

/**
 * What `--recipe` says beside the recipe, where it names a YAML file.
 *
 * @throws LetheError `recipe/not-yaml`, `recipe/invalid`, and what reading the file throws.
 */
export async function readTraining(file: string | undefined, cwd: string): Promise<TrainingFile | undefined> {
  if (file === undefined || !isYaml(file)) return undefined;
  const path = resolve(cwd, file);
  return readTrainingFile(new TextDecoder().decode(await readFileChecked(path)), path);
}

/**
 * The recipe of a builder, with what the command line says in its place.
 *
 * @param training what {@link readTraining} found; its recipe says nothing of the seed.
 * @throws LetheError `recipe/...`; UsageError `cli/conflict`, `cli/missing-option`.
 */
export async function readRecipe(flags: RecipeFlags, builder: string, cwd: string, training?: TrainingFile): Promise<Recipe> {
  if (flags.recipe !== undefined) {
    const beside = training === undefined ? ["recipe"] : ["recipe", "seed"];
    const also = Object.keys(recipeOptions).find((name) => !beside.includes(name) && flags[name as keyof RecipeFlags] !== undefined);
    if (also !== undefined) {
      throw new UsageError("cli/conflict", `--recipe gives the whole recipe; leave out --${also}, or change it in the file.`, { option: also });
    }
    return training === undefined ? readRecipeFile(flags.recipe, cwd) : recipeWith(builder, training.recipe, flags.seed ?? 0);
  }
  const base = defaultRecipe(builder, flags.seed ?? 0);
  return normaliseRecipe({
    ...base,
    epochs: flags.epochs ?? base.epochs,
    batchSize: flags["batch-size"] ?? base.batchSize,
    optimiser: optimiserOf(base.optimiser, flags),
    schedule: scheduleOf(base, flags),
    ...orderOf(flags),
  });
}

function orderOf({ blocks, shards, slices }: RecipeFlags): Pick<Recipe, "order"> {
  if (shards === undefined && slices !== undefined) throw new UsageError("cli/missing-option", "--slices are those of shards; add --shards.");
  if (shards === undefined) return blocks === undefined ? {} : { order: { kind: "blocks", blocks } };
  if (blocks !== undefined) throw new UsageError("cli/conflict", "A training goes by --blocks or by --shards; leave one out.");
  return { order: { kind: "shards", shards, ...(slices === undefined ? {} : { slices }) } };
}

/**
 * The recipe of a file alone; that of a YAML file is for the model that it names, with seed 0.
 *
 * @throws LetheError `recipe/bad-file`, `recipe/not-yaml`, `recipe/invalid`, and what reading the file throws.
 */
export async function readRecipeFile(file: string, cwd: string): Promise<Recipe> {
  const training = await readTraining(file, cwd);
  if (training !== undefined) return recipeWith(training.model, training.recipe, 0);
  const path = resolve(cwd, file);
  const bytes = await readFileChecked(path);
  try {
    return normaliseRecipe(parseJsonBytes(bytes));
  } catch (cause) {
    if (cause instanceof LetheError) throw cause;
    throw new LetheError("recipe/bad-file", `${path} is not JSON.`, { path }, { cause });
  }
}

function isYaml(file: string): boolean {
  return /\.ya?ml$/i.test(file);
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
