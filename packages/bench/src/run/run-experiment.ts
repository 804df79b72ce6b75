import type { BackendName } from "@lethe/backends";
import { planAudit } from "../audits/shadows.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { LoadMethod } from "../jobs/job.ts";
import { createTurns } from "../jobs/turns.ts";
import type { Workers } from "../jobs/workers.ts";
import type { AuditResult } from "../results/audit-result.ts";
import type { ExperimentResults, RunFailure } from "../results/experiment-results.ts";
import type { RunResult } from "../results/run-result.ts";
import { openStore } from "../store/store.ts";
import { runControl, runRow, type Cell } from "./cell.ts";
import { expectRecordable } from "./expect-recordable.ts";
import { expectWork, type Amount, type PlannedAudit } from "./expect.ts";
import { isMethodsOwn } from "./failures.ts";
import { createKeeper } from "./keeper.ts";
import { createModelCache, type Making, type ModelCache } from "./model-cache.ts";
import { inOrderOf } from "./order.ts";
import { packageVersions } from "./package-versions.ts";
import { openProblem, type OpenProblem } from "./problem.ts";
import { rowOptions } from "./row-options.ts";
import { chooseMethods, type MethodRow } from "./rows.ts";
import { pilotAudit, runAudit, treatmentsOf } from "./run-audit.ts";
import { cellOf, firstOfEach, scenesOf, type Scene } from "./scenes.ts";
import { createStages, type Progressing } from "./stages.ts";
import { together } from "./together.ts";

export interface ExperimentRequest {
  readonly experiment: Experiment;
  /** Folder of what was made once; shared by experiments, and by processes. */
  readonly cache: string;
  readonly workers: Workers;
  readonly backend: BackendName;
  /** Of what has a part in the numbers besides the packages of Lethe: recorded with each result, and part of what decides whether a model in the cache will do. */
  readonly versions: Readonly<Record<string, string>>;
  readonly loadMethod: LoadMethod;
  /** Where files and methods named in the experiment are looked for. */
  readonly cwd: string;
  readonly onProgress?: (progress: Progressing) => void;
  /** After the first of each kind of work, if anything of it had to be done and could be timed. */
  readonly onEstimate?: (estimate: Estimate) => void;
  /** As soon as one is there, in whatever order they come. What it throws ends the experiment. */
  readonly onResult?: (result: RunResult | AuditResult) => Promise<void>;
}

/** What an experiment takes. */
export interface Estimate extends Amount {
  /** Of the whole, from its beginning; what an earlier run left is not counted again. */
  readonly seconds: number;
}

/**
 * Runs an experiment, or what is left of it: models that an earlier, interrupted run or another experiment has made are taken from the cache. Results are the
 * same as those of an undisturbed run, but for times, however many workers there are.
 *
 * A method that fails on a request is reported in `failures` and stops nothing; models that cannot be trained do.
 *
 * @throws LetheError `experiment/...`, `data/...`, `method/...`, `options/invalid`, `metrics/bad-plan` before anything is trained; `result/non-finite`,
 * `environment/worker-lost`, `file/...`, `run/aborted`.
 */
