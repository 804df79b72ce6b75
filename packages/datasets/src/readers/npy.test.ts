import fc from "fast-check";
import { gzipSync } from "fflate";
import { dump, float16ToFloat32 } from "npyjs";
import { describe, expect, it } from "vitest";
import { expectSafeReading } from "./fixtures/fuzz.ts";
import { writeNpy } from "./fixtures/npy-file.ts";
import { readNpy } from "./npy.ts";

const raw = (values: ArrayBufferView): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const swapped = (values: ArrayBufferView & { readonly BYTES_PER_ELEMENT: number }): Uint8Array => {
  const bytes = raw(values).slice();
  for (let at = 0; at < bytes.length; at += values.BYTES_PER_ELEMENT) bytes.subarray(at, at + values.BYTES_PER_ELEMENT).reverse();
  return bytes;
};

const kinds = [
  ["i1", Int8Array.of(-1, 127, -128, 0, 5, 6)],
  ["u1", Uint8Array.of(1, 255, 0, 3, 4, 5)],
  ["i2", Int16Array.of(-300, 300, 1, 2, 3, 32767)],
  ["u2", Uint16Array.of(65535, 0, 1, 2, 3, 256)],
  ["i4", Int32Array.of(-70000, 70000, 1, 2, 3, 4)],
  ["u4", Uint32Array.of(4e9, 0, 1, 2, 3, 4)],
  ["f4", Float32Array.of(1.5, -0, Infinity, Number.NaN, 1e-45, 3)],
  ["f8", Float64Array.of(1.1, -0, -Infinity, Number.NaN, 5e-324, 3)],
] as const;

describe("readNpy", () => {
  it.each(kinds)("reads %s in either byte order, plain and gzipped", async (code, values) => {
    for (const [order, bytes] of [
      ["<", raw(values)],
      [">", swapped(values)],
      ["|", raw(values)],
      ["=", raw(values)],
    ] as const) {
      const file = writeNpy(`'${order}${code}'`, "False", "(2, 3)", bytes);
      for (const packed of [file, gzipSync(file)]) expect(await readNpy(packed)).toMatchObject({ shape: [2, 3], values });
    }
  });

  it("reads what another program writes", async () => {
    for (const [, values] of kinds) {
      expect((await readNpy(new Uint8Array(dump(values, [3, 2])))).values).toEqual(values);
    }
  });

  it("makes wide integers and halves exact numbers", async () => {
    const wide = BigInt64Array.of(-(2n ** 53n) + 1n, 2n ** 53n - 1n, 0n);
    expect(await readNpy(writeNpy("'<i8'", "False", "(3,)", raw(wide)))).toEqual({
      shape: [3],
      dtype: "int64",
      values: Float64Array.from(wide, Number),
    });
    expect((await readNpy(writeNpy("'>i8'", "False", "(3,)", swapped(wide)))).values).toEqual(Float64Array.from(wide, Number));
    expect((await readNpy(writeNpy("'<u8'", "False", "()", raw(BigUint64Array.of(7n))))).values).toEqual(Float64Array.of(7));
    for (const [code, value] of [
      ["<i8", -(2n ** 53n) - 1n],
      ["<u8", 2n ** 64n - 1n],
    ] as const) {
      await expect(readNpy(writeNpy(`'${code}'`, "False", "(1,)", raw(BigUint64Array.of(BigInt.asUintN(64, value)))))).rejects.toMatchObject({
        code: "data/inexact-integer",
      });
    }
    const halves = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
    const { values, dtype } = await readNpy(writeNpy("'<f2'", "False", "(65536,)", raw(halves)));
    expect(dtype).toBe("float16");
    expect(values).toEqual(Float32Array.from(halves, float16ToFloat32));
    expect((await readNpy(writeNpy("'|b1'", "False", "(3,)", Uint8Array.of(0, 1, 255)))).values).toEqual(Uint8Array.of(0, 1, 1));
  });

  it("turns Fortran order round, whatever the rank", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 }), async (shape) => {
        const count = shape.reduce((product, size) => product * size, 1);
        const stored = new Float32Array(count);
        // Value i belongs at row-major position i; its column-major position follows from its index.
        for (let i = 0; i < count; i++) {
          let [rest, at] = [i, 0];
          const index = shape
            .toReversed()
            .map((size) => [rest % size, (rest = Math.floor(rest / size))][0])
            .toReversed();
          for (let axis = shape.length - 1; axis >= 0; axis--) at = at * shape[axis] + index[axis];
          stored[at] = i;
        }
        const text = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
        const { values } = await readNpy(writeNpy("'<f4'", "True", text, raw(stored)));
        expect(values).toEqual(Float32Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  it("reads a view, versions 2 and 3, and data that are not aligned", async () => {
    const file = writeNpy("'<f8'", "False", "(1,)", raw(Float64Array.of(2.5)));
    const larger = new Uint8Array(file.length + 3);
    larger.set(file, 3);
    expect((await readNpy(larger.subarray(3))).values).toEqual(Float64Array.of(2.5));
    for (const version of [2, 3])
      expect((await readNpy(writeNpy("'<i2'", "False", "(1,)", Uint8Array.of(7, 0), version))).values).toEqual(Int16Array.of(7));
  });

  const floats = (description: string, shape: string, bytes: number): Uint8Array => writeNpy(description, "False", shape, new Uint8Array(bytes));
  it.each([
    ["objects", floats("'|O'", "(1,)", 8), "data/unsupported-dtype", /Python objects/],
    ["a structure", floats("[('a', '<f4')]", "(1,)", 4), "data/unsupported-dtype", /a structure/],
    ["text", floats("'<U3'", "(1,)", 12), "data/unsupported-dtype", /<U3/],
    ["complex numbers", floats("'<c8'", "(1,)", 8), "data/unsupported-dtype", /<c8/],
    ["dates", floats("'<M8[ns]'", "(1,)", 8), "data/unsupported-dtype", /<M8/],
    ["quadruple precision", floats("'<f16'", "(1,)", 16), "data/unsupported-dtype", /<f16/],
    ["too few values", floats("'<f4'", "(3,)", 8), "data/truncated", /8 bytes|makes/],
    ["too many values", floats("'<f4'", "(1,)", 8), "data/over-long", /makes/],
    ["a shape beyond all memory", floats("'<f4'", "(999999999999, 999999999999, 999999999999)", 8), "data/truncated", /makes/],
    ["a negative axis", floats("'<f4'", "(-1,)", 8), "data/bad-npy", /-1/],
    ["no shape", floats("'<f4'", "None", 8), "data/bad-npy", /shape/],
    ["a header of gigabytes", Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 0xff, 0xff, 0xff, 0x7f), "data/bad-npy", /10000/],
    ["a version to come", Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 4, 0, 0, 0, 0, 0), "data/bad-npy", /version is 4/],
    ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0), "data/bad-magic", /another format/],
    ["nothing", new Uint8Array(0), "data/truncated", /0 bytes/],
  ])("refuses %s", async (_, file, code, message) => {
    await expect(readNpy(file, { source: "a.npy" })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(readNpy(file, { source: "a.npy" })).rejects.toThrow("a.npy");
  });

  it("meets damage with LetheErrors only", async () => {
    const files = [writeNpy("'<f4'", "True", "(2, 3)", new Uint8Array(24)), writeNpy("'>i8'", "False", "(2,)", new Uint8Array(16), 2)];
    await expectSafeReading([...files, gzipSync(files[0])], (file) => readNpy(file, { mostBytes: 2 ** 20 }), 400);
  });
});
