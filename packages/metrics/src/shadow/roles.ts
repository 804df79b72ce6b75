import type { HostTensor } from "@lethe/core";
import type { PlannedModel, ShadowPlan } from "./plan.ts";

/** What each run of a plan did with each attacked sample. Exactly one of the three masks is 1. */
export interface RunRoles {
  /** `[runs, samples]`: trained with the sample, then unlearned it. */
  readonly forgotten: HostTensor;
  /** `[runs, samples]`: trained without the sample, then unlearned others. */
  readonly neverSeen: HostTensor;
  /** `[runs, samples]`: trained with the sample, then unlearned others. */
  readonly retained: HostTensor;
  /**
   * `[runs]` which draw of two halves the run's model is of. Runs of one draw are no independent evidence: its two models were trained on data that complement each
   * other, and all runs of a model start from the same weights.
   */
  readonly drawOfRun: Uint32Array;
}

/**
 * The masks that belong to the scores of a plan's runs. Runs are ordered by model, and within a model by forget set; samples are
 * `plan.attacked`.
 *
 * To see whether unlearning exposes samples that were *kept*, pass `retained` to `uLira` in the place of `forgotten`.
 *
 * @example
 * const plan = planShadows({ poolSize: 8, models: 4, targets: 2, forgetSets: 2, forgetSize: 1, seed: 1 });
 * const { forgotten, drawOfRun } = rolesOfRuns(plan, "target");
 * forgotten.shape; // [4, 4]
 * drawOfRun; // [2, 2, 2, 2]
 */
export function rolesOfRuns(plan: ShadowPlan, role: PlannedModel["role"]): RunRoles {
  const runs = plan.models.flatMap(({ role: own, members, forgetSets }, model) => {
    const trained = new Set(members);
    return own === role ? forgetSets.map((forgetSet) => ({ model, trained, forgotten: new Set(forgetSet) })) : [];
  });
  const mask = (holds: (run: (typeof runs)[number], position: number) => boolean): HostTensor => ({
    shape: [runs.length, plan.attacked.length],
    values: Uint8Array.from(runs.flatMap((run) => Array.from(plan.attacked, (position) => (holds(run, position) ? 1 : 0)))),
  });
  return {
    forgotten: mask((run, position) => run.forgotten.has(position)),
    neverSeen: mask((run, position) => !run.trained.has(position)),
    retained: mask((run, position) => run.trained.has(position) && !run.forgotten.has(position)),
    // Models stand in pairs.
    drawOfRun: Uint32Array.from(runs, ({ model }) => model >> 1),
  };
}

/**
 * Mask `[models, samples]` of who trained with which attacked sample, for LiRA or RMIA on a plan's models before anything is unlearned.
 *
 * @example
 * const plan = planShadows({ poolSize: 8, models: 4, targets: 2, forgetSets: 2, forgetSize: 1, seed: 1 });
 * membersOfModels(plan, "shadow").shape; // [4, 4]
 */
export function membersOfModels(plan: ShadowPlan, role: PlannedModel["role"]): HostTensor {
  const models = plan.models.filter((model) => model.role === role).map(({ members }) => new Set(members));
  const values = models.flatMap((members) => Array.from(plan.attacked, (position) => (members.has(position) ? 1 : 0)));
  return { shape: [models.length, plan.attacked.length], values: Uint8Array.from(values) };
}
