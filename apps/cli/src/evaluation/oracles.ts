import { encodeNetwork, jointProgress, recordedSource, type UnlearnedResult, type Workers } from "@lethe/bench";
import { join } from "node:path";
import { LetheError, hashTree, isLetheError, sha256, toHost, type Files, type Model, type Progress, type Recipe } from "@lethe/core";
import type { BackendName } from "@lethe/backends";
import { loadRun, saveRun, type LoadedRun } from "../runs/folder.ts";
import type { RunManifest } from "../runs/manifest.ts";
import { version } from "../version.ts";

/** What decides an oracle: a model retrained by the recipe, without the forget set, with a seed of its own. */
export interface OracleSetting {
  /** Of the model before unlearning: data, recipe, architecture. */
  readonly manifest: RunManifest;
  readonly recipe: Recipe;
  readonly model: Model;
  /** Ids. */
  readonly forgotten: readonly string[];
  readonly backend: BackendName;
  /** Kept from one evaluation to the next; each oracle is a run folder of its own. */
  readonly cache: string;
}

export interface Oracle extends LoadedRun {
  readonly manifest: RunManifest;
  readonly seconds: number;
}

/** The seed of oracle `index`; never that of the original, whose initial weights no oracle may share. */
function oracleSeed(recipe: Recipe, index: number): string {
  return `${recipe.seed}/oracle-${index + 1}`;
}

/**
 * Where an oracle is kept: a folder named by the hash of all that decides its weights. A change of any of it, the version of Lethe included,
 * means another oracle.
 */
async function oracleFolder({ manifest, recipe, model, forgotten, backend, cache }: OracleSetting, index: number): Promise<string> {
  const buffers = await hashTree(await toHost(model.buffers));
  const frozen = model.layers.some(({ parameters, buffers: own }) => Object.keys(parameters).length === 0 && Object.keys(own).length > 0);
  const facts = [
    version(),
    recipe,
    model.network.getConfig(),
    frozen ? buffers : null,
    manifest.data.hash,
    forgotten.toSorted(),
    oracleSeed(recipe, index),
    backend,
  ];
  return join(cache, (await sha256(JSON.stringify(facts))).slice(0, 32));
}

/** The oracle as an earlier evaluation left it; undefined where there is none, or a damaged one, which is to be trained again. */
async function findOracle(folder: string): Promise<Oracle | undefined> {
  try {
    return await loadOracle(folder);
  } catch (error) {
    if (isLetheError(error)) return undefined;
    throw error;
  }
}

async function loadOracle(folder: string): Promise<Oracle> {
  const { network, manifest } = await loadRun(folder);
  const request = manifest?.lineage.at(-1);
  if (manifest !== undefined && request !== undefined) return { folder, network, manifest, seconds: request.cost.seconds };
  network.dispose();
  throw new LetheError("run/bad-manifest", `${folder} is not a retrained model; remove it.`, { path: folder });
}

/** What the oracles' manifest says of where they come from. */
function oracleManifest({ manifest, recipe, forgotten }: OracleSetting, { weights, options, message, report, cost }: UnlearnedResult): RunManifest {
  return {
    ...manifest,
    recorded: undefined,
    recipe,
    weights,
    forgotten: [...forgotten],
    lineage: [
      {
        method: "retrain",
        options,
        seed: recipe.seed,
        selection: { ids: forgotten.length },
        forgotten: [...forgotten],
        status: "completed",
        message,
        report,
        cost,
        preparation: null,
        from: manifest.weights ?? "",
        source: null,
        at: new Date().toISOString(),
      },
    ],
  };
}

export interface Gathering {
  readonly cwd: string;
  readonly workers: Workers;
  report(progress: Progress): void;
}

/**
 * Oracles 1 to `count`, from the cache as far as they are there. Each is saved as soon as it is trained, so that an interrupted evaluation
 * does not begin again.
 */
export async function gatherOracles(setting: OracleSetting, count: number, { cwd, workers, report }: Gathering): Promise<readonly Oracle[]> {
  const folders = await Promise.all(Array.from({ length: count }, (_, index) => oracleFolder(setting, index)));
  const found = await Promise.all(folders.map(findOracle));
  const missing = folders.map((_, index) => index).filter((index) => found[index] === undefined);
  const files = await encodeNetwork(setting.model.network);
  const work = setting.recipe.epochs * (setting.manifest.data.size - setting.forgotten.length);
  const reports = jointProgress(
    `retraining ${missing.length} of ${count}`,
    "samples",
    missing.map(() => work),
    report,
  );
  const train = async (index: number, position: number): Promise<void> => {
    const result = await workers.run<"unlearn">(oracleJob(setting, files, index, cwd), { onProgress: reports[position] });
    if (result.status !== "completed")
      throw new LetheError(
        `result/${result.status}`,
        `No oracle could be trained with the seed ${oracleSeed(setting.recipe, index)}: ${result.message}`,
      );
    await saveRun(folders[index], { model: result.model, manifest: oracleManifest(setting, result) });
  };
  // Waits for all, so that what is being saved when another fails is saved.
  const outcomes = await Promise.allSettled(missing.map(train));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) {
    for (const oracle of found) oracle?.network.dispose();
    throw failure.reason;
  }
  return Promise.all(found.map((oracle, index) => oracle ?? loadOracle(folders[index])));
}

function oracleJob({ manifest, recipe, forgotten }: OracleSetting, model: Files, index: number, cwd: string) {
  return {
    kind: "unlearn",
    phase: "retraining",
    model,
    data: recordedSource(manifest.data),
    without: [],
    recipe,
    method: "retrain",
    settings: { seed: oracleSeed(recipe, index) },
    seed: 0,
    cwd,
    forget: forgotten,
    artifact: undefined,
  } as const;
}
