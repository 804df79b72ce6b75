import { describe, expect, it } from "vitest";
import { expectSafeReading } from "./fixtures/fuzz.ts";
import { writeMat5, type MatVariable } from "./fixtures/mat-file.ts";
import { readMat5 } from "./mat5.ts";
import { svhnDataset } from "./svhn.ts";

const raw = (values: ArrayBufferView): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const variable = (name: string, shape: number[], arrayClass: number, storedType: number, values: ArrayBufferView, extra = {}): MatVariable => ({
  name,
  shape,
  arrayClass,
  storedType,
  bytes: raw(values),
  ...extra,
});
const packings = ["plain", "packed"] as const;

const byteAt = (row: number, column: number, channel: number, n: number): number => (row * 31 + column * 5 + channel * 101 + n * 7) & 0xff;
function pictures(count: number): Uint8Array {
  const bytes = new Uint8Array(3072 * count);
  for (let n = 0, at = 0; n < count; n++) {
    for (let channel = 0; channel < 3; channel++) {
      for (let column = 0; column < 32; column++) for (let row = 0; row < 32; row++) bytes[at++] = byteAt(row, column, channel, n);
    }
  }
  return bytes;
}
const svhn = (labels: number[], packing: (typeof packings)[number] = "packed"): Uint8Array =>
  writeMat5(
    [variable("X", [32, 32, 3, labels.length], 9, 2, pictures(labels.length)), variable("y", [labels.length, 1], 9, 2, Uint8Array.from(labels))],
    packing,
  );

describe("readMat5", () => {
  it.each(packings)("reads numbers of every type, %s", async (packing) => {
    const file = writeMat5(
      [
        variable("doubles", [2, 2], 6, 9, Float64Array.of(1.5, -2, Infinity, 4)),
        variable("narrowed", [1, 3], 6, 2, Uint8Array.of(0, 200, 255)),
        variable("f", [1, 2], 7, 7, Float32Array.of(0.5, 3)),
        variable("i8", [3, 1], 8, 1, Int8Array.of(-1, 2, -3)),
        variable("i16", [1, 2], 10, 3, Int16Array.of(-300, 300)),
        variable("u16", [1, 2], 11, 4, Uint16Array.of(65535, 0)),
        variable("i32", [1, 1], 12, 5, Int32Array.of(-70000)),
        variable("u32", [1, 1], 13, 6, Uint32Array.of(4e9)),
        variable("i64", [1, 2], 14, 12, BigInt64Array.of(-(2n ** 52n), 9n)),
        variable("cube", [1, 2, 3], 9, 2, Uint8Array.of(1, 2, 3, 4, 5, 6)),
        variable("none", [0, 0], 6, 9, new Float64Array(0)),
      ],
      packing,
    );
    expect(Object.fromEntries(await readMat5(file))).toEqual({
      doubles: { shape: [2, 2], values: Float64Array.of(1.5, -2, Infinity, 4) },
      narrowed: { shape: [1, 3], values: Float64Array.of(0, 200, 255) },
      f: { shape: [1, 2], values: Float32Array.of(0.5, 3) },
      i8: { shape: [3, 1], values: Int8Array.of(-1, 2, -3) },
      i16: { shape: [1, 2], values: Int16Array.of(-300, 300) },
      u16: { shape: [1, 2], values: Uint16Array.of(65535, 0) },
      i32: { shape: [1, 1], values: Int32Array.of(-70000) },
      u32: { shape: [1, 1], values: Uint32Array.of(4e9) },
      i64: { shape: [1, 2], values: Float64Array.of(-(2 ** 52), 9) },
      cube: { shape: [1, 2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) },
      none: { shape: [0, 0], values: new Float64Array(0) },
    });
  });

  it("leaves text and complex numbers out, and reads what comes after", async () => {
    const text = variable("text", [1, 2], 4, 4, Uint16Array.of(65, 66));
    const complex = variable("z", [1, 1], 6, 9, Float64Array.of(1), { complex: true });
    expect([...(await readMat5(writeMat5([text, complex, variable("n", [1, 1], 9, 2, Uint8Array.of(7))], "plain"))).keys()]).toEqual(["n"]);
  });

  const one = writeMat5([variable("numbers", [1, 9], 9, 2, new Uint8Array(9))], "plain");
  const changed = (at: number, ...bytes: number[]): Uint8Array => {
    const copy = one.slice();
    copy.set(bytes, at);
    return copy;
  };
  it.each([
    ["is empty", new Uint8Array(0), "data/truncated"],
    ["is cut in the header", one.slice(0, 100), "data/truncated"],
    ["is cut in a value", one.slice(0, -10), "data/truncated"],
    ["is of version 7.3", changed(7, 0x37, 0x2e, 0x33), "data/unsupported-mat"],
    ["is big-endian", changed(126, 0x4d, 0x49), "data/unsupported-mat"],
    ["is something else", changed(126, 0, 0), "data/bad-mat"],
    ["claims more than it holds", changed(132, 0xff, 0xff, 0xff, 0x7f), "data/truncated"],
    ["states another shape", changed(128 + 8 + 16 + 8, 2), "data/bad-mat"],
    ["holds an integer beyond 2^53", writeMat5([variable("i", [1, 1], 14, 12, BigInt64Array.of(2n ** 60n))], "plain"), "data/inexact-integer"],
  ])("refuses a file that %s", async (_, file, code) => {
    await expect(readMat5(file, { source: "a.mat" })).rejects.toMatchObject({ code, message: expect.stringContaining("a.mat") });
  });

  it("does not unpack more than allowed", async () => {
    const bomb = writeMat5([variable("zeros", [1, 2 ** 20], 9, 2, new Uint8Array(2 ** 20))], "packed");
    expect(bomb.length).toBeLessThan(5000);
    await expect(readMat5(bomb, { mostBytes: 2 ** 19 })).rejects.toMatchObject({ code: "data/too-large" });
    const twice = writeMat5(
      ["a", "b"].map((name) => variable(name, [1, 2 ** 18], 9, 2, new Uint8Array(2 ** 18))),
      "packed",
    );
    await expect(readMat5(twice, { mostBytes: 2 ** 18 + 2000 })).rejects.toMatchObject({ code: "data/too-large" });
    expect((await readMat5(twice, { mostBytes: 2 ** 19 + 2000 })).size).toBe(2);
  });
});

