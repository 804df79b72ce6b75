import type { ResultRecord } from "@lethe/metrics";
import type { AuditResult } from "../../results/audit-result.ts";
import type { Cell, Mark, Table } from "../document.ts";
import { decimal, formatInterval, formatSeconds, formatValue, isPercent, missing } from "../numbers.ts";
import { distinct, upperFirst } from "../words.ts";

export const lowRates = [
  { name: "at-1-percent", rate: 0.01, words: "1%" },
  { name: "at-0.1-percent", rate: 0.001, words: "0.1%" },
] as const;

/** @param results with the records of one attack. */
export function auditTable(title: string, results: readonly AuditResult[], smallestRate: number): Table {
  const [{ audit, problem }] = results;
  const names = distinct(results.flatMap(({ records }) => records.map(({ name }) => name)));
  const first = (name: string) => results.flatMap(({ records }) => records).find((record) => record.name === name)!;
  const dagger = (name: string) => lowRates.some((low) => name.includes(low.name) && low.rate < smallestRate * 0.999);
  return {
    kind: "table",
    caption: `“${audit}” on ${problem}: what ${title} finds`,
    head: [
      { title: "Method", align: "left" },
      ...names.map((name) => ({
        title: upperFirst(first(name).title.replace(`${title} `, "")),
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
