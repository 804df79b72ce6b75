import { attackTitles, recordsOfAttack, type AttackName, type AuditResult } from "@lethe/bench";
import { duration } from "../../terminal/format.ts";
import { renderTable } from "../../terminal/table.ts";
import type { View } from "../../terminal/view.ts";

/** One audit, a table for each attack: how well each method's models are told from models that never saw the samples. */
export function auditLines(results: readonly AuditResult[], view: View): string[] {
  const [{ attacks }] = results;
  return attacks.flatMap(({ name }, index) => [...(index === 0 ? [] : [""]), ...attackLines(name, results, view)]);
}

function attackLines(attack: AttackName, results: readonly AuditResult[], view: View): string[] {
  const { style } = view;
  const [{ audit, problem, records, budget }] = results;
  const title = attackTitles[attack];
  const head = ["", ...recordsOfAttack(attack, records).map((record) => record.title.replace(`${title} `, "")), "test %", "time"];
  const rows = results.map(({ method, role, records: own, utility, seconds }) => [
    role === "method" ? style.bold(method) : method,
    ...recordsOfAttack(attack, own).map(({ value, interval }) => {
      const range = interval === null ? "" : style.dim(` (${interval.lower.toFixed(2)}–${interval.upper.toFixed(2)})`);
      return value === null ? "–" : `${value.toFixed(3)}${range}`;
    }),
    utility.unlearned === null ? "–" : (100 * utility.unlearned).toFixed(1),
    role === "do-nothing" ? "" : duration(seconds.unlearnings),
  ]);
  const spent = Object.entries(budget).map(([name, value]) => `${name} ${value}`);
  return [
    `${style.bold(`${problem}: audit ${audit}, ${title}`)}  ${style.dim(spent.join(", "))}`,
    "",
    renderTable({ head, rows, dispensable: ["time", ...head.slice(2, -2).toReversed()] }, view),
  ];
}
