import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { describe, expect, it } from "vitest";
import { exampleResults } from "../fixtures/results/example-results.ts";
import { encodeParquet } from "./parquet.ts";
import { tableOf, type Cell, type Table } from "./table.ts";

const kinds = { string: "string", double: "number", int: "bigint" };
const table = tableOf(exampleResults());

async function readParquet(bytes: Uint8Array, { columns }: Table): Promise<readonly (readonly Cell[])[]> {
  const records = await parquetReadObjects({ file: bytes.slice().buffer });
  return records.map((record) =>
    columns.map(({ name, type }) => {
      const cell = record[name];
      if (cell !== null && typeof cell !== kinds[type]) throw new Error(`In ${name} there is a ${typeof cell}.`);
      return typeof cell === "bigint" ? Number(cell) : cell;
    }),
  );
}

const columns = [
  { name: "text", type: "string" },
  { name: "double", type: "double" },
  { name: "int", type: "int" },
] as const;

describe("encodeParquet", () => {
  it("is read back cell by cell as it was", async () => {
    expect(table.rows.length).toBeGreaterThan(1000);
    expect(table.rows.flat().filter((cell) => cell === null).length).toBeGreaterThan(100);
    const rows = await readParquet(encodeParquet(table), table);
    expect(rows).toEqual(table.rows);
  });

  it("keeps nulls, empty and foreign texts, the smallest and the largest numbers apart", async () => {
    const rows: Table["rows"] = [
      ["", 0, 0],
      [null, null, null],
      ['"quoted", é 😀\n', Number.MIN_VALUE, Number.MAX_SAFE_INTEGER],
      ["null", Number.MAX_VALUE, -Number.MAX_SAFE_INTEGER],
      ["", 0.1 + 0.2, 2 ** 31],
    ];
    expect(await readParquet(encodeParquet({ columns, rows }), { columns, rows })).toEqual(rows);
  });

  it.each([
    ["no rows", []],
    ["columns of nothing but null", [[null, null, null]]],
  ])("writes a table with %s, its types being known", async (_, rows) => {
    const bytes = encodeParquet({ columns, rows });
    expect(await readParquet(bytes, { columns, rows })).toEqual(rows);
    const { children } = parquetSchema(parquetMetadata(bytes.slice().buffer));
    expect(children.map(({ element }) => [element.name, element.type, element.repetition_type])).toEqual([
      ["text", "BYTE_ARRAY", "OPTIONAL"],
      ["double", "DOUBLE", "OPTIONAL"],
      ["int", "INT64", "OPTIONAL"],
    ]);
  });

  it("gives the same bytes for the same results", () => {
    expect(Buffer.compare(encodeParquet(table), encodeParquet(tableOf(exampleResults())))).toBe(0);
  });
});
