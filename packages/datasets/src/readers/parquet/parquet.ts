import { LetheError, isLetheError, type Dataset } from "@lethe/core";
import type { FileMetaData } from "hyparquet";
import { findColumns, type ColumnRoles } from "../columns.ts";
import { defaultMostBytes, expectBytes, viewOf } from "../content.ts";
import { TableBuilder, type TableOptions, type TableRow } from "../table.ts";
import { compressors } from "./codecs.ts";
import { expectSoundChunks } from "./guard.ts";
import { expectReadable, parquetColumns } from "./schema.ts";
import { badParquet, readThrift } from "./thrift.ts";

export interface ParquetDatasetInput extends TableOptions, ColumnRoles {
  /** Content of the file. */
  readonly file: Uint8Array;
}

const magic = 0x31524150;
const trailerBytes = 8;

/**
 * A data set from a Parquet file: inputs `[n, features] float32`, one class per distinct label, numbered as {@link csvDataset} does.
 *
 * Columns of features hold numbers or lists of numbers; several are put one after the other. Metadata are text or numbers; dates become ISO text,
 * true and false text. Pages may be plain, dictionary-encoded or split by bytes, and unpacked, Snappy or gzip; all sizes are checked
 * before anything is allocated for them.
 *
 * @throws LetheError `data/bad-magic`, `data/truncated`, `data/bad-parquet`, `data/unsupported-parquet`, `data/unsupported-column`,
 * `data/too-large`; `data/not-a-number`, `data/ragged-row`, `data/bad-labels`, `data/duplicate-id` (all name the row);
 * `data/unknown-column`, `data/duplicate-column`, `data/no-features`, `data/unknown-label`, `data/shape-mismatch`, `data/empty`.
 * @example
 * const file = await readFile("animals.parquet");
 * const data = await parquetDataset({ file, features: ["weight", "pixels"], id: "name", metadata: ["town"] });
 * data.inputShape; // [4]
 * data.classNames; // ["ant", "bee", "cat"]
 */
export async function parquetDataset(input: ParquetDatasetInput): Promise<Dataset> {
  const { file, name = "parquet", source = "the Parquet file", mostBytes = defaultMostBytes, ...options } = input;
  const metadata = await readMetadata(file, source);
  const known = parquetColumns(metadata, source);
  const names = [...known.keys()];
  const roles = findColumns(options, names, source);
  const wanted = [roles.label, ...(roles.id === undefined ? [] : [roles.id]), ...roles.features, ...roles.metadata].map(
    (position) => names[position],
  );
  const columns = [...new Set(wanted)].map((column) => expectReadable(column, known.get(column), source));
  expectSoundChunks(file, metadata, columns, source, mostBytes);
  const rows = await readRows(
    file,
    metadata,
    columns.map((column) => column.name),
    source,
  );
  const table = new TableBuilder({ ...options, name, source });
  rows.forEach((row, position) => {
    const place = `row ${position} of ${source}`;
    const id = roles.id === undefined ? undefined : names[roles.id];
    table.add({
      place,
      label: textOf(row, names[roles.label], place, "data/bad-labels"),
      ...(id === undefined ? {} : { id: textOf(row, id, place, "data/bad-id") }),
      features: roles.features.flatMap((column) => numbersOf(row, names[column], place)),
      metadata: Object.fromEntries(roles.metadata.map((column) => [names[column], metadataOf(row[names[column]])])),
    });
  });
  return table.finish();
}

async function readMetadata(file: Uint8Array, source: string): Promise<FileMetaData> {
  expectBytes(file, 4 + trailerBytes, source, "for a Parquet file");
  const view = viewOf(file);
  if (view.getUint32(0, true) !== magic || view.getUint32(file.length - 4, true) !== magic) {
    throw new LetheError("data/bad-magic", `${source} does not start and end with PAR1 as a Parquet file does; is it cut off, or another format?`, {
      source,
    });
  }
  const start = file.length - trailerBytes - view.getUint32(file.length - trailerBytes, true);
  if (start < 4) throw badParquet(source, "its footer is longer than the file");
  readThrift(file.subarray(0, file.length - trailerBytes), start, source);
  // Loaded when it is needed.
  const { parquetMetadata } = await import("hyparquet");
  try {
    return parquetMetadata(file, { geoparquet: false });
  } catch (cause) {
    throw badParquet(source, "its footer cannot be read", cause);
  }
}

type Row = Readonly<Record<string, unknown>>;

async function readRows(file: Uint8Array, metadata: FileMetaData, columns: string[], source: string): Promise<readonly Row[]> {
  const { parquetReadObjects } = await import("hyparquet");
  try {
    const content = { byteLength: file.length, slice: (start: number, end?: number) => file.slice(start, end).buffer as ArrayBuffer };
    const rows: readonly Row[] = await parquetReadObjects({ file: content, metadata, columns, compressors: compressors(source), geoparquet: false });
    if (rows.length !== Number(metadata.num_rows)) throw badParquet(source, `${rows.length} of ${metadata.num_rows} rows are there`);
    return rows;
  } catch (cause) {
    if (isLetheError(cause)) throw cause;
    throw badParquet(source, "its pages cannot be read", cause);
  }
}

function textOf(row: Row, column: string, place: string, code: string): string {
  const value = row[column];
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  throw new LetheError(code, `Column ${column} in ${place} holds neither text nor a number.`, { place, column });
}

function numbersOf(row: Row, column: string, place: string): number[] {
  const value = row[column];
  return Array.isArray(value) ? value.map((item: unknown) => numberOf(item, column, place)) : [numberOf(value, column, place)];
}

function numberOf(value: unknown, column: string, place: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  const found = value === null || value === undefined ? "nothing" : `a value of type ${value instanceof Date ? "date" : typeof value}`;
  throw new LetheError("data/not-a-number", `Column ${column} in ${place} holds ${found} where a number is needed.`, { place, column });
}

function metadataOf(value: unknown): TableRow["metadata"][string] {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return String(value);
}
