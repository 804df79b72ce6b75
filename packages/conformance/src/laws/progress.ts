import type { Progress } from "@lethe/core";
import { behaviourLaw, demand } from "../law.ts";
import { disposeOutcome, prepareOn, unlearnOn } from "../run.ts";

export const reportsProgress = behaviourLaw("reports progress that never runs backwards within a phase nor beyond its end", async (stage) => {
  const preparing: Progress[] = [];
  const artifact = await prepareOn(stage, { onProgress: (progress) => preparing.push(progress) });
  demandSane(preparing);
  const unlearning: Progress[] = [];
  disposeOutcome(await unlearnOn(stage, artifact, { onProgress: (progress) => unlearning.push(progress) }));
  demand(unlearning.length > 0, "unlearn reports no progress at all, so nobody can watch a long run; call context.report.");
  demandSane(unlearning);
});

function demandSane(reports: readonly Progress[]): void {
  reports.forEach((report, index) => {
    const { phase, completed, total, unit, figures = {} } = report;
    const shown = `${phase}: ${completed} of ${total} ${unit}`;
    demand(phase.trim() !== "", `report ${index + 1} has no phase.`);
    demand(["samples", "epochs", "steps"].includes(unit), `${shown} is counted in an unknown unit.`);
    demand(completed >= 0 && completed <= total && Number.isFinite(total), `${shown} is not between 0 and its total.`);
    demand(
      Object.values(figures).every((figure) => typeof figure === "number"),
      `${shown} has figures that are not numbers.`,
    );
    const previous = reports[index - 1];
    if (previous?.phase !== phase) return;
    demand(previous.completed <= completed, `${shown} comes after ${previous.completed}.`);
    demand(previous.total === total && previous.unit === unit, `${shown} comes after a total of ${previous.total} ${previous.unit}.`);
  });
}
