import type { Comparison } from "./compare.ts";
import { parityGroups, tolerances } from "./parity-case.ts";

/** One backend's comparisons, or why there are none. */
export interface ParityReport {
  /** For the heading: `"webgpu in Chromium"`. */
  readonly name: string;
  readonly comparisons: readonly Comparison[];
  /** Why the backend could not be tried. */
  readonly skipped?: string;
}

/**
 * The table of maximal deviations, one row for each group and one column for each backend that was tried; below it, what was skipped and why, and every
 * complaint that no known limit explains. Markdown, readable as it stands.
 *
 * @example
 * renderParity([{ name: "webgpu", comparisons: [], skipped: "There is no adapter." }]).split("\n").at(-1); // "webgpu was skipped: There is no adapter."
 */
export function renderParity(reports: readonly ParityReport[]): string {
  const tried = reports.filter(({ skipped }) => skipped === undefined);
  const rows = [
    ["largest deviation", "cases", "allowed", ...tried.map(({ name }) => name)],
    ...parityGroups.map((group) => {
      const cases = Math.max(0, ...tried.map(({ comparisons }) => comparisons.filter((each) => each.group === group).length));
      return [group, String(cases), tolerances[group].toExponential(0), ...tried.map(({ comparisons }) => cell(comparisons, group))];
    }),
    ["known limits", "", "", ...tried.map(({ comparisons }) => String(comparisons.filter(({ limit }) => limit !== undefined).length))],
  ];
  const complaints = tried.flatMap(({ name, comparisons }) =>
    comparisons.flatMap(({ group, name: which, complaint, limit }) =>
      complaint === undefined || limit !== undefined ? [] : [`${name}, ${group}, ${which}: ${complaint}`],
    ),
  );
  const skipped = reports.flatMap(({ name, skipped: reason }) => (reason === undefined ? [] : [`${name} was skipped: ${reason}`]));
  return [...(tried.length > 0 ? [aligned(rows)] : []), ...complaints, ...skipped].join("\n");
}

/** The largest deviation that no known limit explains. */
function cell(comparisons: readonly Comparison[], group: Comparison["group"]): string {
  const compared = comparisons.filter((each) => each.group === group && each.limit === undefined);
  if (compared.length === 0) return "";
  const worst = Math.max(...compared.map(({ deviation }) => deviation));
  return Number.isFinite(worst) ? worst.toExponential(1) : "fails";
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join("\n");
}
