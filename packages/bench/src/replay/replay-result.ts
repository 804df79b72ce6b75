import type { BackendName } from "@lethe/backends";
import type { DataSource } from "../data/source.ts";
import type { LoadMethod } from "../jobs/job.ts";
import type { Workers } from "../jobs/workers.ts";
import type { RunResult } from "../results/run-result.ts";
import { runControl, runRow, stageOf, type Cell, type CellRow } from "../run/cell.ts";
import { createModelCache, prepareStage, type Making, type ModelCache } from "../run/model-cache.ts";
import { choose } from "../run/rows.ts";
import { createStages, type Progressing, type Stages } from "../run/stages.ts";
import { together } from "../run/together.ts";
import { packageVersions } from "../run/package-versions.ts";
import { openStore } from "../store/store.ts";
import { checkLock, type CheckedLock } from "./check-lock.ts";
import { compareResults, expectTolerance, type CompareOptions, type Comparison } from "./compare-results.ts";
import { lockedRequest, openLockedProblem } from "./locked-problem.ts";

export interface ReplayRequest extends CompareOptions {
  readonly result: RunResult;
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

/** A result made again, beside the one on record. */
export interface Replay extends Comparison {
  /** The result as it came out now. */
  readonly replayed: RunResult;
  /** Pieces of work that were not done again because the cache had them. */
  readonly found: number;
}

/**
 * Makes a result again from its lock alone: the same data by its hash, the same samples to forget by their ids, the same recipe, seeds, options and metrics; the
 * original, the retrained models and the answer are made anew, then compared by {@link compareResults}. Options that were found by a search are taken as they were
 * found. An interrupted replay goes on where it was if it gets the same cache.
 *
 * Of the rest of the result only the role and the names are taken: of experiment, problem, scenario and row, and the words for the forget set.
 *
 * @throws LetheError `data/changed` where the data is not what it was, `replay/bad-lock`, `replay/bad-tolerance`, `recipe/invalid`, `data/...`, `forget/...`,
 * `method/...`, `options/invalid` before anything is trained; `result/non-finite`, `run/aborted`, and what the method throws.
 * @example
 * const { verdict, notes } = await replayResult({ result, cache, workers, backend, versions, loadMethod, cwd });
 * verdict; // "equal"
 */
export async function replayResult(request: ReplayRequest): Promise<Replay> {
  const { result, workers, backend, cwd, onProgress, tolerance } = request;
  const versions = { ...(await packageVersions()), ...request.versions };
  expectTolerance(tolerance);
  const lock = checkLock(result.lock);
  const cell = await lockedCell(result, lock, request.data ?? dataOf(lock));
  const row = result.role === "control" ? undefined : await lockedRow(result, lock, request);
  const stages = createStages(workers.count, (self) => onProgress?.(self.snapshot()));
  const making: Making = { store: openStore(request.cache), workers, stages, backend, versions, cwd };
  const models = createModelCache(making);
  expectReplay(stages, cell, row);
  const replayed = await answerAgain(cell, row, making, models, workers);
  const found = stages.snapshot().stages.reduce((sum, stage) => sum + stage.found, 0);
  const { notes, ...comparison } = compareResults(result, replayed, { tolerance });
  return { ...comparison, notes: [...foundNote(found), ...notes], replayed, found };
}

async function answerAgain(cell: Cell, row: CellRow | undefined, making: Making, models: ModelCache, workers: Workers): Promise<RunResult> {
  try {
    const [answer] = await together(
      [row === undefined ? runControl(cell, making, models) : runRow(cell, row, making, models)],
      making.stages,
      workers,
    );
    return answer;
  } finally {
    // What was being made when something failed is worth keeping, and the folder is not left while it is written to.
    await models.settled();
  }
}

async function lockedCell(result: RunResult, lock: CheckedLock, source: DataSource): Promise<Cell> {
  const { recipe, oracleSeeds, method, evaluationSeed, metrics } = lock;
  const problem = await openLockedProblem(result.problem, lock, source);
  return {
    experiment: result.experiment,
    problem,
    scenario: result.scenario,
    seed: result.seed,
    // The seed of the answer belongs to a method or to the control; the other is never asked for.
    seeds: { original: recipe.seed, oracles: oracleSeeds, control: method.seed, request: method.seed, evaluation: evaluationSeed },
    request: lockedRequest(lock, problem, result.forgotten),
    metrics: metrics ?? undefined,
  };
}

async function lockedRow(result: RunResult, { method }: CheckedLock, { loadMethod, cwd }: ReplayRequest): Promise<CellRow> {
  return { name: result.method, method: await choose(method.name, method.options, loadMethod, cwd), search: null };
}

function dataOf({ data: { train, test } }: CheckedLock): DataSource {
  return { train, ...(test === undefined ? {} : { test }) };
}

function expectReplay(stages: Stages, { problem, request, seeds }: Cell, row: CellRow | undefined): void {
  const { name, data } = problem;
  const epochs = problem.recipe(seeds.original).epochs;
  const work = data.train.size * epochs;
  const retrained = seeds.oracles.length + (row === undefined ? 1 : 0);
  stages.expect(stageOf.originals(name), `${name}: original`, 1, work);
  stages.expect(stageOf.oracles(name), `${name}: retrained models`, retrained, work - request.ids.length * epochs);
  if (row !== undefined) {
    const stage = stageOf.method(row.name, name);
    if (row.method.configured.method.prepare !== undefined) stages.expect(prepareStage(stage), `${name}: prepare ${row.name}`, 1, data.train.size);
    stages.expect(stage, `${name}: ${row.name}`, 1, work / 5);
  }
  stages.expect(stageOf.judging(name), `${name}: judging`, 1, 0);
}

function foundNote(found: number): readonly string[] {
  if (found === 0) return [];
  return [`${found} of the models and answers lay in the cache and were not made again; for a replay of everything give an empty folder.`];
}
