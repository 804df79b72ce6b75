import { LetheError } from "@lethe/core";
import type { ColumnMetaData, FileMetaData, RowGroup } from "hyparquet";
import { expectNotTooLarge } from "../content.ts";
import { unpackPage } from "./codecs.ts";
import { expectBoundedRuns } from "./runs.ts";
import type { ParquetColumn } from "./schema.ts";
import { badParquet, readThrift, type ThriftStruct, type ThriftValue } from "./thrift.ts";

const valueBytes = 8;
const dataPage = 0;
const dictionaryPage = 2;
const dataPageV2 = 3;
const bitPackedOrRuns = 3;
const byteStreamSplit = 9;
/** PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY, BYTE_STREAM_SPLIT. */
const knownEncodings = new Set([0, 2, bitPackedOrRuns, 8, byteStreamSplit]);

/**
 * Checks everything that the decoder would believe: sizes against the bytes that are there, counts of values against one another, and the
 * lengths of runs. The decoder (hyparquet) is built for files one trusts; without this, a few damaged bytes make it run without end or fill
 * the memory.
 *
 * @throws LetheError `data/bad-parquet`, `data/unsupported-parquet`, `data/too-large`.
 */
export function expectSoundChunks(
  bytes: Uint8Array,
  metadata: FileMetaData,
  columns: readonly ParquetColumn[],
  source: string,
  mostBytes: number,
): void {
  let total = 0;
  let rows = 0;
  for (const group of metadata.row_groups) {
    rows += wholeNumber(group.num_rows, source);
    for (const column of columns) {
      const chunk = chunkOf(group, column, source);
      const values = wholeNumber(chunk.num_values, source);
      if (column.list ? values < group.num_rows : values !== Number(group.num_rows))
        throw badParquet(source, `${column.name} has another number of rows`);
      total += values * valueBytes;
      expectNotTooLarge(total, source, mostBytes);
      total += expectSoundPages(bytes, chunk, column, values, source, mostBytes - total);
    }
  }
  if (rows !== wholeNumber(metadata.num_rows, source)) throw badParquet(source, "its row groups hold another number of rows than it states");
}

function chunkOf(group: RowGroup, column: ParquetColumn, source: string): ColumnMetaData {
  const chunks = group.columns.filter((chunk) => chunk.meta_data?.path_in_schema[0] === column.name);
  const found = chunks[0]?.meta_data;
  const whole = chunks.length === 1 && chunks[0]?.file_path === undefined;
  if (whole && found?.type === column.type && found.path_in_schema.join("\0") === column.path.join("\0")) return found;
  throw badParquet(source, `the column ${column.name} is not there in every row group`);
}

/** Walks the pages of a chunk; returns how many bytes they unpack to. */
function expectSoundPages(bytes: Uint8Array, chunk: ColumnMetaData, column: ParquetColumn, values: number, source: string, left: number): number {
  let at = wholeNumber(chunk.dictionary_page_offset || chunk.data_page_offset, source);
  const end = at + wholeNumber(chunk.total_compressed_size, source);
  if (end > bytes.length) throw badParquet(source, `the column ${column.name} lies beyond its end`);
  const file = bytes.subarray(0, end);
  let total = 0;
  let seen = 0;
  while (at < end - 1) {
    const { fields, end: contentStart } = readThrift(file, at, source);
    const unpackedBytes = wholeNumber(fields.get(2), source);
    at = contentStart + wholeNumber(fields.get(3), source);
    if (at > end) throw badParquet(source, `a page of ${column.name} is cut off`);
    total += unpackedBytes;
    expectNotTooLarge(total, source, left);
    const content = file.subarray(contentStart, at);
    seen += expectSoundPage({ fields, content, unpackedBytes, codec: chunk.codec, column, source }, values - seen);
  }
  return total;
}

interface Page {
  readonly fields: ThriftStruct;
  readonly content: Uint8Array;
  readonly unpackedBytes: number;
  readonly codec: string;
  readonly column: ParquetColumn;
  readonly source: string;
}

