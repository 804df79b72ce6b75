import type { Json } from "@lethe/core";
import type { JudgedResult } from "../jobs/job.ts";
import type { RunResult, SearchSummary } from "../results/run-result.ts";
import { decodeJson, encodeJson } from "../store/encode.ts";
import type { SequencePlace } from "../experiment/experiment.ts";
import type { Answered, Making, ModelCache, TrainedModel, UnlearnedModel } from "./model-cache.ts";
import type { OpenProblem } from "./problem.ts";
import { idsOfAll, requestSeed, type EarlierRequest, type ForgetRequest } from "./requests.ts";
import { controlName, originOf, type ChosenMethod } from "./rows.ts";

/** One scenario of one problem with one seed: what all its rows share. */
export interface Cell {
  readonly experiment: string;
  readonly problem: OpenProblem;
  readonly scenario: string;
  readonly seed: number;
  readonly seeds: CellSeeds;
  readonly request: ForgetRequest;
  /** Answered before it, in this order. */
  readonly earlier: readonly EarlierRequest[];
  /** Where the request is one of several that follow one another. */
  readonly sequence: SequencePlace | undefined;
  readonly metrics: readonly string[] | undefined;
}

/** What each random choice of a cell follows from. */
export interface CellSeeds {
  /** Of the original's recipe. */
  readonly original: number | string;
  /** Of each retrained model's recipe. */
  readonly oracles: readonly string[];
  /** Of the recipe of one more retrained model. */
  readonly control: string;
  /** Of a method's answer. */
  readonly request: string;
  /** Of the attacks' random halves. */
  readonly evaluation: number;
}

/** One row of a cell. */
export interface CellRow {
  readonly name: string;
  readonly method: ChosenMethod;
  /** Null where the options were given. */
  readonly search: SearchSummary | null;
}

/** @param before how many requests were answered before. */
export function cellSeeds(seed: number, oracles: number, before: number): CellSeeds {
  return {
    original: seed,
    oracles: Array.from({ length: oracles }, (_, index) => `${seed}/oracle-${index + 1}`),
    control: `${seed}/control`,
    request: requestSeed(seed, before),
    evaluation: 0,
  };
}

export const stageOf = {
  originals: (problem: string) => `originals ${problem}`,
  oracles: (problem: string) => `oracles ${problem}`,
  method: (row: string, problem: string) => `method ${row} ${problem}`,
  judging: (problem: string) => `judging ${problem}`,
};

/** All that should be forgotten by now. */
function forgottenIn({ earlier, request }: Cell): readonly string[] {
  return idsOfAll([...earlier, request]);
}

/** The classes that were forgotten as wholes; none where anything else was forgotten too. */
function forgottenClassesIn({ earlier, request }: Cell): readonly number[] {
  const classes = [...earlier, request].map(({ forgottenClass }) => forgottenClass);
  return classes.every((label) => label !== null) ? classes : [];
}

/** A method's answer to the request, and to those before it, judged beside the oracles. */
export async function runRow(cell: Cell, row: CellRow, making: Making, models: ModelCache): Promise<RunResult> {
  const { problem, seeds, request, earlier } = cell;
  const stage = stageOf.method(row.name, problem.name);
  const answer = async () => {
    const original = await trainOriginal(cell, models);
    // A lock names the requests before its own, not the sequence that they are part of.
    const artifact = cell.sequence === undefined && earlier.length === 0 ? "dropped" : "kept";
    const answerTo = ({ ids, seed }: { readonly ids: readonly string[]; readonly seed: string }, after: Answered | undefined) =>
      models.unlearn({ problem, original, method: row.method, forget: ids, seed, stage, after, artifact });
    let after: Answered | undefined;
    for (const past of earlier) after = { model: await answerTo(past, after), forgotten: [...(after?.forgotten ?? []), ...past.ids] };
    return { original, unlearned: await answerTo({ ids: request.ids, seed: seeds.request }, after), row };
  };
  const [candidate, oracles] = await Promise.all([answer(), trainOracles(cell, models)]);
  return judged(cell, row.name, "method", { ...candidate, oracles }, making, models);
}

/** One more retrained model, judged as if a method had made it: a metric that it fails is too strict, or broken. */
export async function runControl(cell: Cell, making: Making, models: ModelCache): Promise<RunResult> {
  const control = retrain(cell, cell.seeds.control, models);
  const [original, oracles, unlearned] = await Promise.all([trainOriginal(cell, models), trainOracles(cell, models), control]);
  return judged(cell, controlName, "control", { original, unlearned, oracles, row: undefined }, making, models);
}

function trainOriginal({ problem, seeds }: Cell, models: ModelCache): Promise<TrainedModel> {
  return models.train({ problem, without: [], seed: seeds.original, stage: stageOf.originals(problem.name) });
}

