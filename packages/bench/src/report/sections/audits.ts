import type { ResultRecord } from "@lethe/metrics";
import type { AuditResult } from "../../results/audit-result.ts";
import type { CurvePoints } from "../../results/run-result.ts";
import { resolutionOf, rocChart, type RocLine } from "../charts/roc.ts";
import { sampleAccuracyChart } from "../charts/sample-accuracy.ts";
import type { Block, Cell, Figure, Mark, Table } from "../document.ts";
import { decimal, formatInterval, formatSeconds, formatValue, groupThousands, isPercent, missing } from "../numbers.ts";
import { distinct, plural } from "../words.ts";

/** The audits with one name: the same shadow models, one method each. */
interface AuditGroup {
  readonly audit: string;
  readonly problem: string;
  readonly results: readonly AuditResult[];
  /** One over the number of never-seen cases among the targets. */
  readonly smallestRate: number;
}

export function auditsSection(audits: readonly AuditResult[]): readonly Block[] {
  if (audits.length === 0) return [];
  return [
    { kind: "heading", level: 2, text: "Audits", id: "audits" },
    {
      kind: "paragraph",
      text:
        "U-LiRA asks whether someone who knows the method can tell a sample that was unlearned from one that was never seen, from the outputs of models that the attack was not fitted to. " +
        "0.5 is guessing. Retraining in the place of unlearning (control) shows what this budget says of a perfect method, doing nothing what it says of the worst.",
    },
    ...groupsOf(audits).flatMap(groupBlocks),
  ];
}

function groupsOf(audits: readonly AuditResult[]): readonly AuditGroup[] {
  return distinct(audits.map(({ audit }) => audit)).map((audit) => {
    const results = audits.filter((result) => result.audit === audit);
    const [{ problem, budget }] = results;
    // Of each attacked sample, half of the targets never saw it, in every one of their runs.
    return { audit, problem, results, smallestRate: 2 / (budget.attacked * budget.targets * budget.forgetSets) };
  });
}

function groupBlocks(group: AuditGroup): readonly Block[] {
  return [
    { kind: "heading", level: 3, text: `“${group.audit}” on ${group.problem}` },
    { kind: "paragraph", text: budgetInWords(group) },
    table(group),
    { kind: "paragraph", tone: "note", text: supportInWords(group) },
    ...flagBlocks(group),
    ...(rocFigure(group) ?? []),
    ...histogramFigure(group),
  ];
}

/** By the names that U-LiRA's budget has; what is missing is left out. */
function budgetInWords({ results: [{ budget, lock, seconds }] }: AuditGroup): string {
  const { models, targets, forgetSets, forgetSize, attacked, trainingSize } = budget;
  const parts = [
    `${plural(models, "shadow model")} and ${plural(targets, "target")}, each trained on ${groupThousands(trainingSize)} of ${plural(lock.pool, "sample")}`,
    `then unlearned ${forgetSets === 1 ? "once" : `${forgetSets} times`}, ${plural(forgetSize, "sample")} at a time`,
    `${plural(attacked, "sample")} attacked`,
    `${formatSeconds(seconds.trainings)} of training, shared by all methods`,
  ];
  return `Budget: ${parts.join("; ")}.`;
}

function supportInWords({ results: [{ budget }], smallestRate }: AuditGroup): string {
  const forgotten = budget.models / 2;
  const below = lowRates.filter(({ rate }) => rate < smallestRate * 0.999).map(({ words }) => words);
  return [
    `For each sample the attack knows ${plural(forgotten, "run")} that forgot it and ${groupThousands(forgotten * budget.forgetSets)} that never saw it.`,
    `The smallest false-positive rate that the targets can show is 1/${groupThousands(Math.round(1 / smallestRate))}; more targets or forget sets lower it.`,
    ...(below.length === 0
      ? []
      : [
          `What is marked † (${below.join(" and ")}) lies below it: it is what was found without a single false positive, which says little about the rate named.`,
        ]),
  ].join(" ");
}

const lowRates = [
  { name: "at-1-percent", rate: 0.01, words: "1%" },
  { name: "at-0.1-percent", rate: 0.001, words: "0.1%" },
] as const;

