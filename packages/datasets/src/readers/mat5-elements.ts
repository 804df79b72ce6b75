import { LetheError } from "@lethe/core";
import { expectBytes, viewOf } from "./content.ts";

/** A tagged piece of a MATLAB file: its type, and its content without padding. */
export interface MatElement {
  readonly type: number;
  readonly content: Uint8Array;
}

/** Types of elements that are containers; the others are numbers, see {@link elementNumbers}. */
export const miMatrix = 14;
export const miCompressed = 15;

/**
 * The elements one after the other. A tag is type and size as u32; where size is 4 or less both fit into four bytes, with the content in the
 * next four. Content is padded to 8 bytes, except that of a compressed element.
 *
 * @throws LetheError `data/truncated` when an element claims more bytes than there are.
 */
export function* elementsOf(bytes: Uint8Array, source: string): Generator<MatElement> {
  const view = viewOf(bytes);
  let at = 0;
  while (at < bytes.length) {
    expectBytes(bytes, at + 8, source, "for the tag of an element");
    const word = view.getUint32(at, true);
    const small = word >>> 16;
    const type = small > 0 ? word & 0xffff : word;
    const size = small > 0 ? small : view.getUint32(at + 4, true);
    const start = small > 0 ? at + 4 : at + 8;
    if (small > 4) throw malformed(source, `an element of ${small} bytes is stored where 4 fit`);
    expectBytes(bytes, start + size, source, `for an element of ${size} bytes`);
    yield { type, content: bytes.subarray(start, start + size) };
    const end = small > 0 ? at + 8 : start + size;
    // The last padding may be missing.
    at = type === miCompressed ? end : Math.ceil(end / 8) * 8;
  }
}

interface NumberType {
  readonly bytes: number;
  get(view: DataView, offset: number): number;
}

const numberTypes: ReadonlyMap<number, NumberType> = new Map([
  [1, { bytes: 1, get: (view: DataView, at: number) => view.getInt8(at) }],
  [2, { bytes: 1, get: (view: DataView, at: number) => view.getUint8(at) }],
  [3, { bytes: 2, get: (view: DataView, at: number) => view.getInt16(at, true) }],
  [4, { bytes: 2, get: (view: DataView, at: number) => view.getUint16(at, true) }],
  [5, { bytes: 4, get: (view: DataView, at: number) => view.getInt32(at, true) }],
  [6, { bytes: 4, get: (view: DataView, at: number) => view.getUint32(at, true) }],
  [7, { bytes: 4, get: (view: DataView, at: number) => view.getFloat32(at, true) }],
  [9, { bytes: 8, get: (view: DataView, at: number) => view.getFloat64(at, true) }],
  [12, { bytes: 8, get: (view: DataView, at: number) => exactly(view.getBigInt64(at, true)) }],
  [13, { bytes: 8, get: (view: DataView, at: number) => exactly(view.getBigUint64(at, true)) }],
]);

/** NaN stands for "not exact" here: no integer is NaN. */
function exactly(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

/** How many numbers an element holds. @throws LetheError `data/bad-mat` when it holds none. */
export function numberCount({ type, content }: MatElement, source: string): number {
  return content.length / numberType(type, content, source).bytes;
}

/**
 * Writes the numbers of an element into `target`, which has room for all of them.
 *
 * @throws LetheError `data/bad-mat`, `data/inexact-integer` for 64-bit integers beyond 2^53.
 */
export function elementNumbers({ type, content }: MatElement, target: { [position: number]: number; readonly length: number }, source: string): void {
  const { bytes, get } = numberType(type, content, source);
  const view = viewOf(content);
  const wide = type === 12 || type === 13;
  for (let i = 0; i < target.length; i++) {
    const value = get(view, i * bytes);
    if (wide && Number.isNaN(value)) {
      throw new LetheError("data/inexact-integer", `${source} holds a 64-bit integer beyond 2^53, which no JavaScript number can hold.`, { source });
    }
    target[i] = value;
  }
}

function numberType(type: number, content: Uint8Array, source: string): NumberType {
  const found = numberTypes.get(type);
  if (found === undefined) throw malformed(source, `an element of type ${type} stands where numbers are needed`);
  if (content.length % found.bytes !== 0) throw malformed(source, `${content.length} bytes are no whole number of values of ${found.bytes} bytes`);
  return found;
}

/** Code `data/bad-mat`. */
export function malformed(source: string, reason: string): LetheError {
  return new LetheError("data/bad-mat", `${source} is no intact MATLAB file: ${reason}. Fetch it again.`, { source, reason });
}
