import Table from "cli-table3";
import type { View } from "./view.ts";
import { visibleWidth } from "./width.ts";

export interface TableContent {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Of every column; default: left for the first, right for the others. */
  readonly align?: readonly ("left" | "right")[];
  /** Heads of columns that a narrow terminal may go without, the most dispensable first. */
  readonly dispensable?: readonly string[];
}

const gap = 2;

/** Columns under a rule, without a box: what is between the numbers is space. Cells may hold colour. */
export function renderTable(content: TableContent, { style, columns }: View): string {
  const { head, rows, align } = narrowed(content, columns);
  const none = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" };
  const table = new Table({
    head: head.map((cell) => (cell === "" ? "" : style.bold(cell))),
    chars: { ...none, left: "", right: "", middle: " ".repeat(gap), mid: "─", "left-mid": "", "mid-mid": " ".repeat(gap), "right-mid": "" },
    colAligns: [...align],
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => [...row]));
  const lines = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  // Painted whole: the library would paint each character of it.
  return lines.map((line) => (/^[─ ]+$/.test(line) ? style.dim(line) : line)).join("\n");
}

type Narrowed = Required<Omit<TableContent, "dispensable">>;

/** The table without as many dispensable columns as do not fit. */
function narrowed({ head, rows, align = usualAlign(head), dispensable = [] }: TableContent, columns: number): Narrowed {
  const [first, ...others] = dispensable;
  if (first === undefined || widthOf(head, rows) <= columns) return { head, rows, align };
  const kept = <Cell>(cells: readonly Cell[]) => cells.filter((_, column) => head[column] !== first);
  return narrowed({ head: kept(head), rows: rows.map(kept), align: kept(align), dispensable: others }, columns);
}

function usualAlign(head: readonly string[]): readonly ("left" | "right")[] {
  return head.map((_, column) => (column === 0 ? "left" : "right"));
}

function widthOf(head: readonly string[], rows: readonly (readonly string[])[]): number {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => visibleWidth(row[column]))));
  return widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1);
}