/** Returns how many values the page holds. */
function expectSoundPage(page: Page, most: number): number {
  const { fields, content, unpackedBytes, codec, source } = page;
  switch (fields.get(1)) {
    case dictionaryPage: {
      const count = wholeNumber(structAt(fields, 7, source).get(1), source);
      if (count > unpackedBytes) throw badParquet(source, "a dictionary claims more values than it has bytes");
      return 0;
    }
    case dataPage: {
      const header = structAt(fields, 5, source);
      const count = valueCount(header, most, source);
      expectSoundValues(page, unpackPage(codec, content, unpackedBytes, source), 0, header.get(2), count, true);
      return count;
    }
    case dataPageV2: {
      const header = structAt(fields, 8, source);
      const count = valueCount(header, most, source);
      const definition = wholeNumber(header.get(5), source);
      const levels = definition + wholeNumber(header.get(6), source);
      if (levels > Math.min(content.length, unpackedBytes)) throw badParquet(source, "the levels of a page are longer than the page");
      const { maxRepetition, maxDefinition } = page.column;
      const repetition = levels - definition;
      if (maxRepetition > 0) expectBoundedRuns(content, 0, content.length, bitsFor(maxRepetition), count, source);
      if (maxDefinition > 0) expectBoundedRuns(content, repetition, content.length, bitsFor(maxDefinition), count, source);
      const packed = content.subarray(levels);
      const unpacked = header.get(7) === false ? packed : unpackPage(codec, packed, unpackedBytes - levels, source);
      expectSoundValues(page, unpacked, 0, header.get(4), count, false);
      return count;
    }
    default:
      throw badParquet(source, "it has a page of an unknown kind");
  }
}

/** Levels (where they stand before the values) and values of an unpacked page. */
function expectSoundValues(page: Page, unpacked: Uint8Array, start: number, encoding: ThriftValue | undefined, count: number, levels: boolean): void {
  const { column, source } = page;
  const { maxRepetition, maxDefinition, type } = column;
  let at = start;
  for (const most of levels ? [maxRepetition, maxDefinition] : []) if (most > 0) at = expectPrefixedRuns(unpacked, at, bitsFor(most), count, source);
  if (typeof encoding !== "number" || !knownEncodings.has(encoding) || (encoding === byteStreamSplit && type === "FIXED_LEN_BYTE_ARRAY")) {
    const sentence = `The column ${column.name} of ${source} has an encoding that is not read here; write it plain or with a dictionary.`;
    throw new LetheError("data/unsupported-parquet", sentence, { source, column: column.name, encoding });
  }
  if (encoding === 0 || encoding === byteStreamSplit) return;
  if (type === "BOOLEAN") expectPrefixedRuns(unpacked, at, 1, count, source);
  else expectBoundedRuns(unpacked, at + 1, unpacked.length, unpacked[at] ?? 0, count, source);
}

/** Runs after their length as u32; returns where they end. */
function expectPrefixedRuns(bytes: Uint8Array, at: number, bitWidth: number, count: number, source: string): number {
  if (at + 4 > bytes.length) throw badParquet(source, "a page ends before its levels");
  const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
  expectBoundedRuns(bytes, at + 4, bytes.length, bitWidth, count, source);
  return at + 4 + length;
}

function valueCount(header: ThriftStruct, most: number, source: string): number {
  const count = wholeNumber(header.get(1), source);
  if (count > most) throw badParquet(source, "its pages hold more values than its columns state");
  return count;
}

function structAt(fields: ThriftStruct, id: number, source: string): ThriftStruct {
  const found = fields.get(id);
  if (found instanceof Map) return found as ThriftStruct;
  throw badParquet(source, "the header of a page lacks a part");
}

function wholeNumber(value: unknown, source: string): number {
  const number = Number(value ?? Number.NaN);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw badParquet(source, "a size or a count is missing or negative");
}

function bitsFor(most: number): number {
  return 32 - Math.clz32(most);
}
