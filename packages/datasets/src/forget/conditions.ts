import { LetheError, type Columns, type Dataset } from "@lethe/core";

const operators = ["!=", "<=", ">=", "=", "<", ">"] as const;
type Operator = (typeof operators)[number];
type Cell = Columns[string][number];

/** `COLUMN OPERATOR VALUE`; several of them all have to hold. */
export interface Condition {
  readonly column: string;
  readonly operator: Operator;
  readonly value: string;
}

/** A column and a value may stand in double quotes, so that they can hold commas and operators. */
const pattern = /\s*(?:"([^"]+)"|([^"=<>!,]+?))\s*(!=|<=|>=|=|<|>)\s*(?:"([^"]*)"|([^",=<>!]*?))\s*(,|$)/y;

/**
 * Reads `age>=30,town="Bonn, old"`: conditions with `=`, `!=`, `<`, `<=`, `>` or `>=`, all of which have to hold.
 *
 * @throws LetheError `forget/bad-condition`.
 * @example
 * parseConditions("age>=30, town=Bonn"); // [{ column: "age", operator: ">=", value: "30" }, { column: "town", operator: "=", value: "Bonn" }]
 */
export function parseConditions(text: string): readonly Condition[] {
  const conditions: Condition[] = [];
  const reader = new RegExp(pattern);
  let at = 0;
  let more = true;
  while (more) {
    reader.lastIndex = at;
    const match = reader.exec(text);
    const value = match?.[4] ?? match?.[5];
    if (match === null || value === undefined || (match[4] === undefined && value === "")) {
      const sentence = `The condition ${text.slice(at).trim() || "after the last comma"} is not understood; write COLUMN=VALUE with one of ${operators.join(" ")}.`;
      throw new LetheError("forget/bad-condition", sentence, { given: text, at });
    }
    conditions.push({ column: match[1] ?? match[2], operator: match[3] as Operator, value });
    at = reader.lastIndex;
    more = match[6] === ",";
  }
  return conditions;
}

export function conditionsInWords(conditions: readonly Condition[]): string {
  return conditions.map(({ column, operator, value }) => `${column} ${operator} ${value}`).join(" and ");
}

/**
 * Positions of the samples for which all conditions hold. Numbers are compared as numbers, text as text, character by character (dates as 2024-01-31 therefore by
 * time). A value that is not known (null) fulfils nothing.
 *
 * @throws LetheError `forget/unknown-column`; `forget/bad-condition` where a column of numbers is compared with something else.
 */
export function matching(data: Dataset, conditions: readonly Condition[]): Uint32Array {
  const tests = conditions.map((condition) => testOf(data, condition));
  return Uint32Array.from(data.labels.keys()).filter((position) => tests.every((holds) => holds(position)));
}

/** @throws LetheError `forget/unknown-column`. */
export function columnOf(data: Dataset, name: string): Columns[string] {
  const { columns = {} } = data;
  if (Object.hasOwn(columns, name)) return columns[name];
  const known = Object.keys(columns);
  const there = known.length === 0 ? "it has none" : `its columns are ${known.join(", ")}`;
  throw new LetheError("forget/unknown-column", `${data.name} has no column ${name}; ${there}.`, { column: name, known });
}

/** Different values in the order of first appearance, cut after a few; for error messages. */
export function examplesOf(cells: Columns[string]): string {
  const values = [...new Set(cells.filter((cell) => cell !== null))];
  const shown = values.slice(0, 8).join(", ");
  return values.length > 8 ? `${shown}, ... (${values.length} values)` : shown;
}

function testOf(data: Dataset, { column, operator, value }: Condition): (position: number) => boolean {
  const cells = columnOf(data, column);
  const number = value.trim() === "" ? Number.NaN : Number(value);
  const onlyNumbers = cells.some((cell) => cell !== null) && cells.every((cell) => cell === null || typeof cell === "number");
  if (onlyNumbers && Number.isNaN(number)) {
    const sentence = `The column ${column} of ${data.name} holds numbers, and ${value} is none; its values are ${examplesOf(cells)}.`;
    throw new LetheError("forget/bad-condition", sentence, { column, value });
  }
  const compare = comparison[operator];
  return (position) => {
    const cell: Cell = cells[position];
    if (cell === null) return false;
    // In a column of both kinds, text never equals a number and has no order beside it.
    if (typeof cell === "number") return Number.isNaN(number) ? operator === "!=" : compare(cell, number);
    return compare(cell, value);
  };
}

const comparison: Readonly<Record<Operator, <Value extends string | number>(a: Value, b: Value) => boolean>> = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};
