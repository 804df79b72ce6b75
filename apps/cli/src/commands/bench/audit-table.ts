import type { AuditResult } from "@lethe/bench";
import { duration } from "../../terminal/format.ts";
import { renderTable } from "../../terminal/table.ts";
import type { View } from "../../terminal/view.ts";

/** One audit as a table: how well each method's models are told from models that never saw the samples. */
export function auditLines(results: readonly AuditResult[], view: View): string[] {
  const { style } = view;
  const [{ audit, problem, records, budget }] = results;
  const head = ["", ...records.map(({ title }) => title.replace(/^U-LiRA /, "")), "test %", "time"];
  const rows = results.map(({ method, role, records: own, utility, seconds }) => [
    role === "method" ? style.bold(method) : method,
    ...own.map(({ value, interval }) => {
      const range = interval === null ? "" : style.dim(` (${interval.lower.toFixed(2)}–${interval.upper.toFixed(2)})`);
      return value === null ? "–" : `${value.toFixed(3)}${range}`;
    }),
    utility.unlearned === null ? "–" : (100 * utility.unlearned).toFixed(1),
    role === "do-nothing" ? "" : duration(seconds.unlearnings),
  ]);
  const spent = Object.entries(budget).map(([name, value]) => `${name} ${value}`);
  return [
    `${style.bold(`${problem}: audit ${audit}, U-LiRA`)}  ${style.dim(spent.join(", "))}`,
    "",
    renderTable({ head, rows, dispensable: ["time", ...head.slice(2, -2).toReversed()] }, view),
  ];
}
