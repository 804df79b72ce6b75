import { LetheError, createRandom, type Dataset, type Random } from "@lethe/core";
import { accuracy, predictions, tugOfWar, type Accuracies } from "@lethe/metrics";
import { onlyIds, withoutIds } from "../data/source.ts";
import type { SearchRange } from "../experiment/schema.ts";
import type { LoadMethod, SpokenLogits } from "../jobs/job.ts";
import type { SearchSummary } from "../results/run-result.ts";
import { isMethodsOwn } from "./failures.ts";
import type { ModelCache, TrainedModel, UnlearnedModel } from "./model-cache.ts";
import type { OpenProblem } from "./problem.ts";
import { siblingRequest } from "./requests.ts";
import { choose, type ChosenMethod, type MethodRow } from "./rows.ts";

interface SearchSetting {
  readonly problem: OpenProblem;
  readonly scenario: string;
  /** As the experiment file has it. */
  readonly forget: string;
  readonly trials: number;
  readonly loadMethod: LoadMethod;
  readonly cwd: string;
  readonly models: ModelCache;
}

export interface SearchOutcome {
  readonly method: ChosenMethod;
  readonly summary: SearchSummary;
}

/** Part of the training data that the models of a search are not trained on: their test data. The real test data takes no part. */
const validationShare = 0.2;
const validationOracles = 2;
const seed = "search";

export const searchTrainings = 1 + validationOracles;
export const searchStage = (row: string, problem: string) => `search ${row} ${problem}`;
export const searchModelsStage = (problem: string) => `search-models ${problem}`;

/**
 * Chooses the options of a method by trials: every method gets the same number. Trials run on models that take no part in the evaluation, trained on 80% of the
 * training data, with another forget set of the same kind; the score is the tug-of-war with models retrained without it, the other 20% in the place of
 * the test data. The first trial is the options as they are given, so that searching never ends worse than not searching, by this score.
 *
 * @throws LetheError `experiment/search-failed` where no trial worked, or no draw was accepted as options; `forget/...`; and what training throws.
 */
export async function searchOptions(setting: SearchSetting, row: SearchedRow): Promise<SearchOutcome> {
  const { problem, models, trials, cwd, loadMethod } = setting;
  const random = createRandom(seed).split(problem.name, setting.scenario, row.name);
  const { train } = problem.data;
  const validation = Array.from(
    createRandom(seed)
      .split("validation")
      .sample(train.size, Math.round(validationShare * train.size)),
    (at) => train.ids[at],
  );
  const request = await siblingRequest(setting.forget, withoutIds(train, validation), seed, cwd);
  const stage = searchModelsStage(problem.name);
  const original = await models.train({ problem, without: validation, seed, stage });
  const retrained = (index: number) =>
    models.train({ problem, without: [...validation, ...request.ids], seed: `${seed}/oracle-${index + 1}`, stage });
  const oracles = await Promise.all(Array.from({ length: validationOracles }, (_, index) => retrained(index)));
  const measure = measurer(train, validation, request.ids, request.forgottenClass);
  const target = meanOf(await Promise.all(oracles.map(async (oracle) => measure(await oracle.outputs()))));

  const candidates = Array.from({ length: trials }, (_, trial) => ({
    ...row.options,
    ...(trial === 0 ? {} : draw(row.space, random.split("trial", trial))),
  }));
  const attempt = async (settings: Readonly<Record<string, unknown>>): Promise<Trial> => {
    try {
      const method = await choose(row.method, settings, loadMethod, cwd);
      const asked = { problem, original, method, forget: request.ids, seed: `${seed}/request`, stage: searchStage(row.name, problem.name) };
      const unlearned = await models.unlearn(asked);
      return { method, unlearned, score: tugOfWar(measure(await unlearned.outputs()), target) };
    } catch (error) {
      // Options that do not go together are a trial that failed.
      if (!isMethodsOwn(error)) throw error;
      return { failure: error };
    }
  };
  const results = await Promise.all(candidates.map(attempt));
  const scores = results.map((result) => ("score" in result ? result.score : null));
  const chosen = scores.reduce<number>((best, score, trial) => ((score ?? -1) > (scores[best] ?? -1) ? trial : best), 0);
  const best = results[chosen];
  expectSearched(row, results);
  if (!("score" in best)) throw searchFailed(row, best.failure);
  const seconds = secondsOf(
    [original, ...oracles],
    results.flatMap((result) => ("score" in result ? [result.unlearned] : [])),
  );
  return { method: best.method, summary: { trials, seconds, scores, chosen } };
}