export async function runExperiment(request: ExperimentRequest): Promise<ExperimentResults> {
  const { experiment, cwd, workers, backend, onProgress, onEstimate, onResult } = request;
  const versions = { ...(await packageVersions()), ...request.versions };
  const rows = await chooseMethods(experiment, request.loadMethod, cwd);
  const problems = new Map<string, OpenProblem>();
  for (const plan of experiment.problems) problems.set(plan.name, await openProblem(plan, cwd));
  const stages = createStages(workers.count, (self) => onProgress?.(self.snapshot()));
  const turns = createTurns(workers);
  const store = openStore(request.cache);
  const keeper = createKeeper(store, stages);
  /** Where work is done whose turn is at this place. */
  const shopAt = (place: number): Shop => {
    const making: Making = { store, workers: turns.at(place), stages, backend, versions, cwd };
    return { making, models: createModelCache(making, keeper) };
  };
  const optionsOf = rowOptions(request);
  const runs: RunResult[] = [];
  const failures: RunFailure[] = [];
  const all = <Value>(work: readonly Promise<Value>[]) => together(work, stages, turns);
  const keep = async (result: RunResult) => {
    await onResult?.(result);
    runs.push(result);
  };

  const scenes = scenesOf(experiment, problems, rows);
  const audits = experiment.audits.map((audit): PlannedAudit => ({
    shadows: planAudit(audit, problems.get(audit.problem)!),
    treatments: treatmentsOf(rows.filter(({ name }) => audit.methods.includes(name))),
  }));
  await expectRecordable([
    ...scenes.flatMap(({ problem, rows: own }) => own.map(({ name, chosen }) => ({ row: name, method: chosen, problem }))),
    ...audits.flatMap(({ shadows: { problem }, treatments }) =>
      treatments.flatMap((treatment) => (treatment.kind === "method" ? [{ ...treatment, problem }] : [])),
    ),
  ]);
  const amount = expectWork(stages, experiment, scenes, audits);

  /** @returns undefined for a method that failed. */
  const answer = async (scene: Scene, cell: Cell, row: MethodRow, { making, models }: Shop): Promise<RunResult | undefined> => {
    try {
      return await runRow(cell, await optionsOf(scene, row, models), making, models);
    } catch (error) {
      if (!isMethodsOwn(error)) throw error;
      failures.push({ ...placeOf(cell, row), code: error.code, message: error.message });
      return undefined;
    }
  };
  const runScene = async (scene: Scene, seed: number, shop: Shop): Promise<void> => {
    const cell = await cellOf(scene, seed, experiment, cwd);
    const rowsOfScene = scene.rows.map(async (row) => {
      const result = await answer(scene, cell, row, shop);
      if (result !== undefined) await keep(result);
    });
    await all([...rowsOfScene, runControl(cell, shop.making, shop.models).then(keep)]);
  };
  const estimate = async (pilots: readonly Promise<unknown>[]): Promise<void> => {
    await Promise.all(pilots);
    const { elapsedSeconds, secondsLeft } = stages.snapshot();
    if (secondsLeft !== null) onEstimate?.({ seconds: elapsedSeconds + secondsLeft, ...amount });
  };

  try {
    // The first of everything has its turn before all else, and shows how long the rest will take.
    const pilotScenes = firstOfEach(scenes);
    const first = pilotScenes.map((scene) => ({ scene, seed: scene.seeds[0] }));
    // Seed by seed, so that the first is whole early.
    const rounds = Math.max(0, ...scenes.map(({ seeds }) => seeds.length));
    const others = Array.from({ length: rounds }, (_, round) =>
      scenes
        .filter((scene) => round < scene.seeds.length && (round > 0 || !pilotScenes.includes(scene)))
        .map((scene) => ({ scene, seed: scene.seeds[round] })),
    ).flat();
    const front = shopAt(0);
    const pilots = [
      ...audits.flatMap((audit) => pilotAudit(audit, front.making, front.models)),
      ...first.map(({ scene, seed }) => runScene(scene, seed, front)),
    ];
    const rest = others.map(({ scene, seed }, index) => runScene(scene, seed, shopAt(1 + index)));
    const back = shopAt(1 + others.length);
    const audited = audits.map(async (audit) => {
      const results = await runAudit(experiment.name, audit, back.making, back.models, (failure) => failures.push(failure));
      for (const result of results) await onResult?.(result);
      return results;
    });
    await all<unknown>([...pilots, estimate(pilots), ...rest, ...audited]);
    stages.finish();
    const order = inOrderOf(experiment);
    return {
      name: experiment.name,
      source: experiment.source,
      runs: runs.toSorted(order),
      failures: failures.toSorted(order),
      audits: (await Promise.all(audited)).flat(),
    };
  } finally {
    // What others were making when one failed is worth keeping.
    await keeper.settled();
  }
}

interface Shop {
  readonly making: Making;
  readonly models: ModelCache;
}

function placeOf({ problem, scenario, seed }: Cell, { name }: MethodRow): Omit<RunFailure, "code" | "message"> {
  return { id: `${problem.name}/${scenario}/${name}/seed-${seed}`, problem: problem.name, scenario, method: name, seed };
}
