import {
  rolesOfRuns,
  shareHistogram,
  uLira,
  uLiraRecords,
  unlearningRmia,
  rmiaRecords,
  type PlannedModel,
  type ResultRecord,
  type ULira,
  type UnlearningOutcome,
  type UnlearningRmia,
  type UtilityInput,
} from "@lethe/metrics";
import type { AuditAttack } from "../results/audit-result.ts";
import { thinned } from "../results/details.ts";
import type { AttackName } from "./attack-names.ts";
import { stacked } from "./margins.ts";
import type { Shadows, Treated } from "./shadows.ts";

const histogramBins = 20;

/** What the attacks that an audit asks for find in the runs of one treatment. */
export interface Found {
  readonly "u-lira"?: ULira;
  readonly rmia?: UnlearningRmia;
}

/** Both attacks look at the same runs. */
export function attackRuns(shadows: Shadows, runs: readonly Treated[]): Found {
  const scores = { shadows: scoresOf(shadows, runs, "shadow"), targets: scoresOf(shadows, runs, "target") };
  const asked = (name: AttackName) => shadows.audit.attacks.includes(name);
  return { ...(asked("u-lira") ? { "u-lira": uLira(scores) } : {}), ...(asked("rmia") ? { rmia: unlearningRmia(scores) } : {}) };
}

function scoresOf({ plan, attacked, population }: Shadows, runs: readonly Treated[], role: PlannedModel["role"]) {
  const own = runs.filter((_, index) => plan.models[index].role === role);
  const rows = (of: "phi" | "population", width: number) =>
    stacked(
      own.flatMap((treated) => {
        const values = Float64Array.from(treated[of].values);
        return Array.from({ length: treated[of].shape[0] }, (_, row) => values.subarray(row * width, (row + 1) * width));
      }),
      width,
    );
  return { ...rolesOfRuns(plan, role), phi: rows("phi", attacked.length), population: rows("population", population.length) };
}

/** Records of all attacks beside those of the control; undefined for the control itself. */
export function recordsOf(own: Found, control: Found | undefined, utility: readonly UtilityInput[]): readonly ResultRecord[] {
  const { "u-lira": lira, rmia } = own;
  const [liraControl, rmiaControl] = [control?.["u-lira"], control?.rmia];
  return [
    ...(lira === undefined ? [] : uLiraRecords({ attack: lira, ...(liraControl === undefined ? {} : { control: liraControl }), utility })),
    ...(rmia === undefined ? [] : rmiaRecords({ attack: rmia, ...(rmiaControl === undefined ? {} : { control: rmiaControl }), utility })),
  ];
}

/** What a report draws of each attack. */
export function attacksOf({ "u-lira": lira, rmia }: Found): readonly AuditAttack[] {
  return [
    ...(lira === undefined ? [] : [drawn("u-lira", lira, { variance: lira.variance })]),
    ...(rmia === undefined ? [] : [drawn("rmia", rmia, { a: rmia.a, threshold: finite(rmia.threshold), rehearsalAuc: rmia.rehearsalAuc })]),
  ];
}

function drawn(name: AttackName, { curve, accuracyPerSample, cases }: UnlearningOutcome, settings: AuditAttack["settings"]): AuditAttack {
  return { name, settings, cases, curve: curve && thinned(curve), accuracyPerSample: shareHistogram(accuracyPerSample, histogramBins) };
}

/** JSON has no infinity. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
