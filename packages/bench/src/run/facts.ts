import type { BackendName } from "@lethe/backends";
import type { Json } from "@lethe/core";
import { keyOf } from "../store/key.ts";
import type { ChosenMethod } from "./rows.ts";
import type { OpenProblem } from "./problem.ts";

// What decides each result, spelled out: a fact that is missing here would give one experiment the results of another.

/** Long lists of ids would hide the other facts. Their order is none. */
async function namesOf(ids: readonly string[]): Promise<Json> {
  return { count: ids.length, hash: await keyOf(ids.toSorted()) };
}

interface Training {
  readonly problem: OpenProblem;
  readonly without: readonly string[];
  readonly seed: number | string;
}

/** Data, architecture, recipe with batch size and seed, backend, and the versions of all packages: a change of any of them means another model. */
export async function trainFacts(
  { backend, versions }: { readonly backend: BackendName; readonly versions: Json },
  { problem, without, seed }: Training,
): Promise<Json> {
  const { validationHash } = problem;
  return {
    kind: "train",
    data: { train: problem.trainHash, test: problem.testHash, ...(validationHash === undefined ? {} : { validation: validationHash }) },
    without: await namesOf(without),
    architecture: problem.config,
    recipe: problem.recipe(seed) as unknown as Json,
    backend,
    versions,
  };
}

/** Options with their defaults, as a later version may have others. */
export function methodFacts({ source, version, content, configured }: ChosenMethod): Json {
  return { source, version: version ?? null, content: content ?? null, id: configured.method.id, options: configured.options as Json };
}

/** @param model its own facts. */
export function prepareFacts(model: Json, method: ChosenMethod): Json {
  return { kind: "prepare", model, method: methodFacts(method) };
}

/**
 * Rows that differ in other options than the recorder reads share a recording.
 *
 * @param model facts of the model that the same training leads to, unwatched.
 */
export function recordFacts(model: Json, method: ChosenMethod): Json {
  const { options, ...facts } = methodFacts(method) as { readonly options: Readonly<Record<string, Json>> };
  const read = method.configured.method.recorderOptions;
  const left = read === undefined ? options : Object.fromEntries(Object.entries(options).filter(([name]) => read.includes(name)));
  return { kind: "record", model, method: { ...facts, options: left } };
}

/**
 * @param model its own facts: the trained model's, or those of the answer before.
 * @param artifact whether what the method left for the next request lies beside the model.
 */
export async function unlearnFacts(
  model: Json,
  method: ChosenMethod,
  forget: readonly string[],
  seed: string,
  artifact: "kept" | "dropped",
): Promise<Json> {
  return { kind: "unlearn", model, method: methodFacts(method), forget: await namesOf(forget), seed, artifact };
}
