import { rm } from "node:fs/promises";
import { createRandom, LetheError, type HostTensor } from "@lethe/core";
import { accuracy, planShadows, predictions, type ShadowPlan } from "@lethe/metrics";
import { onlyIds } from "../data/source.ts";
import type { AuditPlan } from "../experiment/experiment.ts";
import type { ShadowJob, ShadowRecording, ShadowResult } from "../jobs/job.ts";
import { methodFacts } from "../run/facts.ts";
import type { Making, ModelCache, PrepareRequest, TrainedModel } from "../run/model-cache.ts";
import { preparationOf } from "../run/preparation.ts";
import type { OpenProblem } from "../run/problem.ts";
import { controlName, type ChosenMethod } from "../run/rows.ts";
import { decodeJson, decodeTensors, encodeJson, encodeTensors } from "../store/encode.ts";
import { marginsOf, stacked } from "./margins.ts";

/** A plan of shadow models over part of a problem's training data. */
export interface Shadows {
  readonly audit: AuditPlan;
  readonly problem: OpenProblem;
  readonly plan: ShadowPlan;
  /** Ids of the pool: a position in it is what the plan calls a sample. */
  readonly pool: readonly string[];
  /** Ids of the attacked samples, in the order of all scores. */
  readonly attacked: readonly string[];
  /** Ids of test samples, which no model was trained with, in the order of their scores. */
  readonly population: readonly string[];
}

/** What takes the place of unlearning: a method, retraining (the best there is), or nothing (the worst). */
export type Treatment =
  | { readonly kind: "method"; readonly row: string; readonly method: ChosenMethod }
  | { readonly kind: "retrain" }
  | { readonly kind: "nothing" };

/** @throws LetheError `metrics/bad-plan`, `experiment/no-population`, `forget/bad-count`. */
export function planAudit(audit: AuditPlan, problem: OpenProblem): Shadows {
  const { train } = problem.data;
  const size = Math.min(audit.pool ?? train.size, train.size);
  const positions = createRandom(audit.name).split("pool").sample(train.size, size);
  const pool = Array.from(positions, (position) => train.ids[position]);
  const { models, targets, forgetSets, forgetSize } = audit;
  const ofClass = (label: number) => Array.from(positions.keys()).filter((index) => train.labels[positions[index]] === label);
  const candidates = audit.class === undefined ? {} : { candidates: ofClass(audit.class) };
  const plan = planShadows({ poolSize: size, models, targets, forgetSets, forgetSize, seed: audit.name, ...candidates });
  const attacked = Array.from(plan.attacked, (position) => pool[position]);
  return { audit, problem, plan, pool, attacked, population: drawPopulation(audit, problem) };
}

/** Of the attacked samples' own distribution: where one class is attacked, of that class. */
function drawPopulation({ name, class: label, population, attacks }: AuditPlan, { name: problem, data: { test } }: OpenProblem): readonly string[] {
  const candidates = test === undefined ? [] : test.ids.filter((_, row) => label === undefined || test.labels[row] === label);
  if (candidates.length === 0 && attacks.includes("rmia")) {
    const sentence = `The audit ${name} asks for rmia, but ${problem} has no test samples${label === undefined ? "" : ` of class ${label}`} to compare with; leave rmia out.`;
    throw new LetheError("experiment/no-population", sentence, { audit: name, problem });
  }
  const drawn = createRandom(name).split("population").sample(candidates.length, Math.min(population, candidates.length));
  return Array.from(drawn, (position) => candidates[position]);
}

export const shadowStages = {
  models: ({ audit }: Shadows) => `shadow-models ${audit.name}`,
  treatment: ({ audit }: Shadows, treatment: Treatment) => `treatment ${audit.name} ${nameOf(treatment)}`,
};

export function nameOf(treatment: Treatment): string {
  if (treatment.kind === "method") return treatment.row;
  return treatment.kind === "retrain" ? controlName : "do nothing";
}

/** Model `index` of the plan; every treatment starts from the same. */
export function trainShadow(shadows: Shadows, index: number, models: ModelCache): Promise<TrainedModel> {
  const { plan, pool, problem, audit } = shadows;
  const members = new Set(Array.from(plan.models[index].members, (position) => pool[position]));
  const without = problem.data.train.ids.filter((id) => !members.has(id));
  return models.train({ problem, without, seed: shadowSeed(audit, index), stage: shadowStages.models(shadows) });
}

