import type { Cell, Table } from "./table.ts";

/**
 * Comma-separated values, RFC 4180 but for lines that end in LF: a header, then a line per row. A number has the fewest digits from which the same float64 is read
 * again; null is an empty field, an empty text is `""`.
 *
 * @example
 * const columns = [{ name: "method", type: "string" }, { name: "value", type: "double" }];
 * encodeCsv({ columns, rows: [["ssd", 0.1], ["a, \"b\"", null]] }); // 'method,value\nssd,0.1\n"a, ""b""",\n'
 */
export function encodeCsv({ columns, rows }: Table): string {
  const lines = [columns.map(({ name }) => name), ...rows];
  return lines.map((cells) => `${cells.map(field).join(",")}\n`).join("");
}

function field(cell: Cell): string {
  if (cell === null) return "";
  const text = String(cell);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
