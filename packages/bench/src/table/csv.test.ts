import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exampleResults } from "../fixtures/results/example-results.ts";
import { encodeCsv } from "./csv.ts";
import { tableOf, type Cell, type Table } from "./table.ts";

/** RFC 4180 by the letter, one character after another; an unquoted empty field is null. */
function readCsv(text: string): (string | null)[][] {
  const lines: (string | null)[][] = [];
  let line: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    let field: string | null = "";
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (text[at] === undefined) throw new Error("The quotes are not closed.");
        if (text[at] === '"') at++;
        field += text[at];
      }
      at++;
    } else {
      const start = at;
      while (text[at] !== "," && text[at] !== "\n") at++;
      field = at === start ? null : text.slice(start, at);
    }
    line.push(field);
    if (text[at] === "\n") {
      lines.push(line);
      line = [];
    } else if (text[at] !== ",") throw new Error(`There is ${text[at]} where a field ends.`);
    at++;
    if (text[at - 1] === "," && at === text.length) throw new Error("The last line does not end.");
  }
  return lines;
}

function typed(text: string | null, type: Table["columns"][number]["type"]): Cell {
  return text === null || type === "string" ? text : Number(text);
}

function readTable(text: string, columns: Table["columns"]): readonly (readonly Cell[])[] {
  const [header, ...rows] = readCsv(text);
  expect(header).toEqual(columns.map(({ name }) => name));
  return rows.map((row) => row.map((cell, index) => typed(cell, columns[index].type)));
}

const nasty = fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "\r\n", " ", "a", "é", "😀", "'", ";"), maxLength: 8 });
const columns = [
  { name: "text", type: "string" },
  { name: 'a "double", with\na name', type: "double" },
  { name: "int", type: "int" },
] as const;
// The sign of zero is no part of a result.
const row = fc.tuple(
  fc.option(nasty),
  fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
  fc.option(fc.maxSafeInteger()),
);

describe("encodeCsv", () => {
  it("is read back as it was, whatever quotes, commas and line ends the texts hold", () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        expect(readTable(encodeCsv({ columns, rows }), columns)).toEqual(rows);
      }),
    );
  });

  it("loses nothing of real results", () => {
    const table = tableOf(exampleResults());
    expect(readTable(encodeCsv(table), table.columns)).toEqual(table.rows);
  });

  it("quotes only what has to be quoted", () => {
    const rows = [
      ["plain words", 1 / 3, 7],
      ["one,two", 1e-7, null],
      ['say "no"', null, 0],
      ["", -0.5, 1],
      ["old\rend", 1, 2],
    ];
    expect(encodeCsv({ columns: [columns[0], { name: "value", type: "double" }, columns[2]], rows })).toBe(
      'text,value,int\nplain words,0.3333333333333333,7\n"one,two",1e-7,\n"say ""no""",,0\n"",-0.5,1\n"old\rend",1,2\n',
    );
  });

  it("has a header even without rows", () => {
    expect(encodeCsv({ columns: columns.slice(2), rows: [] })).toBe("int\n");
  });
});
