import { describe, expect, it } from "vitest";
import { errorCode } from "./fixtures/error-code.ts";
import { float32Values } from "./float32-values.ts";
import type { HostArray } from "../tree/index.ts";

const read = (values: HostArray) => float32Values("w", { shape: [values.length], values }, "the file");

describe("float32Values", () => {
  it("runs its example", () => {
    const values = float32Values("scale", { shape: [2], values: Float64Array.of(0.5, 3) }, "weights.safetensors");
    expect(values).toEqual(Float32Array.of(0.5, 3));
  });

  it("gives float32 back as it is", () => {
    const values = Float32Array.of(0.1, Number.NaN, -Infinity);
    expect(read(values)).toBe(values);
  });

  it("takes every double and integer that float32 holds, zeros with their sign", () => {
    const doubles = Float64Array.of(-0, 2 ** -149, (2 - 2 ** -23) * 2 ** 127, Number.NaN, Infinity);
    expect([...read(doubles)].map((value, i) => Object.is(value, doubles[i]))).toEqual([true, true, true, true, true]);
    expect(read(Int32Array.of(-(2 ** 24), 2 ** 24 + 2))).toEqual(Float32Array.of(-(2 ** 24), 2 ** 24 + 2));
    expect(read(Uint8Array.of(255))).toEqual(Float32Array.of(255));
  });

  it.each([
    ["a double between two", Float64Array.of(1, 0.1)],
    ["a double below the smallest", Float64Array.of(1, 2 ** -150)],
    ["a double beyond the largest", Float64Array.of(1, 1e39)],
    ["an integer of 25 bits", Int32Array.of(1, 2 ** 24 + 1)],
  ])("refuses %s", (_, values) => {
    expect(errorCode(() => read(values))).toBe("safetensors/inexact");
    expect(() => read(values)).toThrow(/tensor w of the file holds .* at position 1,/);
  });
});
