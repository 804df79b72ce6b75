import { nameOf, trainShadow, treatShadow, type Treatment } from "../audits/shadows.ts";
import { auditTreatments } from "../audits/audit-treatments.ts";
import type { AuditResult } from "../results/audit-result.ts";
import type { RunFailure } from "../results/experiment-results.ts";
import type { PlannedAudit } from "./expect.ts";
import { isMethodsOwn } from "./failures.ts";
import type { Making, ModelCache } from "./model-cache.ts";
import type { MethodRow } from "./rows.ts";

export function treatmentsOf(rows: readonly MethodRow[]): readonly Treatment[] {
  return [{ kind: "nothing" }, ...rows.map(({ name, chosen }) => ({ kind: "method", row: name, method: chosen }) as const), { kind: "retrain" }];
}

/** As many models side by side as there will be all the time, with all treatments. The first of them start the workers and are not counted. */
export function pilotAudit({ shadows, treatments }: PlannedAudit, making: Making, models: ModelCache): readonly Promise<unknown>[] {
  const first = shadows.plan.models.map((_, index) => index).slice(0, 2 * making.workers.count);
  const trained = first.map((index) => trainShadow(shadows, index, models));
  const treated = treatments.flatMap((treatment) =>
    first.slice(0, making.workers.count).map(async (index) => {
      try {
        await treatShadow(shadows, index, treatment, making, models);
      } catch (error) {
        // The audit itself reports it.
        if (!isMethodsOwn(error)) throw error;
      }
    }),
  );
  return [...trained, ...treated];
}

/** @param fail told of a method that failed; the others go on. */
export async function runAudit(
  experiment: string,
  { shadows, treatments }: PlannedAudit,
  making: Making,
  models: ModelCache,
  fail: (failure: RunFailure) => void,
): Promise<readonly AuditResult[]> {
  const failed = (treatment: Treatment, error: unknown) => {
    if (!isMethodsOwn(error)) throw error;
    const { audit } = shadows;
    const method = nameOf(treatment);
    // Shadow models have seeds of their own.
    const place = { id: `${audit.name}/${method}`, problem: audit.problem, scenario: audit.name, method, seed: 0 };
    fail({ ...place, code: error.code, message: error.message });
  };
  return auditTreatments({ experiment, shadows, treatments, fail: failed }, making, models);
}
