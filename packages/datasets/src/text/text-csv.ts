import { LetheError } from "@lethe/core";
import { numberClasses } from "../readers/class-order.ts";
import { findColumns, type ColumnChoice, type ColumnPositions, type ColumnRoles } from "../readers/columns.ts";
import { textOf, type ContentOptions } from "../readers/content.ts";
import { mapColumns } from "../readers/csv.ts";
import { forEachCsvRow } from "../readers/csv-rows.ts";
import { sampleId } from "../sample-id.ts";
import type { TextSamples } from "./text-dataset.ts";

export interface TextCsvInput extends ContentOptions, Omit<ColumnRoles, "features"> {
  /** Content of the file, UTF-8, plain or gzipped. */
  readonly file: Uint8Array;
  /** The columns whose cells make a text, with a space between. Default: all that are neither label nor id nor metadata. */
  readonly text?: readonly ColumnChoice[];
  /** `"first-line"` (default) names the columns; with `"none"` they are chosen by position, and the label is the first unless said otherwise. */
  readonly header?: "first-line" | "none";
  /** Names the samples, and with the position in the file each of them where there is no column of ids. Default `"texts"`. */
  readonly name?: string;
  /** The classes in the order of their numbers. Default: as for `csvDataset`. */
  readonly classNames?: readonly string[];
}

/**
 * Labelled texts of a CSV table, for `createTokenizer` and `textDataset`.
 *
 * @throws LetheError `data/bad-csv`, `data/ragged-row`, `data/bad-labels`, `data/unknown-label` (all name the line); `data/unknown-column`,
 * `data/duplicate-column`, `data/no-features`, `data/empty`, `data/bad-text`, `data/bad-gzip`, `data/too-large`.
 * @example
 * const file = new TextEncoder().encode("title,body,label\nTalks,They talk.,dull\nGoal!,\"Two, even.\",fun\n");
 * const { texts, classNames } = await readTextCsv({ file });
 * texts; // ["Talks They talk.", "Goal! Two, even."]
 * classNames; // ["dull", "fun"]
 */
export async function readTextCsv(input: TextCsvInput): Promise<TextSamples> {
  const { file, header = "first-line", name = "texts", source = "the CSV file", mostBytes, text, classNames: given, ...roles } = input;
  const chosen = { ...roles, label: roles.label ?? (header === "none" ? 0 : "label"), ...(text === undefined ? {} : { features: text }) };
  const rows: Row[] = [];
  let names: readonly string[] = [];
  let positions: ColumnPositions | undefined;
  await forEachCsvRow(await textOf(file, source, mostBytes), ",", source, (cells, line) => {
    if (positions === undefined) {
      names = header === "none" ? cells.map((_, position) => String(position)) : cells;
      positions = findColumns(chosen, names, source);
      if (header === "first-line") return;
    }
    rows.push(rowOf(cells, positions, line, source));
  });
  if (rows.length === 0 || positions === undefined) throw new LetheError("data/empty", `${source} holds no samples.`, { source });
  const { labels, classNames } = numberClasses(
    rows.map(({ label }) => label),
    given,
    (position) => `line ${rows[position].line} of ${source}`,
  );
  const columns = positions.metadata.map((position, i) => [names[position], rows.map(({ metadata }) => metadata[i])] as const);
  return {
    name,
    texts: rows.map((row) => row.text),
    labels,
    classNames,
    ids: rows.map(({ id }, position) => id ?? sampleId(name, position)),
    ...(columns.length === 0 ? {} : { columns: mapColumns(Object.fromEntries(columns)) }),
  };
}

interface Row {
  /** In which it ends. */
  readonly line: number;
  readonly label: string;
  readonly id: string | undefined;
  readonly text: string;
  readonly metadata: readonly string[];
}

function rowOf(cells: readonly string[], { label, id, features, metadata }: ColumnPositions, line: number, source: string): Row {
  if (cells[label] === "") {
    throw new LetheError("data/bad-labels", `The label in line ${line} of ${source} is empty; fill it in or remove the row.`, { source, line });
  }
  return {
    line,
    label: cells[label],
    id: id === undefined ? undefined : cells[id],
    text: features.map((position) => cells[position]).join(" "),
    metadata: metadata.map((position) => cells[position]),
  };
}