function table({ results, audit, problem, smallestRate }: AuditGroup): Table {
  const names = distinct(results.flatMap(({ records }) => records.map(({ name }) => name)));
  const first = (name: string) => results.flatMap(({ records }) => records).find((record) => record.name === name)!;
  const dagger = (name: string) => lowRates.some((low) => name.includes(low.name) && low.rate < smallestRate * 0.999);
  return {
    kind: "table",
    caption: `“${audit}” on ${problem}: what the attack finds`,
    head: [
      { title: "Method", align: "left" },
      ...names.map((name) => ({
        title: first(name)
          .title.replace(/^U-LiRA /, "")
          .replace(/^a/, "A"),
        align: "right" as const,
        ...(isPercent(first(name)) ? { unit: "%" } : {}),
      })),
      { title: "Test before", unit: "%", align: "right" },
      { title: "Test after", unit: "%", align: "right" },
      { title: "Time", unit: "all unlearning", align: "right" },
    ],
    rows: results.map(({ method, role, records, utility, seconds }) => ({
      ...(role === "method" ? {} : { tone: "reference" as const }),
      cells: [
        { text: method },
        ...names.map((name) =>
          recordCell(
            records.find((record) => record.name === name),
            role,
            dagger(name),
          ),
        ),
        { text: percentOf(utility.original) },
        { text: percentOf(utility.unlearned) },
        { text: role === "do-nothing" ? missing : formatSeconds(seconds.unlearnings) },
      ],
    })),
  };
}

function percentOf(share: number | null): string {
  return share === null ? missing : decimal(100 * share, 1);
}

/** Only what has an interval is judged: against the control, which is the best that this budget can show. */
function recordCell(record: ResultRecord | undefined, role: AuditResult["role"], dagger: boolean): Cell {
  if (record === undefined || record.value === null) return { text: missing };
  const text = `${formatValue(record, record.value)}${dagger ? "†" : ""}`;
  if (record.interval === null) return { text };
  const details = [formatInterval(record, record.interval)];
  return role === "control" || record.target === null ? { text, details } : { text, details, mark: markOf(record.interval, record.target) };
}

function markOf({ lower, upper }: { readonly lower: number; readonly upper: number }, target: number): Mark {
  if (lower > target) return { glyph: "▲", label: "found more often than after retraining", tone: "under" };
  if (upper < target) return { glyph: "≠", label: "found less often than after retraining", tone: "different" };
  return { glyph: "●", label: "the interval holds what retraining gives", tone: "good" };
}

function flagBlocks({ results }: AuditGroup): readonly Block[] {
  const items = results.flatMap(({ method, records }) =>
    distinct(records.flatMap(({ flags }) => flags.map(({ sentence }) => sentence))).map((sentence) => ({
      text: [{ strong: method }, `: ${sentence}`],
    })),
  );
  return items.length === 0 ? [] : [{ kind: "list", items }];
}

function rocFigure({ results }: AuditGroup): readonly Figure[] | null {
  const of = (role: AuditResult["role"]) => results.find((result) => result.role === role)?.curve ?? null;
  const line = (curve: CurvePoints | null, who: RocLine["who"]): readonly RocLine[] => (curve === null ? [] : [{ curve, who }]);
  const methods = results.filter(({ role, curve }) => role === "method" && curve !== null);
  if (methods.length === 0) return null;
  const resolution = resolutionOf(results.flatMap(({ curve }) => curve ?? []));
  return [
    {
      kind: "figure",
      title: "Attack curves",
      caption:
        "Telling unlearned from never-seen samples, over all targets; both axes logarithmic, from the smallest rates that these targets can show.",
      keys: [
        { label: "method", shape: "line", colour: "unlearned" },
        { label: "do nothing", shape: "dashes", colour: "original" },
        { label: "retrained (control)", shape: "line", colour: "oracles" },
        { label: "guessing", shape: "chance", colour: "muted" },
      ],
      columns: 3,
      panels: methods.map(({ method, curve }) => {
        const description = `${method}: ROC curve of U-LiRA beside retraining and doing nothing.`;
        const lines = [...line(of("control"), "oracles"), ...line(of("do-nothing"), "original"), ...line(curve, "unlearned")];
        return { title: method, description, draw: () => rocChart(description, lines, resolution) };
      }),
    },
  ];
}

function histogramFigure({ results }: AuditGroup): readonly Figure[] {
  const shown = results.filter(({ accuracyPerSample }) => accuracyPerSample.some((count) => count > 0));
  if (shown.length === 0) return [];
  const highest = Math.max(...shown.flatMap(({ accuracyPerSample }) => accuracyPerSample));
  return [
    {
      kind: "figure",
      title: "Accuracy on single samples",
      caption:
        "Number of samples by how often the attack is right about them. A mean near 0.5 can hide a few samples, far right, that are always found. Compare with the control: few targets scatter widely.",
      keys: [],
      columns: 3,
      panels: shown.map(({ method, accuracyPerSample }) => {
        const total = accuracyPerSample.reduce((sum, count) => sum + count, 0);
        const description = `${method}: accuracy of the attack on each of ${total} samples; ${accuracyPerSample.at(-1)} in the highest of ${accuracyPerSample.length} bins.`;
        return { title: method, description, draw: () => sampleAccuracyChart(description, accuracyPerSample, highest) };
      }),
    },
  ];
}
