import { rm } from "node:fs/promises";
import { LetheError, encodeArtifact, isLetheError, type Cost, type Files, type Json, type OutcomeStatus } from "@lethe/core";
import type { BackendName } from "@lethe/backends";
import type { JobRunner } from "../jobs/turns.ts";
import type { LayerChange } from "../results/run-result.ts";
import { decodeJson, encodeJson } from "../store/encode.ts";
import type { Store } from "../store/store.ts";
import type { ChosenMethod } from "./rows.ts";
import { prepareFacts, trainFacts, unlearnFacts } from "./facts.ts";
import { createKeeper, type Keeper } from "./keeper.ts";
import { packageVersions } from "./package-versions.ts";
import type { OpenProblem } from "./problem.ts";
import type { Stages } from "./stages.ts";
import { following, prepareStage, preparationOf, type Following, type Prepared } from "./preparation.ts";
import { record } from "./record.ts";
import { artifactName, encodeOutputs, resultName, storedModel, type StoredModel } from "./stored-model.ts";

/** What all models of an experiment are made with. */
export interface Making {
  readonly store: Store;
  readonly workers: JobRunner;
  readonly stages: Stages;
  readonly backend: BackendName;
  /** Of every package that has a part in the numbers; part of every key. */
  readonly versions: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface TrainRequest {
  readonly problem: OpenProblem;
  /** Ids of training samples to leave out. */
  readonly without: readonly string[];
  readonly seed: number | string;
  readonly stage: string;
}

export interface PrepareRequest {
  readonly problem: OpenProblem;
  readonly original: TrainedModel;
  readonly method: ChosenMethod;
  readonly stage: string;
}

export interface UnlearnRequest extends PrepareRequest {
  /** Ids. */
  readonly forget: readonly string[];
  readonly seed: string;
  /** What the same method made of the original by the requests before; undefined for the first. */
  readonly after?: Answered | undefined;
  /** Whether a further request may follow. Artifacts are large, recordings larger. Default dropped. */
  readonly artifact?: "kept" | "dropped";
}

/** The last of the answers so far, and the ids that all of them were to forget. */
export interface Answered {
  readonly model: UnlearnedModel;
  readonly forgotten: readonly string[];
}

export interface TrainedModel extends StoredModel {
  readonly weights: string;
  readonly loss: number | null;
  readonly cost: Cost;
  /** As it was asked for. */
  readonly request: TrainRequest;
}

export interface UnlearnedModel extends StoredModel, Following {
  readonly weights: string;
  readonly options: Json;
  readonly status: OutcomeStatus;
  readonly message: string;
  readonly report: { readonly [key: string]: Json };
  readonly cost: Cost;
  /** Null for a method that prepares nothing. */
  readonly preparation: Cost | null;
  readonly layers: readonly LayerChange[];
  readonly moved: number | null;
}

/** Makes models, each at most once: whoever asks for the same again, in this run or a later one, gets what is there. What is made of models is kept beside them. */
export interface ModelCache extends Keeper {
  /** @throws LetheError `result/non-finite`, and what the job throws. */
  train(request: TrainRequest): Promise<TrainedModel>;
  prepare(request: PrepareRequest): Promise<Prepared>;
  /** For methods that have to watch the training. */
  record(request: PrepareRequest): Promise<Prepared>;
  /** Prepares before a first request, or records, where the method does. */
  unlearn(request: UnlearnRequest): Promise<UnlearnedModel>;
}

/** @param keeper shared by caches that have the same things made, at other turns. */
export function createModelCache(making: Making, keeper: Keeper = createKeeper(making.store, making.stages)): ModelCache {
  let installed: Promise<Making["versions"]> | undefined;
  const cache: ModelCache = {
    ...keeper,
    async train(request) {
      installed ??= packageVersions();
      const versions = { ...making.versions, installed: await installed };
      const facts = await trainFacts({ backend: making.backend, versions }, request);
      return train(making, keeper, request, facts);
    },
    prepare: (request) => prepare(making, keeper, request),
    record: (request) => record(making, keeper, request),
    async unlearn(request) {
      const how = request.after === undefined ? preparationOf(request.method) : "none";
      return unlearn(making, keeper, request, how === "none" ? undefined : await cache[how](request));
    },
  };
  return cache;
}

async function train({ workers, store }: Making, { keep }: Keeper, request: TrainRequest, facts: Json): Promise<TrainedModel> {
  const { problem, without, seed, stage } = request;
  type Summary = Pick<TrainedModel, "weights" | "loss" | "cost">;
  try {
    const summary = await keep<Summary>({
      stage,
      facts,
      async make(watch) {
        const job = { kind: "train", phase: stage, data: problem.data.source, model: problem.architecture, without } as const;
        const { model, outputs, ...rest } = await workers.run<"train">({ ...job, recipe: problem.recipe(seed), outputs: "logits" }, watch);
        return { ...model, ...encodeOutputs(outputs), [resultName]: encodeJson(rest) };
      },
      read: (files) => decodeJson(files, resultName),
    });
    return { ...summary, request, ...storedModel(store, facts) };
  } catch (error) {
    if (!isLetheError(error) || error.code !== "train/non-finite") throw error;
    const sentence = `A model of ${problem.name} could not be trained with the seed ${seed}: ${error.message}`;
    throw new LetheError("result/non-finite", sentence, { problem: problem.name, seed }, { cause: error });
  }
}

async function prepare({ workers, store, cwd }: Making, { keep }: Keeper, { problem, original, method, stage }: PrepareRequest): Promise<Prepared> {
  const facts = prepareFacts(original.facts, method);
  const { cost } = await keep<{ readonly cost: Cost }>({
    stage: prepareStage(stage),
    facts,
    async make(watch) {
      const { without, seed } = original.request;
      const { artifact, cost: spent } = await workers.run<"prepare">(
        async () => ({
          kind: "prepare",
          phase: stage,
          data: problem.data.source,
          model: await original.files(),
          without,
          recipe: problem.recipe(seed),
          method: method.name,
          settings: method.settings,
          seed: `${seed}/prepare`,
          cwd,
        }),
        watch,
      );
      return { ...(artifact === undefined ? {} : { [artifactName]: encodeArtifact(artifact) }), [resultName]: encodeJson({ cost: spent }) };
    },
    read: (files) => decodeJson(files, resultName),
  });
  return { cost, ...following(store, facts) };
}

async function unlearn(
  { workers, store, cwd }: Making,
  { keep }: Keeper,
  { problem, original, method, forget, seed, stage, after, artifact: keeping = "dropped" }: UnlearnRequest,
  prepared: Prepared | undefined,
): Promise<UnlearnedModel> {
  const from = after?.model ?? original;
  const facts = await unlearnFacts(from.facts, method, forget, seed, keeping);
  const source = prepared ?? after?.model;
  type Summary = Omit<UnlearnedModel, keyof Following | keyof StoredModel>;
  const summary = await keep<Summary>({
    stage,
    facts,
    async make(watch, scratch) {
      const { without, seed: trainingSeed } = original.request;
      const recorded = async () => {
        const folder = preparationOf(method) === "record" ? await source?.folder() : undefined;
        return folder === undefined ? undefined : { from: folder, to: scratch };
      };
      const { model, outputs, artifact, ...result } = await workers.run<"unlearn">(
        async () => ({
          kind: "unlearn",
          phase: stage,
          data: problem.data.source,
          model: await from.files(),
          without: [...without, ...(after?.forgotten ?? [])],
          recipe: problem.recipe(trainingSeed),
          method: method.name,
          settings: method.settings,
          seed,
          cwd,
          forget,
          artifact: await source?.artifact(),
          recorded: await recorded(),
          outputs: "logits",
        }),
        watch,
      );
      const { weights, options, status, message, report, cost, preparation, layers, moved } = result;
      const summarised: Summary = { weights, options, status, message, report, cost, preparation: preparation ?? null, layers, moved };
      if (keeping === "dropped") await rm(scratch, { recursive: true, force: true });
      const kept: Files = keeping === "kept" && artifact !== undefined ? { [artifactName]: encodeArtifact(artifact) } : {};
      return { ...model, ...encodeOutputs(outputs), ...kept, [resultName]: encodeJson(summarised) };
    },
    read: (files) => decodeJson(files, resultName),
  });
  return {
    ...summary,
    preparation: prepared?.cost ?? summary.preparation,
    ...storedModel(store, facts),
    ...following(store, facts),
  };
}
