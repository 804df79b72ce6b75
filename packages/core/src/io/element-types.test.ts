import { describe, expect, it } from "vitest";
import { readTypes, widenHalf } from "./element-types.ts";

/** Rounds to nearest even, for the range of normal and subnormal halves: an independent way back. */
function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const steps = size / 2 ** (exponent - 10);
  return sign | (size < 2 ** -14 ? steps : ((exponent + 15) << 10) | (steps - 1024));
}

describe("widenHalf", () => {
  it("reads every finite half as the number that encodes back to it", () => {
    const finite = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => (bits & 0x7c00) !== 0x7c00 && (bits & 0x7fff) !== 0);
    expect(finite).toHaveLength(63486);
    expect(finite.filter((bits) => halfBits(widenHalf(bits)) !== bits)).toEqual([]);
  });

  it("reads zeros, infinities and NaN", () => {
    expect(widenHalf(0)).toBe(0);
    expect(widenHalf(0x8000)).toBe(-0);
    expect(widenHalf(0x7c00)).toBe(Infinity);
    expect(widenHalf(0xfc00)).toBe(-Infinity);
    expect(widenHalf(0x7e00)).toBeNaN();
  });
});

describe("readTypes", () => {
  const read = (type: string, values: { readonly buffer: ArrayBufferLike }) => readTypes.get(type)!.read(values.buffer as ArrayBuffer);

  it("reads brain floats as the upper half of a float32", () => {
    expect(read("BF16", Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x8000))).toEqual(Float32Array.of(1, -3.140625, Infinity, -0));
  });

  it("narrows wide integers at the very edge of int32 and not beyond", () => {
    expect(read("I64", BigInt64Array.of(2147483647n, -2147483648n))).toEqual(Int32Array.of(2147483647, -2147483648));
    expect(read("I64", BigInt64Array.of(0n, 2147483648n))).toBeUndefined();
    expect(read("I64", BigInt64Array.of(-2147483649n))).toBeUndefined();
    expect(read("U64", BigUint64Array.of(2147483647n))).toEqual(Int32Array.of(2147483647));
    expect(read("U64", BigUint64Array.of(2n ** 63n))).toBeUndefined();
    expect(read("U32", Uint32Array.of(2147483647))).toEqual(Int32Array.of(2147483647));
    expect(read("U32", Uint32Array.of(2147483648))).toBeUndefined();
  });
});
