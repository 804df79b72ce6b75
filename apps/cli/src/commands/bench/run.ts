import { join, resolve } from "node:path";
import {
  finishResults,
  readExperiment,
  runExperiment,
  saveResult,
  summarise,
  type Estimate,
  type Experiment,
  type ExperimentResults,
  type Progressing,
  type Summary,
} from "@lethe/bench";
import { readFileChecked } from "@lethe/core/files";
import type { Values } from "../../command-line/options.ts";
import { openBackend } from "../../compute/backend.ts";
import { openWorkers } from "../../jobs/workers.ts";
import { chooseConfigured } from "../../methods/option.ts";
import type { Session } from "../../session.ts";
import { duration, plural } from "../../terminal/format.ts";
import { packageVersions } from "../../versions.ts";
import type { benchOptions } from "../bench.ts";
import { derivedFiles } from "./derived.ts";
import { expectResultsFolder } from "./expect-folder.ts";
import { stagePicture } from "./stage-picture.ts";

export interface Bench {
  /** As it may be written on a command line. */
  readonly folder: string;
  readonly results: ExperimentResults;
  readonly summary: Summary;
  readonly estimate: Estimate | null;
  readonly seconds: number;
  /** Pieces of work: trainings, requests, comparisons. */
  readonly work: { readonly done: number; readonly found: number };
  readonly backend: string;
  readonly workers: number;
}

/** Runs the experiment of a file, or what is left of it, and writes everything that is known about it. */
export async function runBench(path: string, given: Values<typeof benchOptions>, session: Session): Promise<Bench> {
  const started = performance.now();
  const { cwd, signal } = session.environment;
  const experiment = readExperiment(new TextDecoder().decode(await readFileChecked(resolve(cwd, path))), path);
  const shown = given.out ?? join("results", experiment.name);
  const folder = resolve(cwd, shown);
  await expectResultsFolder(folder, experiment.name);
  const backend = await openBackend(given.backend);
  const workers = openWorkers({ backend: backend.name, jobs: leastWork(experiment), signal, count: given.workers });
  let estimate: Estimate | null = null;
  let last: Progressing | undefined;
  try {
    session.note(`${inWords(experiment)}; ${backend.name} backend, ${workers.count} at a time`);
    const results = await runExperiment({
      experiment,
      cache: resolve(cwd, given.cache ?? defaultCache),
      workers,
      backend: backend.name,
      versions: packageVersions(backend),
      loadMethod: chooseConfigured,
      cwd,
      onProgress(progressing) {
        last = progressing;
        session.live.show(stagePicture(progressing, session.style));
      },
      onEstimate(found) {
        estimate = found;
        session.note(estimateInWords(found));
      },
      onResult: (result) => saveResult(folder, result),
    });
    session.clear();
    await finishResults(folder, results, derivedFiles(results));
    const total = (of: (stage: Progressing["stages"][number]) => number) => (last?.stages ?? []).reduce((sum, stage) => sum + of(stage), 0);
    return {
      folder: shown,
      results,
      summary: summarise(results),
      estimate,
      seconds: (performance.now() - started) / 1000,
      work: { done: total((stage) => stage.done), found: total((stage) => stage.found) },
      backend: backend.name,
      workers: workers.count,
    };
  } finally {
    session.clear();
    await workers.close();
  }
}

/** Kept where the work is done, and shared by all experiments there. */
export const defaultCache = join(".lethe", "cache");

export function estimateInWords({ seconds, trainings, requests }: Estimate): string {
  return `About ${duration(seconds)} for ${plural(trainings, "training")} and ${plural(requests, "request")}`;
}

/** So many trainings there are at least, and more workers are of no use. */
function leastWork({ problems, scenarios, audits }: Experiment): number {
  const shadows = audits.reduce((sum, { models, targets }) => sum + models + targets, 0);
  const ofProblem = ({ seeds, oracles }: Experiment["problems"][number]) => seeds.length * (1 + scenarios.length * (oracles + 1));
  return shadows + problems.reduce((sum, problem) => sum + ofProblem(problem), 0);
}

function inWords({ name, problems, scenarios, methods, seeds, oracles }: Experiment): string {
  const parts = [
    plural(problems.length, "problem"),
    plural(scenarios.length, "scenario"),
    plural(methods.length, "method"),
    plural(seeds.length, "seed"),
    plural(oracles, "oracle"),
  ];
  return `${name}: ${parts.join(", ")}`;
}
