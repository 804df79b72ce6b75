import { LetheError, formatShape } from "../errors/index.ts";
import { findDuplicateKey } from "./duplicate-key.ts";
import { readTypes } from "./element-types.ts";
import { isCountArray, isJsonObject, type JsonObject } from "./json.ts";

export interface HeaderEntry {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Bytes from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the data begins, in bytes from the start of the file. */
  readonly dataStart: number;
}

/** The bytes before the header: its length, an unsigned 64-bit integer. */
export const lengthBytes = 8;

/** The limit of the reference implementation, which would refuse a longer header. */
export const maximumHeaderBytes = 100_000_000;

export const metadataName = "__metadata__";

/** Reads and checks all of the header; after it every entry's bytes are in the file, belong to it alone, and fit its shape. */
export function readHeader(bytes: Uint8Array, source: string): Header {
  const { text, dataStart } = readHeaderText(bytes, source);
  const content = parseHeader(text, source);
  const metadata = readMetadata(content[metadataName], source);
  const entries = Object.entries(content)
    .filter(([name]) => name !== metadataName)
    .map(([name, info]) => readEntry(name, info, source));
  checkLayout(entries, bytes.byteLength - dataStart, source);
  return { entries, metadata, dataStart };
}

function readHeaderText(bytes: Uint8Array, source: string): { text: string; dataStart: number } {
  if (bytes.byteLength <= lengthBytes) throw truncated(source, `it holds ${bytes.byteLength} bytes, less than any header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Exact up to 2 ** 53, beyond which the length is refused whatever its last digits are.
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (bytes[lengthBytes] !== 0x7b) throw badHeader(source, "it does not begin with {");
  if (length > maximumHeaderBytes) throw badHeader(source, `its length of ${length} bytes is above the limit of ${maximumHeaderBytes}`);
  const dataStart = lengthBytes + length;
  if (dataStart > bytes.byteLength) throw truncated(source, `its header needs ${length} bytes of the ${bytes.byteLength - lengthBytes} there are`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(lengthBytes, dataStart));
    return { text, dataStart };
  } catch (error) {
    throw badHeader(source, "it is not UTF-8 text", error);
  }
}

function parseHeader(text: string, source: string): JsonObject {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw badHeader(source, "it is not JSON", error);
  }
  if (!isJsonObject(content)) throw badHeader(source, "it is not a JSON object");
  const name = findDuplicateKey(text);
  if (name !== undefined) {
    throw new LetheError("safetensors/duplicate-name", `The header of ${source} states ${name} twice; write the file again with unique names.`, {
      source,
      name,
    });
  }
  return content;
}

function readMetadata(content: unknown, source: string): Readonly<Record<string, string>> {
  if (content === undefined) return {};
  if (!isJsonObject(content)) throw badHeader(source, `${metadataName} is not an object`);
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => {
      checkName(key, source);
      if (typeof value !== "string") throw badHeader(source, `the metadata value of ${key} is not a string`);
      return [key, value];
    }),
  );
}

function readEntry(name: string, info: unknown, source: string): HeaderEntry {
  checkName(name, source);
  if (!isJsonObject(info)) throw badHeader(source, `the entry of ${name} is not an object`);
  const { dtype: type, shape, data_offsets: offsets } = info;
  if (typeof type !== "string") throw badHeader(source, `${name} states no dtype`);
  const elementType = readTypes.get(type);
  if (elementType === undefined) {
    const known = [...readTypes.keys()].join(", ");
    throw new LetheError(
      "safetensors/unsupported-type",
      `The tensor ${name} of ${source} has the element type ${type}; convert it to one of ${known} first.`,
      { source, name, type },
    );
  }
  if (!isCountArray(shape)) throw badHeader(source, `the shape of ${name} is not an array of non-negative integers`);
  if (!isCountArray(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw badHeader(source, `the data_offsets of ${name} are not two ascending integers`);
  }
  const [begin, end] = offsets;
  const needed = byteCount(shape, elementType.bytes);
  if (needed === undefined) throw badShape(name, shape, `has more elements than can be counted`, source);
  if (needed !== end - begin) {
    throw new LetheError(
      "safetensors/size-mismatch",
      `The tensor ${name} of ${source} has ${end - begin} bytes where ${type} ${formatShape(shape)} needs ${needed}; the file is damaged, fetch or write it again.`,
      { source, name, type, shape, bytes: end - begin, needed },
    );
  }
  return { name, type, shape, begin, end };
}

/** The format allows neither holes nor shared bytes: a file says everything it holds, once. */
function checkLayout(entries: readonly HeaderEntry[], dataBytes: number, source: string): void {
  let covered = 0;
  const inOrder = entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  for (const { name, begin, end } of inOrder) {
    if (end > dataBytes) throw truncated(source, `the tensor ${name} ends at byte ${end} of ${dataBytes} bytes of data`);
    if (begin < covered) {
      const sentence = `The tensor ${name} of ${source} shares bytes with another one; the file is damaged or forged, fetch or write it again.`;
      throw new LetheError("safetensors/overlap", sentence, { source, name, begin, covered });
    }
    if (begin > covered) throw hole(source, covered, begin);
    covered = end;
  }
  if (covered < dataBytes) throw hole(source, covered, dataBytes);
}

/** @throws LetheError `safetensors/bad-name` for a name that would change an object's prototype or that JSON elsewhere cannot hold. */
export function checkName(name: string, source: string): void {
  const reason = name === "__proto__" ? "is reserved by JavaScript" : isWellFormed(name) ? undefined : "is not well-formed Unicode";
  if (reason === undefined) return;
  throw new LetheError("safetensors/bad-name", `The name ${JSON.stringify(name)} in ${source} ${reason}; rename it.`, { source, name });
}

/** Whether every surrogate has its partner; JSON parsers outside JavaScript refuse text where one has not. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Bytes of a tensor, or undefined where the product leaves the exact integers. */
export function byteCount(shape: readonly number[], elementBytes: number): number | undefined {
  let count = elementBytes;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

export function badShape(name: string, shape: readonly number[], reason: string, source: string): LetheError {
  return new LetheError("safetensors/bad-shape", `The tensor ${name} of ${source} with shape ${formatShape(shape)} ${reason}.`, {
    source,
    name,
    shape,
  });
}

function truncated(source: string, fact: string): LetheError {
  return new LetheError("safetensors/truncated", `${source} is cut short: ${fact}; fetch or write it again.`, { source });
}

function badHeader(source: string, fact: string, cause?: unknown): LetheError {
  const sentence = `The header of ${source} cannot be read: ${fact}; check that it is a safetensors file, or fetch or write it again.`;
  return new LetheError("safetensors/bad-header", sentence, { source }, { cause });
}

function hole(source: string, begin: number, end: number): LetheError {
  const sentence = `The data of ${source} holds bytes ${begin} to ${end} that belong to no tensor; the file is damaged or forged, fetch or write it again.`;
  return new LetheError("safetensors/hole", sentence, { source, begin, end });
}
