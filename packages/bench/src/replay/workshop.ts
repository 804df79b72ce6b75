import type { BackendName } from "@lethe/backends";
import type { DataSource } from "../data/source.ts";
import type { LoadMethod } from "../jobs/job.ts";
import type { Workers } from "../jobs/workers.ts";
import { createModelCache, type Making, type ModelCache } from "../run/model-cache.ts";
import { packageVersions } from "../run/package-versions.ts";
import { createStages, type Progressing } from "../run/stages.ts";
import { together } from "../run/together.ts";
import { openStore } from "../store/store.ts";
import type { CompareOptions } from "./compare-results.ts";

/** @typeParam Result of a run, or of an audit. */
export interface ReplayRequest<Result> extends CompareOptions {
  readonly result: Result;
  /** A folder for the models, empty at first: what an earlier run left there would be compared with itself. */
  readonly cache: string;
  readonly workers: Workers;
  readonly backend: BackendName;
  /** Of every package that has a part in the numbers. */
  readonly versions: Readonly<Record<string, string>>;
  readonly loadMethod: LoadMethod;
  /** Where a method that the lock names by its path is looked for. */
  readonly cwd: string;
  /** Where the data lies now. Default: where the lock says. */
  readonly data?: DataSource | undefined;
  readonly onProgress?: ((progress: Progressing) => void) | undefined;
}

/** What a replay makes things with. */
export interface Workshop {
  readonly making: Making;
  readonly models: ModelCache;
}

export async function openWorkshop(request: Omit<ReplayRequest<unknown>, "result">): Promise<Workshop> {
  const { workers, backend, cwd, onProgress } = request;
  const versions = { ...(await packageVersions()), ...request.versions };
  const stages = createStages(workers.count, (self) => onProgress?.(self.snapshot()));
  const making: Making = { store: openStore(request.cache), workers, stages, backend, versions, cwd };
  return { making, models: createModelCache(making) };
}

/** What was made, with how much of it lay in the cache. */
export async function makeAgain<Made>(
  { making, models }: Workshop,
  workers: Workers,
  make: (making: Making, models: ModelCache) => Promise<Made>,
): Promise<{ readonly made: Made; readonly found: number; readonly notes: readonly string[] }> {
  try {
    const [made] = await together([make(making, models)], making.stages, workers);
    const found = making.stages.snapshot().stages.reduce((sum, stage) => sum + stage.found, 0);
    return { made, found, notes: foundNote(found) };
  } finally {
    // What was being made when something failed is worth keeping, and the folder is not left while it is written to.
    await models.settled();
  }
}

function foundNote(found: number): readonly string[] {
  if (found === 0) return [];
  return [`${found} of the models and answers lay in the cache and were not made again; for a replay of everything give an empty folder.`];
}
