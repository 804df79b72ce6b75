import { LetheError, type Columns, type Dataset } from "@lethe/core";
import { findColumns, type ColumnPositions, type ColumnRoles } from "./columns.ts";
import { textOf } from "./content.ts";
import { forEachCsvRow } from "./csv-rows.ts";
import { numberOf } from "./number-cell.ts";
import { TableBuilder, type TableOptions, type TableRow } from "./table.ts";

export interface CsvDatasetInput extends TableOptions, ColumnRoles {
  /** Content of the file, UTF-8, plain or gzipped. */
  readonly file: Uint8Array;
  /** `"first-line"` (default) names the columns; with `"none"` they are chosen by position, and the label is the first unless said otherwise. */
  readonly header?: "first-line" | "none";
  /** Default `","`. */
  readonly delimiter?: string;
}

/**
 * A data set from a CSV table: inputs `[n, features] float32`, one class per distinct label.
 *
 * Classes are numbered by increasing label: by value where every label is a number, by code units otherwise; `classNames` fixes another
 * order, and the classes of a test part that lacks some. Features are numbers in decimal notation. Metadata stay text.
 *
 * @throws LetheError `data/not-a-number`, `data/ragged-row`, `data/bad-csv`, `data/bad-labels`, `data/duplicate-id` (all name the line);
 * `data/unknown-column`, `data/duplicate-column`, `data/no-features`, `data/unknown-label`, `data/shape-mismatch`, `data/empty`,
 * `data/bad-text`, `data/bad-gzip`, `data/too-large`.
 * @example
 * const file = new TextEncoder().encode("height,town,label\n1.5,Bonn,cat\n2,Rome,ant\n");
 * const data = await csvDataset({ file, metadata: ["town"], name: "pets" });
 * data.classNames; // ["ant", "cat"]
 * data.labels; // Int32Array [1, 0]
 * data.columns; // { town: ["Bonn", "Rome"] }
 */
export async function csvDataset(input: CsvDatasetInput): Promise<Dataset> {
  const { file, header = "first-line", delimiter = ",", name = "csv", source = "the CSV file", mostBytes, ...options } = input;
  const roles = { ...options, label: options.label ?? (header === "none" ? 0 : "label") };
  const table = new TableBuilder({ ...options, name, source });
  let names: readonly string[] | undefined;
  let positions: ColumnPositions | undefined;
  await forEachCsvRow(await textOf(file, source, mostBytes), delimiter, source, (cells, line) => {
    if (names === undefined || positions === undefined) {
      names = header === "none" ? cells.map((_, position) => String(position)) : cells;
      positions = findColumns(roles, names, source);
      if (header === "first-line") return;
    }
    table.add(rowOf(cells, positions, names, `line ${line} of ${source}`));
  });
  const data = table.finish();
  return data.columns === undefined ? data : { ...data, columns: mapColumns(data.columns) };
}

/** Text that is a number wherever there is any becomes numbers, so that `<` means less; `007` and `1.50` are names, and stay. An empty cell is unknown. */
export function mapColumns(columns: Columns): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, cells]) => {
      const known = cells.map((cell) => (cell === "" ? null : cell));
      const numeric = known.every((cell) => cell === null || String(Number(cell)) === cell) && known.some((cell) => cell !== null);
      return [name, numeric ? known.map((cell) => (cell === null ? null : Number(cell))) : known];
    }),
  );
}

function rowOf(cells: readonly string[], positions: ColumnPositions, names: readonly string[], place: string): TableRow {
  const { label, id, features, metadata } = positions;
  return {
    place,
    label: cells[label],
    ...(id === undefined ? {} : { id: cells[id] }),
    features: features.map((position) => numberOf(cells[position]) ?? refuse(cells[position], names[position], place)),
    metadata: Object.fromEntries(metadata.map((position) => [names[position], cells[position]])),
  };
}

function refuse(cell: string, column: string, place: string): never {
  throw new LetheError(
    "data/not-a-number",
    `Column ${column} in ${place} holds ${JSON.stringify(cell)}, which is no number that float32 can hold; mend it, or name the column as metadata.`,
    { place, column, cell },
  );
}
