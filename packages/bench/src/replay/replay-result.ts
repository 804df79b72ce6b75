import type { DataSource } from "../data/source.ts";
import type { AuditResult } from "../results/audit-result.ts";
import type { RunResult } from "../results/run-result.ts";
import { runControl, runRow, stageOf, type Cell, type CellRow } from "../run/cell.ts";
import { expectRecordable } from "../run/expect-recordable.ts";
import { expectPreparations } from "../run/expect.ts";
import { idsOfAll } from "../run/requests.ts";
import { choose } from "../run/rows.ts";
import type { Stages } from "../run/stages.ts";
import { checkLock, type CheckedLock } from "./check-lock.ts";
import { compareResults, expectTolerance, type Comparison } from "./compare-results.ts";
import { lockedRequest, lockedSource, openLockedProblem } from "./locked-problem.ts";
import { makeAgain, openWorkshop, type ReplayRequest } from "./workshop.ts";

/** A result made again, beside the one on record. */
export interface Replay<Result = RunResult | AuditResult> extends Comparison {
  /** The result as it came out now. */
  readonly replayed: Result;
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
export async function replayResult(request: ReplayRequest<RunResult>): Promise<Replay<RunResult>> {
  const { result, workers, tolerance } = request;
  expectTolerance(tolerance);
  const lock = checkLock(result.lock);
  const cell = await lockedCell(result, lock, request.data ?? lockedSource(lock));
  const row = result.role === "control" ? undefined : await lockedRow(result, lock, request);
  if (row !== undefined) await expectRecordable([{ row: row.name, method: row.method, problem: cell.problem }]);
  const workshop = await openWorkshop(request);
  expectReplay(workshop.making.stages, cell, row);
  const { made, found, notes } = await makeAgain(workshop, workers, (making, models) =>
    row === undefined ? runControl(cell, making, models) : runRow(cell, row, making, models),
  );
  const comparison = compareResults(result, made, { tolerance });
  return { ...comparison, notes: [...notes, ...comparison.notes], replayed: made, found };
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
    request: lockedRequest(lock.forget, problem, result.forgotten),
    earlier: (lock.earlier ?? []).map((past) => ({ ...lockedRequest(past, problem, ""), seed: past.seed })),
    sequence: result.sequence,
    metrics: metrics ?? undefined,
  };
}

async function lockedRow(result: RunResult, { method }: CheckedLock, { loadMethod, cwd }: ReplayRequest<RunResult>): Promise<CellRow> {
  return { name: result.method, method: await choose(method.name, method.options, loadMethod, cwd), search: null };
}

function expectReplay(stages: Stages, { problem, request, earlier, seeds }: Cell, row: CellRow | undefined): void {
  const { name, data } = problem;
  const epochs = problem.recipe(seeds.original).epochs;
  const work = data.train.size * epochs;
  const retrained = seeds.oracles.length + (row === undefined ? 1 : 0);
  stages.expect(stageOf.originals(name), `${name}: original`, 1, work);
  stages.expect(stageOf.oracles(name), `${name}: retrained models`, retrained, work - idsOfAll([...earlier, request]).length * epochs);
  if (row !== undefined) {
    const stage = stageOf.method(row.name, name);
    expectPreparations(stages, stage, row.method, `${name}: prepare ${row.name}`, 1, { pass: data.train.size, training: work });
    stages.expect(stage, `${name}: ${row.name}`, 1 + earlier.length, work / 5);
  }
  stages.expect(stageOf.judging(name), `${name}: judging`, 1, 0);
}
