import { dataSource, loadData, recordedSource, type LoadedData, usualBuilder } from "@lethe/bench";
import { LetheError, type Recipe, type TrainingSnapshot } from "@lethe/core";
import type { Values } from "../../command-line/options.ts";
import { UsageError } from "../../command-line/usage-error.ts";
import { openBackend } from "../../compute/backend.ts";
import { readRecipe, readTraining, recipeOptions } from "../../inputs/recipe.ts";
import { readTreatment } from "../../inputs/treatment.ts";
import { chooseConfigured, type ChosenMethod } from "../../methods/option.ts";
import { expectFree, isThere } from "../../runs/folder.ts";
import type { RunManifest } from "../../runs/manifest.ts";
import { recordingIn, settle } from "../../runs/recording.ts";
import { readWork, workFolder } from "../../runs/work.ts";
import { versions } from "../../versions.ts";
import type { trainOptions } from "../train.ts";
import { chooseRecorder, expectRecords, pointToResume } from "./recorder.ts";

type Given = Values<typeof trainOptions>;

/** A training that can be begun, or gone on with. */
export interface Start {
  readonly folder: string;
  readonly data: LoadedData;
  readonly builder: string;
  readonly recipe: Recipe;
  /** What will stand in `lethe.json`, but for the result. */
  readonly manifest: RunManifest;
  /** Undefined for a training that begins at the beginning. */
  readonly snapshot: TrainingSnapshot | undefined;
  /** Watches the training. */
  readonly recording: ChosenMethod | undefined;
}

/** Checks everything that can be checked before the first step; writes nothing. */
export async function begin(folder: string, given: Given, cwd: string): Promise<Start> {
  const training = await readTraining(given.recipe, cwd);
  const source = given.data ?? training?.data;
  // The test samples of the file go with its data.
  const test = given.test ?? (given.data === undefined ? training?.test : undefined);
  if (source === undefined)
    throw new UsageError(
      "cli/missing-option",
      "The option --data is needed: a name as digits, or files as idx:IMAGES,LABELS; see lethe train --help.",
    );
  await expectFree(folder, given.overwrite);
  if (!given.overwrite && (await isThere(workFolder(folder)))) {
    const sentence = `A training for ${given.out} was begun and not finished; go on with --resume, or begin again with --overwrite.`;
    throw new UsageError("cli/unfinished-training", sentence, { path: workFolder(folder) });
  }
  const data = await loadData({ ...dataSource(source, test, cwd), ...(await readTreatment(given, cwd)) });
  const builder = given.model ?? training?.model ?? usualBuilder(data.train);
  const recipe = await readRecipe(given, builder, cwd, training);
  const recorder = await chooseRecorder(given, cwd);
  const backend = await openBackend(given.backend);
  if (recorder !== undefined) await expectRecords(recorder.method, { data, builder, recipe });
  const manifest: RunManifest = {
    format: "lethe/run",
    version: 1,
    data: { ...data.source, hash: await data.train.hash(), size: data.train.size },
    model: { builder },
    recipe,
    backend: backend.name,
    versions: versions(backend),
    weights: null,
    training: null,
    ...(recorder === undefined ? {} : { recorded: recorder.recorded }),
    forgotten: [],
    lineage: [],
  };
  return { folder, data, builder, recipe, manifest, snapshot: undefined, recording: recorder?.method };
}

/** Takes up an interrupted training by what it left behind; the command line adds nothing but the backend. */
export async function resume(folder: string, given: Given, cwd: string): Promise<Start> {
  for (const name of [
    "data",
    "test",
    "classes",
    "validation",
    "poison",
    "model",
    "record",
    "record-set",
    ...Object.keys(recipeOptions),
  ] as (keyof Given)[]) {
    const value = given[name];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    throw new UsageError("cli/conflict", `--resume goes on with what the training began with; leave out --${name}.`, { option: name });
  }
  await settle(folder);
  const work = await readWork(folder);
  if (work === undefined) {
    const done = await isThere(folder);
    const sentence = done
      ? `The training of ${given.out} is complete; there is nothing to resume.`
      : `There is no interrupted training for ${given.out}; begin one without --resume.`;
    throw new UsageError("cli/nothing-to-resume", sentence, { path: workFolder(folder) });
  }
  const { manifest, snapshot } = work;
  const { train, hash } = manifest.data;
  const data = await loadData(recordedSource(manifest.data));
  if ((await data.train.hash()) !== hash) {
    throw new LetheError(
      "data/changed",
      `The samples of ${train} are not those that the training of ${given.out} began with; bring them back, or begin again.`,
      { source: train },
    );
  }
  if (manifest.recipe === null || !("builder" in manifest.model)) {
    throw new LetheError("run/bad-manifest", `${workFolder(folder)} does not say how it was trained; begin again with --overwrite.`, {
      path: workFolder(folder),
    });
  }
  const { recorded } = manifest;
  const recording = recorded && (await chooseConfigured(recorded.name, recorded.options, cwd));
  const backend = await openBackend(given.backend ?? knownBackend(manifest.backend));
  return {
    folder,
    data,
    builder: manifest.model.builder,
    recipe: manifest.recipe,
    manifest: { ...manifest, backend: backend.name, versions: versions(backend) },
    snapshot: recorded === undefined ? snapshot : await pointToResume(recordingIn(workFolder(folder), recorded.method), snapshot),
    recording,
  };
}

function knownBackend(name: string): Given["backend"] {
  return (["tensorflow", "webgpu", "wasm", "cpu"] as const).find((each) => each === name);
}
