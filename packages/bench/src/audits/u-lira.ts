import type { HostTensor, Json } from "@lethe/core";
import { rolesOfRuns, shareHistogram, uLira, uLiraRecords, type PlannedModel, type ULira, type UtilityInput } from "@lethe/metrics";
import { thinned } from "../results/details.ts";
import type { AuditResult } from "../results/audit-result.ts";
import type { Making, ModelCache } from "../run/model-cache.ts";
import { nameOf, trainShadow, treatShadow, type Shadows, type Treated, type Treatment } from "./shadows.ts";

const histogramBins = 20;

const roles = { method: "method", retrain: "control", nothing: "do-nothing" } as const;

export interface ULiraAudit {
  readonly experiment: string;
  readonly shadows: Shadows;
  /** Retraining and doing nothing included. */
  readonly treatments: readonly Treatment[];
  /** Told of a method that failed, or whose models cannot be attacked; what it throws ends the audit. */
  fail(treatment: Treatment, error: unknown): void;
}

/**
 * U-LiRA of every treatment, on the same shadow models: trained on halves of the pool, unlearned for real. Retraining in the place of unlearning gives the noise
 * floor of this budget, doing nothing the ceiling.
 *
 * @throws what training, unlearning and the attack throw.
 */
export async function runULira(input: ULiraAudit, making: Making, models: ModelCache): Promise<readonly AuditResult[]> {
  const { experiment, shadows } = input;
  const { plan, audit, problem, pool } = shadows;
  const indices = plan.models.map((_, index) => index);
  const training = Promise.all(indices.map((index) => trainShadow(shadows, index, models)));
  const treating = input.treatments.map(async (treatment) => {
    try {
      const runs = await Promise.all(indices.map((index) => treatShadow(shadows, index, treatment, making, models)));
      return { treatment, runs, attack: attackOf(shadows, runs) };
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
  const { attack: control } = ofKind("retrain");
  const { runs: before } = ofKind("nothing");
  const trainingSeconds = sum(trained.map(({ cost }) => cost.seconds));
  return finished.map(({ treatment, runs, attack }): AuditResult => {
    const isControl = treatment.kind === "retrain";
    const role = roles[treatment.kind];
    const utility = { unlearned: accuracyOfTargets(shadows, runs), original: accuracyOfTargets(shadows, before) };
    return {
      format: "lethe/audit",
      version: 1,
      experiment,
      id: `${audit.name}/${treatment.kind === "method" ? treatment.row : role}`,
      audit: audit.name,
      kind: "u-lira",
      problem: problem.name,
      method: nameOf(treatment),
      role,
      budget: {
        models: audit.models,
        targets: audit.targets,
        forgetSets: audit.forgetSets,
        forgetSize: audit.forgetSize,
        attacked: plan.attacked.length,
        trainingSize: plan.cost.trainingSize,
      },
      records: uLiraRecords({ attack, ...(isControl ? {} : { control }), utility: utilityOf(shadows, runs, before) }),
      curve: attack.curve && thinned(attack.curve),
      accuracyPerSample: Array.from(shareHistogram(attack.accuracyPerSample, histogramBins)),
      utility,
      seconds: { trainings: trainingSeconds, unlearnings: sum(runs.map(({ seconds }) => seconds)) },
      lock: {
        data: { ...problem.data.source, trainHash: problem.trainHash },
        pool: pool.length,
        model: { builder: problem.builder },
        recipe: problem.recipe(`${audit.name}/shadow-0`),
        method: methodOf(treatment),
        seed: audit.name,
        backend: making.backend,
        versions: { ...making.versions, node: process.versions.node },
      },
    };
  });
}

function methodOf(treatment: Treatment): AuditResult["lock"]["method"] {
  if (treatment.kind !== "method") return { name: treatment.kind, version: null, options: {} };
  const { name, version, configured } = treatment.method;
  return { name, version: version ?? null, options: configured.options as Json };
}

function attackOf({ plan }: Shadows, runs: readonly Treated[]): ULira {
  const scores = (role: PlannedModel["role"]) => {
    const { forgotten, neverSeen, drawOfRun } = rolesOfRuns(plan, role);
    return { phi: stacked(runs.filter((_, index) => plan.models[index].role === role).map(({ phi }) => phi)), forgotten, neverSeen, drawOfRun };
  };
  return uLira({ shadows: scores("shadow"), targets: scores("target") });
}

function stacked(parts: readonly HostTensor[]): HostTensor {
  const width = parts[0].shape[1];
  const values = Float64Array.from(parts.flatMap((part) => Array.from(part.values)));
  return { shape: [values.length / width, width], values };
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
