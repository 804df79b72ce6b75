import { parquetWriteBuffer } from "hyparquet-writer";
import type { Cell, Column, Table } from "./table.ts";

const types = { string: "STRING", double: "DOUBLE", int: "INT64" } as const;

/**
 * An Apache Parquet file: texts as UTF-8, `double` as DOUBLE, `int` as INT64, null as null. The same table gives the same bytes.
 *
 * @example
 * const bytes = encodeParquet({ columns: [{ name: "value", type: "double" }], rows: [[0.1], [null]] });
 * new TextDecoder().decode(bytes.slice(0, 4)); // "PAR1"
 */
export function encodeParquet({ columns, rows }: Table): Uint8Array {
  const columnData = columns.map((column, index) => ({
    name: column.name,
    type: types[column.type],
    data: rows.map((cells) => stored(cells[index], column)),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: "lethe" }));
}

/** 64-bit integers are bigints to the writer. */
function stored(cell: Cell, { type }: Column): Cell | bigint {
  return type === "int" && cell !== null ? BigInt(cell) : cell;
}
