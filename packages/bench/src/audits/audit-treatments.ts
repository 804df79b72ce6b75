import type { Json } from "@lethe/core";
import type { UtilityInput } from "@lethe/metrics";
import type { AuditBudget, AuditLock, AuditResult } from "../results/audit-result.ts";
import type { Making, ModelCache } from "../run/model-cache.ts";
import { originOf } from "../run/rows.ts";
import { attackRuns, attacksOf, recordsOf } from "./attacks.ts";
import { nameOf, shadowSeed, trainShadow, treatShadow, type Shadows, type Treated, type Treatment } from "./shadows.ts";

const roles = { method: "method", retrain: "control", nothing: "do-nothing" } as const;

export interface AuditRequest {
  readonly experiment: string;
  readonly shadows: Shadows;
  /** Retraining and doing nothing included. */
  readonly treatments: readonly Treatment[];
  /** Told of a method that failed, or whose models cannot be attacked; what it throws ends the audit. */
  fail(treatment: Treatment, error: unknown): void;
}

/**
 * The attacks on every treatment, on the same shadow models: trained on halves of the pool, unlearned for real. Retraining in the place of unlearning gives the noise
 * floor of this budget, doing nothing the ceiling.
 *
 * @throws what training, unlearning and the attacks throw.
 */
export async function auditTreatments(input: AuditRequest, making: Making, models: ModelCache): Promise<readonly AuditResult[]> {
  const { experiment, shadows } = input;
  const { plan, audit, problem } = shadows;
  const indices = plan.models.map((_, index) => index);
  const training = Promise.all(indices.map((index) => trainShadow(shadows, index, models)));
  const treating = input.treatments.map(async (treatment) => {
    try {
      const runs = await Promise.all(indices.map((index) => treatShadow(shadows, index, treatment, making, models)));
      return { treatment, runs, found: attackRuns(shadows, runs) };
    } catch (error) {
      // Without the floor and the ceiling there is nothing to compare a method with.
      if (treatment.kind !== "method") throw error;
      input.fail(treatment, error);
      return undefined;
    }
  });
  const [trained, outcomes] = await Promise.all([training, Promise.all(treating)]);
  const finished = outcomes.filter((outcome) => outcome !== undefined);
  const ofKind = (kind: Treatment["kind"]) => finished.find(({ treatment }) => treatment.kind === kind)!;
  const { found: control } = ofKind("retrain");
  const { runs: before } = ofKind("nothing");
  const trainingSeconds = sum(trained.map(({ cost }) => cost.seconds));
  return finished.map(({ treatment, runs, found }): AuditResult => {
    const isControl = treatment.kind === "retrain";
    const role = roles[treatment.kind];
    const utility = { unlearned: accuracyOfTargets(shadows, runs), original: accuracyOfTargets(shadows, before) };
    return {
      format: "lethe/audit",
      version: 1,
      experiment,
      id: `${audit.name}/${treatment.kind === "method" ? treatment.row : role}`,
      audit: audit.name,
      problem: problem.name,
      method: nameOf(treatment),
      role,
      budget: budgetOf(shadows),
      records: recordsOf(found, isControl ? undefined : control, utilityOf(shadows, runs, before)),
      attacks: attacksOf(found),
      utility,
      seconds: { trainings: trainingSeconds, unlearnings: sum(runs.map(({ seconds }) => seconds)) },
      lock: lockOf(shadows, treatment, making),
    };
  });
}

function budgetOf({ audit: { models, targets, forgetSets, forgetSize }, plan, attacked, population }: Shadows): AuditBudget {
  const { trainingSize } = plan.cost;
  return { models, targets, forgetSets, forgetSize, attacked: attacked.length, trainingSize, population: population.length };
}

function lockOf({ audit, problem, pool, population }: Shadows, treatment: Treatment, { backend, versions }: Making): AuditLock {
  const { attacks, models, targets, forgetSets, forgetSize } = audit;
  const { source, train, test } = problem.data;
  return {
    data: { ...source, trainHash: problem.trainHash, testHash: problem.testHash, trainSize: train.size, testSize: test?.size ?? 0 },
    plan: { attacks, pool: pool.length, models, targets, forgetSets, forgetSize, class: audit.class ?? null, population: population.length },
    model: { builder: problem.builder },
    recipe: problem.recipe(shadowSeed(audit, 0)),
    method: methodOf(treatment),
    seed: audit.name,
    backend,
    versions: { ...versions, node: process.versions.node },
  };
}

function methodOf(treatment: Treatment): AuditLock["method"] {
  if (treatment.kind !== "method") return { name: treatment.kind, package: null, version: null, options: {} };
  return { ...originOf(treatment.method), options: treatment.method.configured.options as Json };
}

function targetsOf<Value>({ plan }: Shadows, values: readonly Value[]): readonly Value[] {
  return values.filter((_, index) => plan.models[index].role === "target");
}

function accuracyOfTargets(shadows: Shadows, runs: readonly Treated[]): number | null {
  const shares = targetsOf(shadows, runs).flatMap(({ accuracies }) => accuracies.filter((share) => share !== null));
  return shares.length === 0 ? null : sum(shares) / shares.length;
}

function utilityOf(shadows: Shadows, after: readonly Treated[], before: readonly Treated[]): UtilityInput[] {
  const { test } = shadows.problem.data;
  if (test === undefined) return [];
  const counts = Array.from({ length: test.classCount }, (_, label) => test.labels.filter((own) => own === label).length);
  const majority = Math.max(...counts) / test.size;
  const first = targetsOf(shadows, before);
  return targetsOf(shadows, after).flatMap(({ accuracies }, index) =>
    accuracies.map((accuracy, set) => ({ accuracy: accuracy ?? 0, reference: first[index].accuracies[set] ?? 0, majority })),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
