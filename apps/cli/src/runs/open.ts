import {
  dataSource,
  loadData,
  recordedSource,
  sourceHelp,
  treatmentOf,
  type DataSource,
  type LoadedData,
  type Treatment,
  withoutIds,
} from "@lethe/bench";
import { resolve } from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { LetheError, Model, type Dataset, type Recipe } from "@lethe/core";
import type { ChosenBackend } from "@lethe/backends";
import { text, type Values } from "../command-line/options.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { readRecipeFile } from "../inputs/recipe.ts";
import { classesOption, readTreatment } from "../inputs/treatment.ts";
import { versions } from "../versions.ts";
import { loadRun } from "./folder.ts";
import type { RunManifest } from "./manifest.ts";
import { settle } from "./recording.ts";

/** How a command is told what a model of other making was trained on. */
export const openOptions = {
  data: text({ placeholder: "SOURCE", help: `what the model was trained on; a run folder knows; ${sourceHelp}` }),
  test: text({ placeholder: "SOURCE", help: "test samples, where the data has none of its own" }),
  ...classesOption,
  recipe: text({ placeholder: "FILE", help: "how the model was trained, where its folder does not say; JSON" }),
};

export type OpenGiven = Values<typeof openOptions> & {
  /** What a run that was made from a plain model knows of its data. */
  readonly treatment?: Treatment;
};

/** A model with all that is known about it. */
export interface OpenRun {
  readonly folder: string;
  /** The caller's. */
  readonly network: tf.LayersModel;
  readonly model: Model;
  /** Made up from the command line for a model of other making. */
  readonly manifest: RunManifest;
  readonly recipe: Recipe | undefined;
  readonly data: LoadedData;
  /** The training data without what was forgotten. */
  readonly remaining: Dataset;
}

/**
 * Opens a run folder or a plain TensorFlow.js model.
 *
 * @throws LetheError `run/...`, `model/...`, `data/...`; UsageError `cli/missing-option`, `cli/conflict`.
 */
export async function openRun(path: string, given: OpenGiven, backend: ChosenBackend, cwd: string): Promise<OpenRun> {
  await settle(resolve(cwd, path));
  const { folder, network, manifest: own } = await loadRun(resolve(cwd, path));
  if (own !== undefined && own.recipe !== null && given.recipe !== undefined) {
    network.dispose();
    throw new UsageError("cli/conflict", `${path} knows the recipe it was trained by; leave out --recipe.`, { path });
  }
  try {
    const data = await loadData(await sourceOf(path, given, own, cwd));
    const hash = await data.train.hash();
    if (own !== undefined && own.data.hash !== hash) {
      throw new LetheError(
        "data/changed",
        `The samples of ${data.source.train} are not those that ${path} was trained on; bring them back, or name them with --data.`,
        {
          source: data.source.train,
          expected: own.data.hash,
          found: hash,
        },
      );
    }
    const model = new Model(network);
    const recipe = own?.recipe ?? (given.recipe === undefined ? undefined : await readRecipeFile(given.recipe, cwd));
    const manifest = own ?? (await manifestOf(folder, model, data, hash, recipe, backend));
    return { folder, network, model, manifest, recipe, data, remaining: withoutIds(data.train, manifest.forgotten) };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

async function sourceOf(path: string, given: OpenGiven, own: RunManifest | undefined, cwd: string): Promise<DataSource> {
  if (own !== undefined && given.classes !== undefined) {
    throw new UsageError("cli/conflict", `${path} knows the classes that it was trained for; leave out --classes.`, { path });
  }
  const treatment = own === undefined ? (given.treatment ?? (await readTreatment(given, cwd))) : treatmentOf(own.data);
  if (given.data !== undefined) return { ...dataSource(given.data, given.test, cwd), ...treatment };
  if (own === undefined) {
    const sentence = `${path} is a plain TensorFlow.js model, which does not say what it was trained on; add --data.`;
    throw new UsageError("cli/missing-option", sentence, { option: "data", path });
  }
  if (given.test !== undefined) return { ...dataSource(own.data.train, given.test, cwd), ...treatment };
  return recordedSource(own.data);
}

async function manifestOf(
  folder: string,
  model: Model,
  data: LoadedData,
  hash: string,
  recipe: Recipe | undefined,
  backend: ChosenBackend,
): Promise<RunManifest> {
  return {
    format: "lethe/run",
    version: 1,
    data: { ...data.source, hash, size: data.train.size },
    model: { imported: folder },
    recipe: recipe ?? null,
    backend: backend.name,
    versions: versions(backend),
    weights: await model.hash(),
    training: null,
    forgotten: [],
    lineage: [],
  };
}
