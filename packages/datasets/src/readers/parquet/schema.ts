import { LetheError } from "@lethe/core";
import type { FileMetaData, ParquetType, SchemaElement } from "hyparquet";
import { badParquet } from "./thrift.ts";

/** A column as far as a table needs it: one value a row, or a list of them. */
export interface ParquetColumn {
  readonly name: string;
  /** Names from the column to the values in it. */
  readonly path: readonly string[];
  readonly list: boolean;
  readonly type: ParquetType;
  readonly maxRepetition: number;
  readonly maxDefinition: number;
}

/** Logical types whose values would not become numbers, text or dates. */
const unread = new Set(["VARIANT", "GEOMETRY", "GEOGRAPHY", "BSON", "JSON"]);

/** Every column of the table by name; undefined for one that is nested in other ways than a list. @throws LetheError `data/bad-parquet`. */
export function parquetColumns({ schema }: FileMetaData, source: string): ReadonlyMap<string, ParquetColumn | undefined> {
  const columns = new Map<string, ParquetColumn | undefined>();
  let at = 1;
  for (let child = 0; child < (schema[0]?.num_children ?? 0); child++) {
    const end = endOfElement(schema, at, source);
    const { name } = schema[at];
    if (columns.has(name)) throw badParquet(source, `it has two columns named ${name}`);
    columns.set(name, columnOf(schema.slice(at, end)));
    at = end;
  }
  if (at !== schema.length) throw badParquet(source, "its schema does not fit together");
  return columns;
}

/** Where the element at `start` ends with all that is nested in it. */
function endOfElement(schema: readonly SchemaElement[], start: number, source: string): number {
  let open = 1;
  let at = start;
  for (; open > 0; at++) {
    if (at >= schema.length) throw badParquet(source, "its schema does not fit together");
    const children = schema[at].num_children ?? 0;
    if (children < 0 || children > schema.length) throw badParquet(source, "its schema does not fit together");
    open += children - 1;
  }
  return at;
}

function columnOf(path: readonly SchemaElement[]): ParquetColumn | undefined {
  const leaf = path.at(-1);
  const list = path.length > 1;
  const deep = path.length > 3 || path.slice(0, -1).some(({ num_children: children }) => children !== 1);
  if (leaf?.type === undefined || deep || (list && path[0].converted_type !== "LIST" && path[0].logical_type?.type !== "LIST")) return undefined;
  const maxRepetition = path.filter(({ repetition_type: kind }) => kind === "REPEATED").length;
  if (maxRepetition !== (list ? 1 : 0) || unread.has(leaf.logical_type?.type ?? leaf.converted_type ?? "")) return undefined;
  const maxDefinition = path.filter(({ repetition_type: kind }) => kind !== "REQUIRED").length;
  return { name: path[0].name, path: path.map(({ name }) => name), list, type: leaf.type, maxRepetition, maxDefinition };
}

/** @throws LetheError `data/unsupported-column`. */
export function expectReadable(name: string, column: ParquetColumn | undefined, source: string): ParquetColumn {
  if (column !== undefined) return column;
  const sentence = `The column ${name} of ${source} is nested, or of a kind that is not read here; numbers, text, dates and lists of them are.`;
  throw new LetheError("data/unsupported-column", sentence, { source, column: name });
}
