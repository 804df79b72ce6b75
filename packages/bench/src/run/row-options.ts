import type { Experiment } from "../experiment/experiment.ts";
import type { LoadMethod } from "../jobs/job.ts";
import type { CellRow } from "./cell.ts";
import type { ModelCache } from "./model-cache.ts";
import type { MethodRow } from "./rows.ts";
import type { Scene } from "./scenes.ts";
import { searchOptions, type SearchOutcome } from "./search.ts";

interface Searching {
  readonly experiment: Experiment;
  readonly loadMethod: LoadMethod;
  readonly cwd: string;
}

/** Gives rows their options: as they are in the file, or searched once for each problem and scenario, not for each seed or request. */
export function rowOptions({ experiment, loadMethod, cwd }: Searching): (scene: Scene, row: MethodRow, models: ModelCache) => Promise<CellRow> {
  const outcomes = new Map<string, Promise<SearchOutcome>>();
  return async ({ problem, scenario }, row, models) => {
    const { space } = row;
    if (space === undefined) return { name: row.name, method: row.chosen, search: null };
    // The options of all requests of a sequence are those that were found for its first.
    const name = scenario.sequence?.name ?? scenario.name;
    const key = `${problem.name}/${name}/${row.name}`;
    const setting = { problem, scenario: name, forget: scenario.earlier[0] ?? scenario.forget, trials: experiment.trials, loadMethod, cwd, models };
    const outcome = outcomes.get(key) ?? searchOptions(setting, { ...row, space });
    outcomes.set(key, outcome);
    const { method, summary } = await outcome;
    return { name: row.name, method, search: summary };
  };
}
