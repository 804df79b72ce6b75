import type { AuditAttack, AuditResult } from "../../results/audit-result.ts";
import type { CurvePoints } from "../../results/run-result.ts";
import { resolutionOf, rocChart, type RocLine } from "../charts/roc.ts";
import { sampleAccuracyChart } from "../charts/sample-accuracy.ts";
import type { Figure } from "../document.ts";

/** A result, and what one attack found in it. */
type Attacked = Pick<AuditResult, "method" | "role"> & { readonly found: AuditAttack | undefined };

export function curvesFigure(title: string, results: readonly Attacked[]): readonly Figure[] {
  const curveOf = ({ found }: Attacked) => found?.curve ?? null;
  const of = (role: AuditResult["role"]) => results.filter((result) => result.role === role).map(curveOf)[0] ?? null;
  const line = (curve: CurvePoints | null, who: RocLine["who"]): readonly RocLine[] => (curve === null ? [] : [{ curve, who }]);
  const methods = results.filter((result) => result.role === "method" && curveOf(result) !== null);
  if (methods.length === 0) return [];
  const resolution = resolutionOf(results.flatMap((result) => curveOf(result) ?? []));
  return [
    {
      kind: "figure",
      title: `Attack curves of ${title}`,
      caption:
        "Telling unlearned from never-seen samples, over all targets; both axes logarithmic, from the smallest rates that these targets can show.",
      keys: [
        { label: "method", shape: "line", colour: "unlearned" },
        { label: "do nothing", shape: "dashes", colour: "original" },
        { label: "retrained (control)", shape: "line", colour: "oracles" },
        { label: "guessing", shape: "chance", colour: "muted" },
      ],
      columns: 3,
      panels: methods.map((result) => {
        const { method } = result;
        const description = `${method}: ROC curve of ${title} beside retraining and doing nothing.`;
        const lines = [...line(of("control"), "oracles"), ...line(of("do-nothing"), "original"), ...line(curveOf(result), "unlearned")];
        return { title: method, description, draw: () => rocChart(description, lines, resolution) };
      }),
    },
  ];
}

export function samplesFigure(title: string, results: readonly Attacked[]): readonly Figure[] {
  const shown = results.flatMap(({ method, found }) =>
    found?.accuracyPerSample.some((count) => count > 0) ? [{ method, counts: found.accuracyPerSample }] : [],
  );
  if (shown.length === 0) return [];
  const highest = Math.max(...shown.flatMap(({ counts }) => counts));
  return [
    {
      kind: "figure",
      title: `Accuracy of ${title} on single samples`,
      caption:
        "Number of samples by how often the attack is right about them. A mean near 0.5 can hide a few samples, far right, that are always found. Compare with the control: few targets scatter widely.",
      keys: [],
      columns: 3,
      panels: shown.map(({ method, counts }) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        const description = `${method}: accuracy of ${title} on each of ${total} samples; ${counts.at(-1)} in the highest of ${counts.length} bins.`;
        return { title: method, description, draw: () => sampleAccuracyChart(description, counts, highest) };
      }),
    },
  ];
}
