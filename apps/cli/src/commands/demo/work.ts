import { jointProgress, type PreparedResult, type TrainedResult, type UnlearnedResult, type Workers } from "@lethe/bench";
import type { Artifact, Files, Model, Progress } from "@lethe/core";
import type { BackendName } from "@lethe/backends";
import { gatherOracles, type Oracle } from "../../evaluation/oracles.ts";
import type { RunManifest } from "../../runs/manifest.ts";
import { demoData, demoMethods, type DemoMethod, type Plan, type Scenario } from "./plan.ts";

export interface Made {
  readonly original: TrainedResult;
  readonly prepared: PreparedResult;
  readonly cases: readonly MadeCase[];
}

export interface MadeCase {
  readonly scenario: Scenario;
  readonly oracles: readonly Oracle[];
  readonly results: ReadonlyMap<DemoMethod, UnlearnedResult>;
}

export interface Making {
  readonly plan: Plan;
  /** Of the original, before it is trained. */
  readonly manifest: RunManifest;
  readonly architecture: Model;
  readonly files: Files;
  readonly backend: BackendName;
  readonly workers: Workers;
  readonly cwd: string;
  oracleCache(scenario: Scenario): string;
  report(progress: Progress): void;
}

/**
 * Trains the original and the oracles, and lets every method answer both requests. The oracles do not need the original, so they are trained at the
 * same time; the requests come last, when every worker has warmed up, which makes their times comparable.
 */
export async function makeModels(making: Making): Promise<Made> {
  const { plan, files, workers, cwd } = making;
  const common = { data: { train: demoData }, without: [], recipe: plan.recipe };
  const track = progressOf(making);

  const original = track("original", (report) =>
    workers.run<"train">({ ...common, kind: "train", phase: "training", model: files }, { onProgress: report }),
  );
  const oracles = plan.scenarios.map((scenario) => track(`oracles ${scenario.id}`, (report) => oraclesOf(making, scenario, report)));

  const request = async (scenario: Scenario, method: DemoMethod, artifact: Artifact | undefined): Promise<UnlearnedResult> => {
    const { model } = await original;
    const job = {
      ...common,
      kind: "unlearn",
      phase: method,
      model,
      method,
      settings: {},
      seed: plan.seed,
      cwd,
      forget: scenario.selection,
      artifact,
    } as const;
    return track(`${method} ${scenario.id}`, (report) => workers.run<"unlearn">(job, { onProgress: report }));
  };
  const prepare = async (): Promise<PreparedResult> => {
    const { model } = await original;
    const job = { ...common, kind: "prepare", phase: "ssd", model, method: "ssd", settings: {}, seed: plan.seed, cwd } as const;
    return track("prepare", (report) => workers.run<"prepare">(job, { onProgress: report }));
  };
  const prepared = Promise.all(oracles).then(prepare);
  const answers = plan.scenarios.map(async (scenario) => {
    const { artifact } = await prepared;
    return Promise.all(
      demoMethods.map(async (method) => [method, await request(scenario, method, method === "ssd" ? artifact : undefined)] as const),
    );
  });

  const [trained, ready, gathered, results] = await Promise.all([original, prepared, Promise.all(oracles), Promise.all(answers)]);
  const cases = plan.scenarios.map((scenario, index) => ({ scenario, oracles: gathered[index], results: new Map(results[index]) }));
  return { original: trained, prepared: ready, cases };
}

function oraclesOf({ plan, manifest, architecture, backend, workers, cwd, oracleCache }: Making, scenario: Scenario, report: Making["report"]) {
  const setting = { manifest, recipe: plan.recipe, model: architecture, forgotten: scenario.forgotten, backend, cache: oracleCache(scenario) };
  return gatherOracles(setting, plan.oracles, { cwd, workers, report });
}

/** One bar for everything, each part weighing as many samples as go through the network. */
function progressOf({ plan, manifest, report }: Making): <Value>(name: string, work: (report: Making["report"]) => Promise<Value>) => Promise<Value> {
  const training = plan.recipe.epochs * manifest.data.size;
  const weights = new Map([
    ["original", training],
    ["prepare", manifest.data.size],
  ]);
  for (const { id, forgotten } of plan.scenarios) {
    const retained = manifest.data.size - forgotten.length;
    weights.set(`oracles ${id}`, plan.oracles * plan.recipe.epochs * retained);
    weights
      .set(`ssd ${id}`, forgotten.length)
      .set(`finetune ${id}`, 5 * retained)
      .set(`retrain ${id}`, plan.recipe.epochs * retained);
  }
  const names = [...weights.keys()];
  const reports = jointProgress("training and forgetting", "samples", [...weights.values()], report);
  return async (name, work) => {
    const own = reports[names.indexOf(name)];
    const value = await work(own);
    // What came from the cache has reported nothing.
    own({ phase: name, unit: "steps", completed: 1, total: 1 });
    return value;
  };
}
