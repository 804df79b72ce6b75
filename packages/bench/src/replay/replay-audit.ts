import { auditTreatments } from "../audits/audit-treatments.ts";
import { planAudit, type Treatment } from "../audits/shadows.ts";
import type { AuditResult } from "../results/audit-result.ts";
import { expectRecordable } from "../run/expect-recordable.ts";
import { expectAudit } from "../run/expect.ts";
import { choose } from "../run/rows.ts";
import { checkAuditLock, type CheckedAuditLock } from "./check-lock.ts";
import { compareAudits } from "./compare-audits.ts";
import { expectTolerance } from "./compare-results.ts";
import { lockedSource, openLockedProblem } from "./locked-problem.ts";
import type { Replay } from "./replay-result.ts";
import { makeAgain, openWorkshop, type ReplayRequest } from "./workshop.ts";

/**
 * Makes the result of an audit again from its lock alone: every shadow model and target is trained anew and unlearned anew, and retrained for the control, which the targets
 * of the records come from; the attacks are run again, and every number is compared by {@link compareAudits}. That takes as long as an audit of this one method.
 *
 * Of the rest of the result only the role and the names are taken: of experiment, problem and row.
 *
 * @throws LetheError as `replayResult`, and `metrics/bad-plan` or `experiment/no-population` for a plan that does not fit the data.
 * @example
 * const { verdict, replayed } = await replayAudit({ result: audit, cache, workers, backend, versions, loadMethod, cwd });
 * verdict; // "equal"
 * replayed.role; // "do-nothing"
 */
export async function replayAudit(request: ReplayRequest<AuditResult>): Promise<Replay<AuditResult>> {
  const { result, workers, tolerance } = request;
  expectTolerance(tolerance);
  const lock = checkAuditLock(result.lock);
  const problem = await openLockedProblem(result.problem, lock, request.data ?? lockedSource(lock));
  const { plan, seed: name } = lock;
  const shadows = planAudit({ ...plan, name, problem: result.problem, methods: [], class: plan.class ?? undefined }, problem);
  const treatments = await lockedTreatments(result, lock, request);
  await expectRecordable(treatments.flatMap((treatment) => (treatment.kind === "method" ? [{ ...treatment, problem }] : [])));
  const workshop = await openWorkshop(request);
  expectAudit(workshop.making.stages, { shadows, treatments });
  const audit = { experiment: result.experiment, shadows, treatments, fail: rethrow };
  const { made, found, notes } = await makeAgain(workshop, workers, (making, models) => auditTreatments(audit, making, models));
  const replayed = made.find(({ role }) => role === result.role)!;
  const comparison = compareAudits(result, replayed, { tolerance });
  return { ...comparison, notes: [...notes, ...comparison.notes], replayed, found };
}

/** Doing nothing takes no time, and tells what the models knew before; the control is what all are compared with. */
async function lockedTreatments(
  { role, method: row }: AuditResult,
  { method }: CheckedAuditLock,
  { loadMethod, cwd }: ReplayRequest<AuditResult>,
): Promise<readonly Treatment[]> {
  const own: readonly Treatment[] =
    role === "method" ? [{ kind: "method", row, method: await choose(method.name, method.options, loadMethod, cwd) }] : [];
  return [{ kind: "nothing" }, ...own, { kind: "retrain" }];
}

function rethrow(_treatment: Treatment, error: unknown): never {
  throw error;
}
