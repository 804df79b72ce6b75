import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { expectSafeReading } from "./fixtures/fuzz.ts";
import { writeNpy } from "./fixtures/npy-file.ts";
import { npzDataset } from "./npz-dataset.ts";
import { readNpz } from "./npz.ts";
import { readZip } from "./zip.ts";

const raw = (values: ArrayBufferView): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const bytes = (shape: string, ...values: number[]): Uint8Array => writeNpy("'|u1'", "False", shape, Uint8Array.from(values));
const longs = (...values: number[]): Uint8Array => writeNpy("'<i8'", "False", `(${values.length},)`, raw(BigInt64Array.from(values, BigInt)));
const floats = (shape: string, ...values: number[]): Uint8Array => writeNpy("'<f4'", "False", shape, raw(Float32Array.from(values)));
const levels = [0, 6] as const;
const zip = (files: Record<string, Uint8Array>, level: 0 | 6 = 0): Uint8Array => zipSync(files, { level });
const two = { "x.npy": bytes("(2, 2)", 0, 51, 102, 255), "y.npy": longs(1, 0) };

describe("readNpz", () => {
  it.each(levels)("reads arrays by name, packed at level %i, and leaves other files alone", async (level) => {
    const arrays = await readNpz(zip({ ...two, "notes.txt": Uint8Array.of(1) }, level));
    expect([...arrays.keys()]).toEqual(["x", "y"]);
    expect(arrays.get("y")).toEqual({ shape: [2], dtype: "int64", values: Float64Array.of(1, 0) });
  });

  it("reads only what it is asked for", async () => {
    const file = zip({ ...two, "meta.npy": writeNpy("'|O'", "False", "()", Uint8Array.of(1)) });
    await expect(readNpz(file)).rejects.toMatchObject({ code: "data/unsupported-dtype", message: expect.stringContaining("meta of the npz file") });
    expect([...(await readNpz(file, { only: ["y"] })).keys()]).toEqual(["y"]);
  });

  it("finds every flipped bit of the content", () => {
    const file = zip({ a: Uint8Array.of(1, 2, 3, 4) });
    const start = file.indexOf(1, 30);
    for (let bit = 0; bit < 32; bit++) {
      const copy = file.slice();
      copy[start + (bit >> 3)] ^= 1 << (bit & 7);
      expect(() => readZip(copy)).toThrow(expect.objectContaining({ code: "data/bad-zip" }));
    }
  });

  const claim = (file: Uint8Array, size: number): Uint8Array => {
    const copy = file.slice();
    const directory = new DataView(copy.buffer).getUint32(copy.length - 6, true);
    new DataView(copy.buffer).setUint32(directory + 24, size, true);
    return copy;
  };

  it("allocates neither for lying sizes nor for bombs", () => {
    const bomb = zip({ zeros: new Uint8Array(2 ** 22) }, 6);
    expect(bomb.length).toBeLessThan(6000);
    expect(() => readZip(bomb, { mostBytes: 2 ** 20 })).toThrow(expect.objectContaining({ code: "data/too-large" }));
    expect(readZip(bomb).get("zeros")).toHaveLength(2 ** 22);
    expect(() => readZip(claim(bomb, 2 ** 30))).toThrow(expect.objectContaining({ code: "data/bad-zip" }));
    expect(() => readZip(claim(bomb, 2 ** 21))).toThrow(expect.objectContaining({ code: "data/bad-zip" }));
    expect(() => readZip(claim(bomb, 2 ** 30 + 1))).toThrow(expect.objectContaining({ code: "data/too-large" }));
  });

  it("meets damage with LetheErrors only", async () => {
    await expectSafeReading([zip(two), zip(two, 6)], (file) => readNpz(file, { mostBytes: 2 ** 20 }), 400);
  });
});

describe("npzDataset", () => {
  it("divides bytes by 255 and leaves other numbers", async () => {
    const data = await npzDataset({ file: zip(two), name: "tiny", classNames: ["no", "yes", "perhaps"] });
    expect(data).toMatchObject({ size: 2, classCount: 3, inputShape: [2], ids: ["tiny-000000", "tiny-000001"] });
    expect((await data.read([1, 0])).inputs.values).toEqual(Float32Array.of(0.4, 1, 0, 0.2));
    const other = await npzDataset({
      file: zip({ "images.npy": floats("(1, 2)", 2, -3), "t.npy": bytes("(1, 1)", 4) }),
      inputs: "images",
      labels: "t",
    });
    expect([(await other.read([0])).inputs.values, other.classCount]).toEqual([Float32Array.of(2, -3), 5]);
  });

  it("gives grey images a channel axis, or the shape that is asked for", async () => {
    const file = zip({ "x.npy": bytes("(1, 2, 3)", 1, 2, 3, 4, 5, 6), "y.npy": longs(0) });
    expect((await npzDataset({ file })).inputShape).toEqual([2, 3, 1]);
    expect((await npzDataset({ file, inputShape: [6] })).inputShape).toEqual([6]);
    await expect(npzDataset({ file, inputShape: [5] })).rejects.toMatchObject({ code: "data/shape-mismatch" });
  });

  it("keeps tokens whole", async () => {
    const tokens = writeNpy("'<i8'", "False", "(1, 3)", raw(BigInt64Array.of(5n, 70_000n, 0n)));
    const data = await npzDataset({ file: zip({ "x.npy": tokens, "y.npy": longs(0) }), elementType: "int32" });
    expect((await data.read([0])).inputs.values).toEqual(Int32Array.of(5, 70_000, 0));
    const halves = zip({ "x.npy": floats("(1, 1)", 0.5), "y.npy": longs(0) });
    await expect(npzDataset({ file: halves, elementType: "int32" })).rejects.toMatchObject({ code: "data/non-finite" });
  });

  it.each([
    ["no y", { "x.npy": two["x.npy"] }, "data/missing-array"],
    ["other counts", { "x.npy": two["x.npy"], "y.npy": longs(1) }, "data/shape-mismatch"],
    ["one-hot labels", { "x.npy": two["x.npy"], "y.npy": bytes("(2, 2)", 0, 1, 1, 0) }, "data/shape-mismatch"],
    ["inputs without an axis", { "x.npy": bytes("(2,)", 1, 2), "y.npy": longs(1, 0) }, "data/shape-mismatch"],
    ["fractions as labels", { "x.npy": two["x.npy"], "y.npy": floats("(2,)", 0, 0.5) }, "data/bad-labels"],
    ["negative labels", { "x.npy": two["x.npy"], "y.npy": longs(-1, 0) }, "data/bad-labels"],
    ["NaN", { "x.npy": floats("(2, 1)", 1, Number.NaN), "y.npy": longs(1, 0) }, "data/non-finite"],
    ["no samples", { "x.npy": bytes("(0, 2)"), "y.npy": longs() }, "data/empty"],
  ])("refuses %s", async (_, files, code) => {
    await expect(npzDataset({ file: zip(files) })).rejects.toMatchObject({ code });
  });

  it("refuses numbers beyond float32, divisors that make none, and more classes than named", async () => {
    const file = zip({ "x.npy": writeNpy("'<f8'", "False", "(1, 1)", raw(Float64Array.of(1e300))), "y.npy": longs(0) });
    await expect(npzDataset({ file })).rejects.toMatchObject({ code: "data/non-finite", message: expect.stringContaining("sample 0") });
    await expect(npzDataset({ file: zip(two), divisor: 0 })).rejects.toMatchObject({ code: "data/bad-divisor" });
    await expect(npzDataset({ file: zip(two), classNames: ["one"] })).rejects.toMatchObject({ code: "data/label-out-of-range" });
  });
});
