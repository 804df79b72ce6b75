import { LetheError, Model, type Files, type Json, type Recipe } from "@lethe/core";
import { loadData, dataSource, type LoadedData } from "../data/source.ts";
import { treatmentOf } from "../data/treated.ts";
import type { ProblemPlan } from "../experiment/experiment.ts";
import { encodeNetwork } from "../network/files.ts";
import { buildNetwork, usualBuilder } from "../network/network.ts";
import { defaultRecipe } from "../recipes/defaults.ts";
import { normaliseRecipe } from "../recipes/schema.ts";

/** Data and architecture that models are made for, as they were found. */
export interface OpenProblem {
  readonly name: string;
  readonly data: LoadedData;
  readonly trainHash: string;
  readonly testHash: string;
  /** Undefined where nothing was set aside. Training does not look at it, but methods may. */
  readonly validationHash: string | undefined;
  readonly builder: string;
  /** An untrained network. */
  readonly architecture: Files;
  readonly config: Json;
  /** How a model with this seed is trained. */
  recipe(seed: number | string): Recipe;
}

/** @throws LetheError `data/...`, `model/...`, `recipe/...`. */
export async function openProblem(
  { name, data: source, test, model, recipe, ...treatment }: Omit<ProblemPlan, "seeds" | "oracles">,
  cwd: string,
): Promise<OpenProblem> {
  const data = await loadData({ ...dataSource(source, test, cwd), ...treatmentOf(treatment) });
  const builder = model ?? usualBuilder(data.train);
  return problemOf(name, data, builder, (seed) => normaliseRecipe({ ...defaultRecipe(builder, 0), ...recipe, seed }));
}

/** @throws LetheError `data/no-test`, `model/...`. */
export async function problemOf(name: string, data: LoadedData, builder: string, recipe: OpenProblem["recipe"]): Promise<OpenProblem> {
  if (data.test === undefined) {
    throw new LetheError("data/no-test", `${data.source.train} has no test samples of its own; add test: to the problem ${name}.`, { problem: name });
  }
  const own = new Model(buildNetwork(builder, data.train, recipe(0).order));
  try {
    return {
      name,
      data,
      trainHash: await data.train.hash(),
      testHash: await data.test.hash(),
      validationHash: await data.validation?.hash(),
      builder,
      architecture: await encodeNetwork(own.network),
      config: own.network.getConfig() as unknown as Json,
      recipe,
    };
  } finally {
    own.dispose();
  }
}
