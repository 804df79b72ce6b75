import { LetheError, type Dataset } from "@lethe/core";
import { textOf } from "./content.ts";
import { TableBuilder, type TableOptions, type TableRow } from "./table.ts";

export interface JsonLinesDatasetInput extends TableOptions {
  /** Content of the file, UTF-8, one JSON object a line, plain or gzipped. */
  readonly file: Uint8Array;
  /** The field with an array of numbers, or the fields with one number each. Default `"features"`. */
  readonly features?: string | readonly string[];
  /** The field with the label, text or a number. Default `"label"`. */
  readonly label?: string;
  /** The field with the sample's id, text or a number, where the line has it. Default `"id"`. */
  readonly id?: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A data set from JSON lines: inputs `[n, features] float32`, one class per distinct label, numbered as {@link csvDataset} does.
 *
 * All other fields become columns: text, numbers and null as they are, true and false as text, arrays and objects as their JSON. A line
 * without a field that others have gets null. Empty lines are skipped.
 *
 * @throws LetheError `data/bad-json`, `data/not-a-number`, `data/ragged-row`, `data/bad-labels`, `data/bad-id`, `data/duplicate-id`,
 * `data/too-many-columns` (all name the line); `data/unknown-label`, `data/shape-mismatch`, `data/empty`, `data/bad-text`, `data/bad-gzip`,
 * `data/too-large`.
 * @example
 * const file = new TextEncoder().encode('{"id":"a7","features":[1,2],"label":"cat","town":"Bonn"}\n{"id":"b2","features":[3,4],"label":"ant"}\n');
 * const data = await jsonLinesDataset({ file });
 * data.ids; // ["a7", "b2"]
 * data.columns; // { town: ["Bonn", null] }
 */
export async function jsonLinesDataset(input: JsonLinesDatasetInput): Promise<Dataset> {
  const { file, name = "json-lines", source = "the JSON lines file", mostBytes, ...options } = input;
  const table = new TableBuilder({ ...options, name, source });
  for (const [line, content] of linesOf(await textOf(file, source, mostBytes))) {
    const place = `line ${line} of ${source}`;
    table.add(rowOf(parseObject(content, place), input, place));
  }
  return table.finish();
}

/** Lines that are not empty, with their numbers from 1. */
function* linesOf(text: string): Generator<readonly [number, string]> {
  let start = 0;
  for (let line = 1; start < text.length; line++) {
    const end = text.indexOf("\n", start);
    const content = text.slice(start, end < 0 ? text.length : end);
    if (content.trim() !== "") yield [line, content];
    start = end < 0 ? text.length : end + 1;
  }
}

function parseObject(content: string, place: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new LetheError("data/bad-json", `JSON cannot be read in ${place}; every line holds one whole object.`, { place }, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new LetheError("data/bad-json", `There is no JSON object in ${place}; every line holds one.`, { place });
}

function rowOf(fields: JsonObject, { features = "features", label = "label", id = "id" }: JsonLinesDatasetInput, place: string): TableRow {
  const used = new Set([label, id, ...(typeof features === "string" ? [features] : features)]);
  const name = textValue(own(fields, id));
  if (name === undefined && own(fields, id) !== undefined) {
    throw new LetheError("data/bad-id", `The field ${id} in ${place} is neither text nor a number.`, { place, field: id });
  }
  return {
    place,
    label: textValue(own(fields, label)) ?? refuseLabel(label, place),
    ...(name === undefined ? {} : { id: name }),
    features: typeof features === "string" ? numbers(fields, features, place) : features.map((field) => number(own(fields, field), field, place)),
    metadata: Object.fromEntries(
      Object.entries(fields)
        .filter(([field]) => !used.has(field))
        .map(([field, value]) => [field, metadataValue(value, field, place)]),
    ),
  };
}

/** Not what an object inherits, were a field named `constructor`. */
function own(fields: JsonObject, field: string): unknown {
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function textValue(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function numbers(fields: JsonObject, field: string, place: string): number[] {
  const values = own(fields, field);
  if (Array.isArray(values)) return values.map((value: unknown, position) => number(value, `${field}[${position}]`, place));
  throw new LetheError("data/not-a-number", `The field ${field} in ${place} is no array of numbers; name the fields of features.`, { place, field });
}

function number(value: unknown, field: string, place: string): number {
  if (typeof value === "number") return value;
  const found = value === undefined ? "missing" : `of type ${value === null ? "null" : typeof value}`;
  throw new LetheError("data/not-a-number", `The field ${field} in ${place} is ${found} where a number is needed.`, { place, field, found });
}

function refuseLabel(field: string, place: string): never {
  throw new LetheError("data/bad-labels", `The field ${field} in ${place} is no label; labels are text or numbers.`, { place, field });
}

function metadataValue(value: unknown, field: string, place: string): string | number | null {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new LetheError("data/bad-json", `The field ${field} in ${place} is nested too deeply.`, { place, field }, { cause });
  }
}
