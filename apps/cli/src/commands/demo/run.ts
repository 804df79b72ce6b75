import { openWorkers } from "../../jobs/workers.ts";
import { buildNetwork, decodeNetwork, encodeNetwork, labelsOf, loadData, logitsOf, setsOf, type UnlearnedResult } from "@lethe/bench";
import { join } from "node:path";
import { Model, createContext, type Context, type Dataset, type Files } from "@lethe/core";
import type { ChosenBackend } from "@lethe/backends";
import { evaluate, type Evaluation } from "@lethe/metrics";
import type { Values } from "../../command-line/options.ts";
import { openBackend } from "../../compute/backend.ts";
import type { RunManifest } from "../../runs/manifest.ts";
import type { Session } from "../../session.ts";
import { versions } from "../../versions.ts";
import type { demoOptions } from "../demo.ts";
import { demoBuilder, demoData, planDemo, type DemoMethod, type Plan, type Scenario } from "./plan.ts";
import { saveDemo } from "./save.ts";
import { makeModels, type Made, type MadeCase } from "./work.ts";

export interface JudgedRow {
  readonly method: DemoMethod;
  readonly result: UnlearnedResult;
  readonly evaluation: Evaluation;
}

export interface JudgedCase {
  readonly scenario: Scenario;
  readonly rows: readonly JudgedRow[];
  readonly oracleSeconds: readonly number[];
}

export interface Demo {
  readonly plan: Plan;
  readonly backend: string;
  readonly workers: number;
  readonly size: number;
  readonly made: Pick<Made, "original" | "prepared">;
  readonly cases: readonly JudgedCase[];
  readonly seconds: number;
}

/** Makes all the models of the plan, saves them and judges them. */
export async function runDemo(folder: string, given: Values<typeof demoOptions>, session: Session): Promise<Demo> {
  const started = performance.now();
  const { cwd, signal } = session.environment;
  const { train, test } = await loadData({ train: demoData });
  const plan = planDemo(train, given);
  const backend = await openBackend(given.backend);
  const workers = openWorkers({ backend: backend.name, jobs: 3 + 2 * plan.oracles, signal, count: given.workers });
  const architecture = new Model(buildNetwork(demoBuilder, train));
  try {
    const manifest = await manifestOf(train, plan, backend);
    const files = await encodeNetwork(architecture.network);
    session.note(
      `${demoBuilder} on ${demoData}, ${backend.name} backend, ${workers.count} at a time: 1 original, ${2 * plan.oracles} oracles, 6 requests`,
    );
    const oracleCache = ({ id }: Scenario) => join(folder, id, ".oracles");
    const made = await makeModels({
      plan,
      manifest,
      architecture,
      files,
      backend: backend.name,
      workers,
      cwd,
      oracleCache,
      report: session.progress.report,
    });
    await saveDemo(folder, manifest, made);
    const context = createContext({ signal });
    const cases: JudgedCase[] = [];
    for (const each of made.cases) cases.push(await judgeCase(each, made.original.model, train, test!, context));
    const seconds = (performance.now() - started) / 1000;
    return { plan, backend: backend.name, workers: workers.count, size: train.size, made, cases, seconds };
  } finally {
    architecture.dispose();
    await workers.close();
  }
}

async function manifestOf(train: Dataset, { recipe }: Plan, backend: ChosenBackend): Promise<RunManifest> {
  return {
    format: "lethe/run",
    version: 1,
    data: { train: demoData, hash: await train.hash(), size: train.size },
    model: { builder: demoBuilder },
    recipe,
    backend: backend.name,
    versions: versions(backend),
    weights: null,
    training: null,
    forgotten: [],
    lineage: [],
  };
}

async function judgeCase(
  { scenario, oracles, results }: MadeCase,
  originalFiles: Files,
  train: Dataset,
  test: Dataset,
  context: Context,
): Promise<JudgedCase> {
  const sets = setsOf(train, test, scenario.forgotten);
  const speak = async (files: Files) => {
    const model = new Model(await decodeNetwork(files));
    try {
      return await logitsOf(model, sets, context);
    } finally {
      model.dispose();
    }
  };
  const spoken = [];
  for (const { network } of oracles) {
    spoken.push(await logitsOf(new Model(network), sets, context));
    network.dispose();
  }
  const original = await speak(originalFiles);
  const forgottenClasses = "class" in scenario.selection ? [scenario.selection.class] : [];
  const rows: JudgedRow[] = [];
  for (const [method, result] of results) {
    const evaluation = evaluate({ labels: labelsOf(sets), original, unlearned: await speak(result.model), oracles: spoken, forgottenClasses });
    rows.push({ method, result, evaluation });
  }
  return { scenario, rows, oracleSeconds: oracles.map(({ seconds }) => seconds) };
}
