import { LetheError } from "@lethe/core";
import { gunzip, isGzip } from "./gunzip.ts";

export type IdxValues = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** An array of any rank, row-major, in the element type of the file. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: IdxValues;
}

export interface IdxOptions {
  /** Name of the file, for errors. Default `"the IDX file"`. */
  readonly source?: string;
}

interface ElementType {
  readonly name: "u8" | "i8" | "i16" | "i32" | "f32" | "f64";
  readonly bytes: number;
  create(length: number): IdxValues;
  /** The value at a byte offset, big-endian. */
  get(view: DataView, offset: number): number;
}

const elementTypes: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [0x08, { name: "u8", bytes: 1, create: (length: number) => new Uint8Array(length), get: (view: DataView, at: number) => view.getUint8(at) }],
  [0x09, { name: "i8", bytes: 1, create: (length: number) => new Int8Array(length), get: (view: DataView, at: number) => view.getInt8(at) }],
  [0x0b, { name: "i16", bytes: 2, create: (length: number) => new Int16Array(length), get: (view: DataView, at: number) => view.getInt16(at) }],
  [0x0c, { name: "i32", bytes: 4, create: (length: number) => new Int32Array(length), get: (view: DataView, at: number) => view.getInt32(at) }],
  [0x0d, { name: "f32", bytes: 4, create: (length: number) => new Float32Array(length), get: (view: DataView, at: number) => view.getFloat32(at) }],
  [0x0e, { name: "f64", bytes: 8, create: (length: number) => new Float64Array(length), get: (view: DataView, at: number) => view.getFloat64(at) }],
]);

/** Two zero bytes, the element type, the rank; then one size per axis. */
const fixedHeaderBytes = 4;
export const longestHeaderBytes = fixedHeaderBytes + 4 * 255;
/** A typed array of more elements is not to be had everywhere. */
const mostElements = 2 ** 32 - 1;

/**
 * Reads an IDX file, the format of MNIST and its relatives, plain or gzipped.
 *
 * Layout: bytes 0 0 t r, then r sizes as u32, then the values row-major; everything big-endian. t: 08 u8, 09 i8, 0b i16, 0c i32, 0d f32,
 * 0e f64. Rank 0 is one value. Nothing is allocated for values before the file is known to hold them.
 *
 * @throws LetheError `data/bad-magic`, `data/unknown-element-type`, `data/absurd-shape`, `data/truncated`, `data/over-long`,
 * `data/bad-gzip`; each names the file, what was expected and what was found.
 * @see http://yann.lecun.com/exdb/mnist (the description of the format)
 * @example
 * const { shape, values } = await readIdx(new Uint8Array([0, 0, 0x08, 1, 0, 0, 0, 3, 7, 8, 9]));
 * shape; // [3]
 * values; // Uint8Array [7, 8, 9]
 */
export async function readIdx(bytes: Uint8Array, options: IdxOptions = {}): Promise<IdxArray> {
  const { source = "the IDX file" } = options;
  if (!isGzip(bytes)) return decode(bytes, readIdxHeader(bytes, source), source);
  const header = readIdxHeader(await gunzip(bytes, source, longestHeaderBytes), source);
  // One byte more than needed is enough to see that a file is too long.
  return decode(await gunzip(bytes, source, header.totalBytes + 1), header, source);
}

export interface IdxHeader {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly dataStart: number;
  readonly elements: number;
  readonly totalBytes: number;
}

/** The header alone, from the first {@link longestHeaderBytes} of a file or all of it. */
export function readIdxHeader(bytes: Uint8Array, source: string): IdxHeader {
  expectBytes(bytes.length, fixedHeaderBytes, source, "for the start of an IDX header");
  const [first, second, code, rank] = bytes;
  if (first !== 0 || second !== 0) {
    const found = hex(bytes.subarray(0, fixedHeaderBytes));
    throw new LetheError("data/bad-magic", `${source} starts with ${found} where an IDX file starts with 00 00; is it another format?`, {
      source,
      expected: "00 00",
      found,
    });
  }
  const type = elementTypes.get(code);
  if (type === undefined) {
    const expected = [...elementTypes.keys()].map((known) => hex([known]));
    throw new LetheError("data/unknown-element-type", `${source} states the element type ${hex([code])}; IDX knows ${expected.join(", ")}.`, {
      source,
      expected,
      found: hex([code]),
    });
  }
  const dataStart = fixedHeaderBytes + 4 * rank;
  expectBytes(bytes.length, dataStart, source, `for an IDX header of rank ${rank}`);
  const view = viewOf(bytes);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(fixedHeaderBytes + 4 * axis));
  // An axis of length 0 makes the product 0 whatever the others are; without it a huge product may overflow to Infinity, never wrap.
  const elements = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  if (elements > mostElements) {
    throw new LetheError(
      "data/absurd-shape",
      `${source} states the shape [${shape.join(", ")}], which is ${elements} values; at most ${mostElements} can be read, so the header is damaged.`,
      { source, expected: mostElements, found: elements, shape },
    );
  }
  return { type, shape, dataStart, elements, totalBytes: dataStart + elements * type.bytes };
}

function decode(bytes: Uint8Array, header: IdxHeader, source: string): IdxArray {
  const { type, shape, dataStart, elements } = header;
  expectIdxLength(bytes.length, header, source);
  const values = type.create(elements);
  if (values instanceof Uint8Array) values.set(bytes.subarray(dataStart));
  else {
    const view = viewOf(bytes);
    for (let i = 0; i < elements; i++) values[i] = type.get(view, dataStart + i * type.bytes);
  }
  return { shape, values };
}

/** @throws LetheError `data/truncated`, `data/over-long` unless a file has the length that its header promises. */
export function expectIdxLength(found: number, { shape, totalBytes }: IdxHeader, source: string): void {
  expectBytes(found, totalBytes, source, `for the shape [${shape.join(", ")}]`);
  if (found === totalBytes) return;
  throw new LetheError(
    "data/over-long",
    `${source} goes on after the ${totalBytes} bytes of an IDX file of shape [${shape.join(", ")}]; its header or its end is wrong.`,
    { source, expected: totalBytes, found },
  );
}

function expectBytes(found: number, expected: number, source: string, purpose: string): void {
  if (found >= expected) return;
  throw new LetheError("data/truncated", `${source} has ${found} bytes where ${expected} are needed ${purpose}; fetch it again.`, {
    source,
    expected,
    found,
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hex(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
