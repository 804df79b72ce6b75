import type { Experiment, ScenarioPlan } from "../experiment/experiment.ts";
import { cellSeeds, type Cell } from "./cell.ts";
import type { OpenProblem } from "./problem.ts";
import { forgetRequests } from "./requests.ts";
import type { MethodRow } from "./rows.ts";

/** One scenario of one problem, with all seeds. */
export interface Scene {
  readonly problem: OpenProblem;
  readonly seeds: readonly number[];
  /** Retrained models for each seed. */
  readonly oracles: number;
  readonly scenario: ScenarioPlan;
  readonly rows: readonly MethodRow[];
}

export function scenesOf(experiment: Experiment, problems: ReadonlyMap<string, OpenProblem>, rows: readonly MethodRow[]): readonly Scene[] {
  return experiment.problems.flatMap(({ name, seeds, oracles }) =>
    experiment.scenarios
      .filter((scenario) => scenario.problems.includes(name))
      .map((scenario) => ({
        problem: problems.get(name)!,
        seeds,
        oracles,
        scenario,
        rows: rows.filter((row) => row.problems.includes(name) && row.scenarios.includes(scenario.name)),
      })),
  );
}

/** The first scene of each problem. */
export function firstOfEach(scenes: readonly Scene[]): readonly Scene[] {
  return scenes.filter(({ problem }, index) => scenes.findIndex((scene) => scene.problem === problem) === index);
}

/** @throws LetheError `forget/...`. */
export async function cellOf({ problem, oracles, scenario }: Scene, seed: number, { name, metrics }: Experiment, cwd: string): Promise<Cell> {
  const { request, earlier } = await forgetRequests(scenario, problem.data.train, seed, cwd);
  const seeds = cellSeeds(seed, oracles, earlier.length);
  return { experiment: name, problem, scenario: scenario.name, sequence: scenario.sequence, seed, seeds, request, earlier, metrics };
}