export interface Treated {
  /** `[forget sets, attacked]` */
  readonly phi: HostTensor;
  /** `[forget sets, population]` */
  readonly population: HostTensor;
  readonly accuracies: readonly (number | null)[];
  readonly seconds: number;
}

/** Model `index` after each of its forget sets. */
export async function treatShadow(shadows: Shadows, index: number, treatment: Treatment, making: Making, models: ModelCache): Promise<Treated> {
  const model = await trainShadow(shadows, index, models);
  return treatment.kind === "nothing" ? untreated(shadows, index, model) : treated(shadows, index, model, treatment, making, models);
}

/** The scores that the model has as it is, once for each forget set. */
async function untreated({ problem, attacked, plan, population }: Shadows, index: number, model: TrainedModel): Promise<Treated> {
  const { train, test } = problem.data;
  const outputs = await model.outputs();
  const share = test === undefined ? null : accuracy(predictions(outputs.test), test.labels);
  const forEachSet = <Value>(value: Value): readonly Value[] => plan.models[index].forgetSets.map(() => value);
  return {
    phi: stacked(forEachSet(marginsOf(outputs.train, train, attacked)), attacked.length),
    population: stacked(forEachSet(test === undefined ? new Float64Array(0) : marginsOf(outputs.test, test, population)), population.length),
    accuracies: forEachSet(share),
    seconds: 0,
  };
}

async function treated(
  shadows: Shadows,
  index: number,
  model: TrainedModel,
  treatment: Exclude<Treatment, { kind: "nothing" }>,
  { workers, cwd, versions }: Making,
  models: ModelCache,
): Promise<Treated> {
  const { audit, problem, attacked, population } = shadows;
  const stage = shadowStages.treatment(shadows, treatment);
  const forgetSets = forgetSetsOf(shadows, index);
  const how = async (scratch: string): Promise<ShadowJob["how"]> => {
    if (treatment.kind === "retrain") return treatment;
    const { method } = treatment;
    const recorded = preparationOf(method) === "record" ? await recordedFor({ problem, original: model, method, stage }, models, scratch) : undefined;
    return { kind: "method", method: method.name, settings: method.settings, cwd, recorded };
  };
  type Kept = Omit<ShadowResult, "phi" | "population">;
  return models.keep({
    stage,
    facts: {
      kind: "shadow",
      model: model.facts,
      treatment: treatment.kind === "retrain" ? "retrain" : methodFacts(treatment.method),
      forgetSets,
      attacked,
      population,
      versions,
    },
    async make(watch, scratch) {
      const given = await how(scratch);
      const seed = shadowSeed(audit, index);
      const {
        phi,
        population: populationPhi,
        ...kept
      } = await workers.run<"shadow">(
        async () => ({
          kind: "shadow",
          phase: stage,
          data: problem.data.source,
          model: await model.files(),
          without: model.request.without,
          how: given,
          recipe: problem.recipe(seed),
          seed,
          forgetSets,
          attacked,
          population,
        }),
        watch,
      );
      await rm(scratch, { recursive: true, force: true });
      return { "shadow.json": encodeJson(kept), "phi.safetensors": encodeTensors({ phi, population: populationPhi }) };
    },
    read(files) {
      const { phi, population: populationPhi } = decodeTensors(files, "phi.safetensors");
      return { ...decodeJson<Kept>(files, "shadow.json"), phi, population: populationPhi };
    },
  });
}

async function recordedFor(request: PrepareRequest, models: ModelCache, to: string): Promise<ShadowRecording> {
  const recorded = await models.record(request);
  const [artifact, from] = [await recorded.artifact(), await recorded.folder()];
  return { artifact: artifact!, from: from!, to };
}

/** Ids, in the order of the data. */
function forgetSetsOf({ problem, plan, pool }: Shadows, index: number): readonly (readonly string[])[] {
  return plan.models[index].forgetSets.map((set) => {
    const ids = Array.from(set, (position) => pool[position]);
    return onlyIds(problem.data.train, ids, "the forget set").ids;
  });
}

export function shadowSeed({ name }: AuditPlan, index: number): string {
  return `${name}/shadow-${index}`;
}