function trainOracles(cell: Cell, models: ModelCache): Promise<readonly TrainedModel[]> {
  return Promise.all(cell.seeds.oracles.map((seed) => retrain(cell, seed, models)));
}

function retrain(cell: Cell, seed: string, models: ModelCache): Promise<TrainedModel> {
  const { problem } = cell;
  return models.train({ problem, without: forgottenIn(cell), seed, stage: stageOf.oracles(problem.name) });
}

interface Judged {
  readonly original: TrainedModel;
  readonly unlearned: UnlearnedModel | TrainedModel;
  readonly oracles: readonly TrainedModel[];
}

interface Candidate extends Judged {
  readonly row: CellRow | undefined;
}

async function judged(
  cell: Cell,
  name: string,
  role: RunResult["role"],
  { original, unlearned, oracles, row }: Candidate,
  making: Making,
  models: ModelCache,
): Promise<RunResult> {
  const { problem, seed, sequence } = cell;
  const { evaluation, details } = await judge(cell, { original, unlearned, oracles }, making, models);
  const answered = "status" in unlearned ? unlearned : undefined;
  return {
    format: "lethe/result",
    version: 1,
    experiment: cell.experiment,
    id: `${problem.name}/${cell.scenario}/${role === "control" ? "control" : name}/seed-${seed}`,
    problem: problem.name,
    scenario: cell.scenario,
    method: name,
    seed,
    forgotten: cell.request.words,
    ...(sequence === undefined ? {} : { sequence }),
    classNames: problem.data.train.classNames ?? [],
    role,
    lock: lockOf(cell, row, answered, making),
    outcome: {
      status: answered?.status ?? "completed",
      message: answered?.message ?? "The model was retrained without the forget set, like the oracles.",
      report: answered?.report ?? {},
    },
    cost: {
      request: unlearned.cost,
      preparation: answered?.preparation ?? null,
      search: row?.search ?? null,
      training: original.cost,
      oracleSeconds: oracles.map(({ cost }) => cost.seconds),
    },
    weights: { original: original.weights, unlearned: unlearned.weights, oracles: oracles.map(({ weights }) => weights) },
    evaluation,
    details: { ...details, layers: answered?.layers ?? [], moved: answered?.moved ?? null },
  };
}

async function judge(cell: Cell, { original, unlearned, oracles }: Judged, { workers, versions }: Making, models: ModelCache): Promise<JudgedResult> {
  const { problem, seeds, metrics } = cell;
  const stage = stageOf.judging(problem.name);
  const forgotten = { forgotten: forgottenIn(cell), forgottenClasses: forgottenClassesIn(cell) };
  return models.keep({
    stage,
    facts: {
      kind: "judge",
      original: original.facts,
      unlearned: unlearned.facts,
      oracles: oracles.map(({ facts }) => facts),
      ...forgotten,
      seed: seeds.evaluation,
      metrics: metrics ?? null,
      // The same training data may be poisoned in one way or another.
      ...(problem.data.poisoned === undefined ? {} : { poison: problem.data.poisoned.recipe as Json }),
      versions,
    },
    async make(watch) {
      const result = await workers.run<"judge">(
        async () => ({
          kind: "judge",
          phase: stage,
          data: problem.data.source,
          ...forgotten,
          builder: problem.builder,
          seed: seeds.evaluation,
          original: await original.outputs(),
          unlearned: await unlearned.outputs(),
          oracles: await Promise.all(oracles.map((oracle) => oracle.outputs())),
          metrics,
        }),
        watch,
      );
      return { "judged.json": encodeJson(result) };
    },
    read: (files) => decodeJson<JudgedResult>(files, "judged.json"),
  });
}

function lockOf(cell: Cell, row: CellRow | undefined, answered: UnlearnedModel | undefined, { backend, versions }: Making): RunResult["lock"] {
  const { problem, request, earlier, seeds, metrics } = cell;
  const { source, train, test } = problem.data;
  return {
    data: { ...source, trainHash: problem.trainHash, testHash: problem.testHash, trainSize: train.size, testSize: test?.size ?? 0 },
    forget: { kind: request.kind, ids: request.ids },
    ...(earlier.length === 0 ? {} : { earlier: earlier.map(({ kind, ids, seed }) => ({ kind, ids, seed })) }),
    model: { builder: problem.builder },
    recipe: problem.recipe(seeds.original),
    oracleSeeds: seeds.oracles,
    method: {
      ...(row === undefined ? { name: "control", package: null, version: null } : originOf(row.method)),
      options: answered?.options ?? {},
      seed: row === undefined ? seeds.control : seeds.request,
    },
    evaluationSeed: seeds.evaluation,
    metrics: metrics ?? null,
    backend,
    versions: { ...versions, node: process.versions.node },
  };
}