describe("svhnDataset", () => {
  it.each(packings)("reads pictures and labels, %s", async (packing) => {
    const data = await svhnDataset({ file: svhn([10, 3, 9], packing), name: "svhn-test" });
    expect(data).toMatchObject({
      size: 3,
      classCount: 10,
      inputShape: [32, 32, 3],
      ids: ["svhn-test-000000", "svhn-test-000001", "svhn-test-000002"],
    });
    expect(Array.from(data.labels, (label) => data.classNames?.[label])).toEqual(["0", "3", "9"]);
    const { values } = (await data.read([2])).inputs;
    for (const [row, column, channel] of [
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [5, 20, 2],
      [31, 31, 2],
    ]) {
      expect(values[(row * 32 + column) * 3 + channel]).toBe(Math.fround(byteAt(row, column, channel, 2) / 255));
    }
  });

  it("reads a single picture, whose last axis MATLAB drops, and labels of type double", async () => {
    const file = writeMat5([variable("X", [32, 32, 3], 9, 2, pictures(1)), variable("y", [1, 1], 6, 9, Float64Array.of(10))], "plain");
    expect([...(await svhnDataset({ file })).labels]).toEqual([0]);
  });

  it.each([
    ["no y", writeMat5([variable("X", [32, 32, 3], 9, 2, pictures(1))], "plain"), "data/missing-array", /no numeric array y; it has X/],
    ["another label", svhn([11]), "data/label-out-of-range", /Label 0 of .* is 11/],
    [
      "fewer labels",
      writeMat5([variable("X", [32, 32, 3, 2], 9, 2, pictures(2)), variable("y", [1, 1], 9, 2, Uint8Array.of(1))], "plain"),
      "data/shape-mismatch",
      /1 labels/,
    ],
    [
      "other pictures",
      writeMat5([variable("X", [3, 32, 32], 9, 2, pictures(1)), variable("y", [1, 1], 9, 2, Uint8Array.of(1))], "plain"),
      "data/shape-mismatch",
      /3, 32, 32/,
    ],
  ])("refuses %s", async (_, file, code, message) => {
    await expect(svhnDataset({ file })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("meets damage with LetheErrors only", async () => {
    const small = writeMat5(
      [variable("X", [1, 4], 6, 9, Float64Array.of(1, 2, 3, 4)), variable("y", [1, 4], 9, 2, Uint8Array.of(1, 2, 3, 4))],
      "plain",
    );
    const packed = writeMat5([variable("numbers", [1, 4], 6, 9, Float64Array.of(1, 2, 3, 4))], "packed");
    await expectSafeReading([small, packed], (file) => readMat5(file, { mostBytes: 2 ** 20 }), 400);
    await expectSafeReading([svhn([1])], (file) => svhnDataset({ file, mostBytes: 2 ** 20 }), 60);
  });
});
