/** What the elements of an npy file become. Whole numbers of 64 bits become float64 where that is exact, halves become float32. */
export type NpyValues = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

export interface NpyType {
  /** NumPy's name: `"float32"`. */
  readonly name: string;
  readonly bytes: number;
  create(length: number): NpyValues;
  /** The value at a byte offset; undefined for an integer that no JavaScript number can hold. */
  get(view: DataView, at: number, littleEndian: boolean): number | undefined;
}

/** By the kind and size that follow the byte order in a `descr`, as `f4` in `<f4`. */
export const npyTypes: ReadonlyMap<string, NpyType> = new Map<string, NpyType>([
  ["b1", { name: "bool", bytes: 1, create: (n) => new Uint8Array(n), get: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) }],
  ["i1", { name: "int8", bytes: 1, create: (n) => new Int8Array(n), get: (view, at) => view.getInt8(at) }],
  ["u1", { name: "uint8", bytes: 1, create: (n) => new Uint8Array(n), get: (view, at) => view.getUint8(at) }],
  ["i2", { name: "int16", bytes: 2, create: (n) => new Int16Array(n), get: (view, at, little) => view.getInt16(at, little) }],
  ["u2", { name: "uint16", bytes: 2, create: (n) => new Uint16Array(n), get: (view, at, little) => view.getUint16(at, little) }],
  ["i4", { name: "int32", bytes: 4, create: (n) => new Int32Array(n), get: (view, at, little) => view.getInt32(at, little) }],
  ["u4", { name: "uint32", bytes: 4, create: (n) => new Uint32Array(n), get: (view, at, little) => view.getUint32(at, little) }],
  ["i8", { name: "int64", bytes: 8, create: (n) => new Float64Array(n), get: (view, at, little) => exact(view.getBigInt64(at, little)) }],
  ["u8", { name: "uint64", bytes: 8, create: (n) => new Float64Array(n), get: (view, at, little) => exact(view.getBigUint64(at, little)) }],
  ["f2", { name: "float16", bytes: 2, create: (n) => new Float32Array(n), get: (view, at, little) => half(view.getUint16(at, little)) }],
  ["f4", { name: "float32", bytes: 4, create: (n) => new Float32Array(n), get: (view, at, little) => view.getFloat32(at, little) }],
  ["f8", { name: "float64", bytes: 8, create: (n) => new Float64Array(n), get: (view, at, little) => view.getFloat64(at, little) }],
]);

function exact(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** IEEE 754 binary16: a sign, 5 bits of exponent (bias 15), 10 of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