export type SearchedRow = MethodRow & { readonly space: NonNullable<MethodRow["space"]> };

type Trial = { readonly method: ChosenMethod; readonly unlearned: UnlearnedModel; readonly score: number } | { readonly failure: LetheError };

/** If the method takes none of the drawn options, a range is misspelt or out of place; the given options would win unopposed and pass for the best of many. */
function expectSearched(row: SearchedRow, [, ...drawn]: readonly Trial[]): void {
  const refused = drawn.flatMap((trial) => ("failure" in trial && trial.failure.code === "options/invalid" ? [trial.failure] : []));
  if (refused.length > 0 && refused.length === drawn.length) throw searchFailed(row, refused[0]);
}

function searchFailed({ name }: SearchedRow, { code, message }: LetheError): LetheError {
  const sentence = `The search of ${name} failed; see whether its options and ranges go together. ${message}`;
  return new LetheError("experiment/search-failed", sentence, { method: name, code });
}

/**
 * One value for each option; independent draws, which for a handful of trials in few dimensions are as good as any plan. Uniform over the choices, over
 * [from, to), or, on a logarithmic scale, of the logarithm.
 *
 * @example
 * const { alpha } = draw({ alpha: { from: 0.1, to: 100, scale: "logarithmic" } }, createRandom(1));
 * alpha >= 0.1 && alpha < 100; // true
 */
export function draw(space: Readonly<Record<string, SearchRange>>, random: Random): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(space).map(([option, range]) => {
      // A stream of its own for each, so that the order in which they are written does not matter.
      const own = random.split(option);
      if ("choices" in range) return [option, range.choices[own.integer(range.choices.length)]];
      const { from, to, scale } = range;
      const u = own.uniform();
      return [option, scale === "logarithmic" ? Math.min(from * (to / from) ** u, to) : from + u * (to - from)];
    }),
  );
}

function measurer(train: Dataset, validation: readonly string[], forgotten: readonly string[], forgottenClass: number | null) {
  const position = new Map(train.ids.map((id, index) => [id, index]));
  const rows = (ids: readonly string[]) => ids.map((id) => position.get(id)!);
  const sets = {
    retain: rows(withoutIds(train, [...validation, ...forgotten]).ids),
    forget: rows(forgotten),
    test: rows(onlyIds(train, validation, "validation").ids).filter((row) => train.labels[row] !== forgottenClass),
  };
  return ({ train: logits }: SpokenLogits): Accuracies => {
    const predicted = predictions(logits);
    const share = (chosen: readonly number[]) =>
      accuracy(
        chosen.map((row) => predicted[row]),
        chosen.map((row) => train.labels[row]),
      ) ?? 0;
    return { retain: share(sets.retain), forget: share(sets.forget), test: share(sets.test) };
  };
}

function meanOf(all: readonly Accuracies[]): Accuracies {
  const mean = (name: keyof Accuracies) => all.reduce((sum, each) => sum + each[name], 0) / all.length;
  return { retain: mean("retain"), forget: mean("forget"), test: mean("test") };
}

function secondsOf(trained: readonly TrainedModel[], unlearned: readonly UnlearnedModel[]): number {
  const requests = unlearned.map(({ cost, preparation }) => cost.seconds + (preparation?.seconds ?? 0));
  return [...trained.map(({ cost }) => cost.seconds), ...requests].reduce((sum, each) => sum + each, 0);
}
