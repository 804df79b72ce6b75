import { shadowStages, type Shadows, type Treatment } from "../audits/shadows.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { stageOf } from "./cell.ts";
import { prepareStage, preparationOf } from "./preparation.ts";
import type { ChosenMethod, MethodRow } from "./rows.ts";
import type { Scene } from "./scenes.ts";
import { searchModelsStage, searchStage, searchTrainings } from "./search.ts";
import type { Stages } from "./stages.ts";

/** How much there is to do, in models to train and requests to answer. */
export interface Amount {
  /** With those that make an audit's control, and those that a method has to watch. */
  readonly trainings: number;
  /** With the trials of searches; preparations are none. */
  readonly requests: number;
}

/** An audit, and what it is to compare. */
export interface PlannedAudit {
  readonly shadows: Shadows;
  readonly treatments: readonly Treatment[];
}

/** What a request takes, in units of a training, before one was seen. */
const shareOfTraining = 1 / 5;

/** Counts the work of an experiment ahead of doing it. Models that turn out to be shared, or found, are counted all the same. */
export function expectWork(stages: Stages, experiment: Experiment, scenes: readonly Scene[], audits: readonly PlannedAudit[]): Amount {
  const problems = [...new Set(scenes.map(({ problem }) => problem))];
  return [
    ...problems.map((problem) =>
      expectProblem(
        stages,
        experiment,
        scenes.filter((scene) => scene.problem === problem),
      ),
    ),
    ...audits.map((audit) => expectAudit(stages, audit)),
  ].reduce((all, each) => ({ trainings: all.trainings + each.trainings, requests: all.requests + each.requests }), { trainings: 0, requests: 0 });
}

/** @param scenes of one problem, at least one. */
function expectProblem(stages: Stages, { trials }: Experiment, scenes: readonly Scene[]): Amount {
  const [{ problem, seeds: own, oracles }] = scenes;
  const seeds = own.length;
  const { name, data } = problem;
  const amount = { trainings: 0, requests: 0 };
  const work = data.train.size * problem.recipe(0).epochs;
  const expectTrainings = (stage: string, title: string, count: number) => {
    stages.expect(stage, `${name}: ${title}`, count, work);
    amount.trainings += count;
  };
  const expectRequests = (stage: string, title: string, count: number) => {
    stages.expect(stage, `${name}: ${title}`, count, work * shareOfTraining);
    amount.requests += count;
  };
  const prepare = (stage: string, row: MethodRow, title: string, count: number) => {
    amount.trainings += expectPreparations(stages, stage, row.chosen, `${name}: ${title} ${row.name}`, count, {
      pass: data.train.size,
      training: work,
    });
  };

  expectTrainings(stageOf.originals(name), "originals", seeds);
  expectTrainings(stageOf.oracles(name), "retrained models", scenes.length * seeds * (oracles + 1));
  const searching = scenes.filter(({ rows }) => rows.some(isSearched)).length;
  if (searching > 0) expectTrainings(searchModelsStage(name), "models to search on", 1 + searching * (searchTrainings - 1));
  for (const row of new Set(scenes.flatMap(({ rows }) => rows))) {
    const places = scenes.filter(({ rows }) => rows.includes(row)).length;
    const [method, search] = [stageOf.method(row.name, name), searchStage(row.name, name)];
    if (isSearched(row)) {
      prepare(search, row, "prepare to search", places * trials);
      expectRequests(search, `search ${row.name}`, places * trials);
    }
    // What is prepared with the same options serves all scenarios; a search may choose others for each.
    prepare(method, row, "prepare", (isSearched(row) ? places : 1) * seeds);
    expectRequests(method, row.name, places * seeds);
  }
  const rows = scenes.reduce((sum, scene) => sum + scene.rows.length + 1, 0);
  stages.expect(stageOf.judging(name), `${name}: judging`, seeds * rows, 0);
  return amount;
}

export function expectAudit(stages: Stages, { shadows, treatments }: PlannedAudit): Amount {
  const { plan, audit, problem } = shadows;
  const { trainings, trainingSize, unlearnings } = plan.cost;
  const work = trainingSize * problem.recipe(0).epochs;
  stages.expect(shadowStages.models(shadows), `${audit.name}: shadow models`, trainings, work);
  let recordings = 0;
  for (const treatment of treatments) {
    if (treatment.kind === "nothing") continue;
    const share = treatment.kind === "retrain" ? 1 : shareOfTraining;
    const title = treatment.kind === "retrain" ? "retraining (control)" : treatment.row;
    const stage = shadowStages.treatment(shadows, treatment);
    // What a method prepares for a shadow model is part of treating it; to watch its training is not.
    if (treatment.kind === "method" && preparationOf(treatment.method) === "record") {
      recordings += expectPreparations(stages, stage, treatment.method, `${audit.name}: record ${title}`, trainings, { pass: 0, training: work });
    }
    stages.expect(stage, `${audit.name}: ${title}`, trainings, work * audit.forgetSets * share);
  }
  const methods = treatments.filter(({ kind }) => kind === "method").length;
  const controls = treatments.filter(({ kind }) => kind === "retrain").length;
  return { trainings: trainings + recordings + controls * unlearnings, requests: methods * unlearnings };
}

function isSearched({ space }: MethodRow): boolean {
  return space !== undefined;
}

/**
 * Preparing takes about one pass over the data, recording a training.
 *
 * @returns how many trainings that is.
 */
export function expectPreparations(
  stages: Stages,
  stage: string,
  method: ChosenMethod,
  title: string,
  count: number,
  work: { readonly pass: number; readonly training: number },
): number {
  const how = preparationOf(method);
  if (how === "none") return 0;
  stages.expect(prepareStage(stage), title, count, how === "record" ? work.training : work.pass);
  return how === "record" ? count : 0;
}
