import type { HostArray } from "../tree/index.ts";

/** How one safetensors element type is stored, and how it becomes a host array. */
export interface ElementType {
  readonly bytes: number;
  /** Reads all of `buffer`; undefined where a value has no place in the host type. */
  read(buffer: ArrayBuffer): HostArray | undefined;
}

/** The types that are written: one for each host array, by the name a typed array gives itself. */
export const writtenTypes: ReadonlyMap<string, string> = new Map([
  ["Float64Array", "F64"],
  ["Float32Array", "F32"],
  ["Int32Array", "I32"],
  ["Uint8Array", "U8"],
]);

/**
 * The types that are read. Halves widen to float32, which holds them all; 8 and 16 bit integers widen to int32, 32 and 64 bit ones become
 * int32 where every value fits; booleans stay bytes. Typed arrays are little-endian, as the format is, wherever tfjs runs.
 */
export const readTypes: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ["F64", { bytes: 8, read: (buffer) => new Float64Array(buffer) }],
  ["F32", { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ["F16", { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), widenHalf) }],
  ["BF16", { bytes: 2, read: (buffer) => widenBrainFloat(new Uint16Array(buffer)) }],
  ["I64", { bytes: 8, read: (buffer) => narrowBig(new BigInt64Array(buffer)) }],
  ["U64", { bytes: 8, read: (buffer) => narrowBig(new BigUint64Array(buffer)) }],
  ["I32", { bytes: 4, read: (buffer) => new Int32Array(buffer) }],
  ["U32", { bytes: 4, read: (buffer) => narrow(new Uint32Array(buffer)) }],
  ["I16", { bytes: 2, read: (buffer) => Int32Array.from(new Int16Array(buffer)) }],
  ["U16", { bytes: 2, read: (buffer) => Int32Array.from(new Uint16Array(buffer)) }],
  ["I8", { bytes: 1, read: (buffer) => Int32Array.from(new Int8Array(buffer)) }],
  ["U8", { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
  ["BOOL", { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
]);

/** IEEE 754 binary16 as a number: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
export function widenHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function widenBrainFloat(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}

const int32Limit = 0x7fffffff;

function narrow(values: Uint32Array): Int32Array | undefined {
  return values.every((value) => value <= int32Limit) ? Int32Array.from(values) : undefined;
}

function narrowBig(values: BigInt64Array | BigUint64Array): Int32Array | undefined {
  const result = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value > int32Limit || value < -int32Limit - 1) return undefined;
    result[i] = value;
  }
  return result;
}
