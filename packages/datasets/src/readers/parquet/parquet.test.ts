import { describe, expect, it } from "vitest";
import { expectSafeReading } from "../fixtures/fuzz.ts";
import { writeParquet } from "../fixtures/parquet-file.ts";
import { parquetSamples } from "../fixtures/parquet-samples.ts";
import { parquetDataset, type ParquetDatasetInput } from "./parquet.ts";
import { unpackSnappy } from "./snappy.ts";

const samples = Object.entries(parquetSamples).map(
  ([codec, text]) => [codec, Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))] as const,
);
const roles = { id: "name", metadata: ["town", "seen"] } as const;
const animals = (i: number): number => [2, 0, 1][i % 3];

describe("parquetDataset", () => {
  it.each(samples)("reads numbers, lists, text, dates and nulls: %s", async (_, file) => {
    const data = await parquetDataset({ file, ...roles });
    expect(data).toMatchObject({ size: 40, inputShape: [6], classNames: ["ant", "bee", "cat"] });
    expect([...data.labels]).toEqual(Array.from({ length: 40 }, (_value, i) => animals(i)));
    expect(data.ids[39]).toBe("row 39");
    expect((await data.read([3, 31])).inputs.values).toEqual(Float32Array.of(0.75, 9, 3, 3.5, -3, 1, 7.75, 961, 31, 31.5, -31, 0));
    expect(data.columns?.["town"].slice(0, 4)).toEqual([null, "Bonn", "Rome", "Bonn"]);
    expect(data.columns?.["seen"][31]).toBe("2024-02-01T00:00:00.000Z");
  });

  it("reads a column of lists as the features, in a shape", async () => {
    const data = await parquetDataset({ file: samples[1][1], features: ["pixels"], inputShape: [3, 1] });
    expect([data.inputShape, data.ids[7], data.columns]).toEqual([[3, 1], "parquet-000007", undefined]);
    expect((await data.read([7])).inputs.values).toEqual(Float32Array.of(7, 7.5, -7));
  });

  const old = writeParquet([
    { name: "label", values: [10, 9, 10] },
    { name: "x", values: [1.5, -2, 1e10] },
    { name: "note", values: [null, 4, null] },
  ]);

  it("reads pages of version 1", async () => {
    const data = await parquetDataset({ file: old, metadata: ["note"] });
    expect([data.classNames, [...data.labels], data.columns]).toEqual([["9", "10"], [1, 0, 1], { note: [null, 4, null] }]);
    expect((await data.read([2, 1])).inputs.values).toEqual(Float32Array.of(1e10, -2));
  });

  it.each<[string, Partial<ParquetDatasetInput>, string, RegExp]>([
    ["a column that is not there", { label: "class" }, "data/unknown-column", /no column class; it has 3: label, x, note/],
    ["a hole among the features", {}, "data/not-a-number", /Column note in row 0 of a\.parquet holds nothing/],
    ["an id that occurs twice", { id: "label", features: ["x"] }, "data/duplicate-id", /row 2 .* row 0/],
    ["a hole among the labels", { label: "note" }, "data/bad-labels", /row 0/],
  ])("refuses %s", async (_, input, code, message) => {
    await expect(parquetDataset({ file: old, source: "a.parquet", ...input })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("refuses text among the features", async () => {
    await expect(parquetDataset({ file: samples[0][1] })).rejects.toMatchObject({
      code: "data/not-a-number",
      message: expect.stringContaining("Column name in row 0"),
    });
  });

  const column = [
    { name: "label", values: [1, 2] },
    { name: "x", values: [1, 2] },
  ];
  it.each([
    ["more values than rows", { values: 3 }, "data/bad-parquet"],
    ["billions of values", { values: 2 ** 31 - 1 }, "data/bad-parquet"],
    ["a run of billions", { run: 2 ** 30 }, "data/bad-parquet"],
    ["a page of billions of bytes", { unpackedBytes: 2 ** 31 - 1 }, "data/too-large"],
    ["a page of another size", { unpackedBytes: 5 }, "data/bad-parquet"],
    ["a page that goes backwards", { packedBytes: -30 }, "data/bad-parquet"],
    ["a page beyond the end", { packedBytes: 2 ** 20 }, "data/bad-parquet"],
    ["billions of rows", { rows: 2 ** 40 }, "data/bad-parquet"],
    ["an encoding that is not read", { encoding: 7 }, "data/unsupported-parquet"],
  ])("allocates nothing for a file that claims %s", async (_, lies, code) => {
    await expect(parquetDataset({ file: writeParquet(column, lies), source: "a.parquet" })).rejects.toMatchObject({ code });
    expect((await parquetDataset({ file: writeParquet(column) })).size).toBe(2);
  });

  it.each([
    ["nothing", new Uint8Array(0), "data/truncated"],
    ["the first half", old.slice(0, old.length / 2), "data/bad-magic"],
    ["a footer longer than the file", Uint8Array.from([...old.slice(0, -8), 255, 255, 255, 127, ...old.slice(-4)]), "data/bad-parquet"],
    ["a footer of nested lists", nestedLists(), "data/bad-parquet"],
  ])("refuses %s", async (_, file, code) => {
    await expect(parquetDataset({ file })).rejects.toMatchObject({ code });
  });

  it("does not unpack more than allowed", async () => {
    await expect(parquetDataset({ file: samples[2][1], ...roles, mostBytes: 1000 })).rejects.toMatchObject({ code: "data/too-large" });
  });

  it("meets damage with LetheErrors only", async () => {
    const files = [...samples.map(([, file]) => file), old];
    await expectSafeReading(files, (file) => parquetDataset({ file, ...(file.length > 1000 ? roles : {}), mostBytes: 2 ** 20 }), 600);
  });
});

/** A list in a list in a list, each of which claims to have millions of items. */
function nestedLists(): Uint8Array {
  const footer = [0x19, ...Array.from({ length: 100 }, () => [0xf9, 0x80, 0x80, 0x80, 0x0f]).flat()];
  return Uint8Array.from([0x50, 0x41, 0x52, 0x31, ...footer, ...new Uint8Array(Uint32Array.of(footer.length).buffer), 0x50, 0x41, 0x52, 0x31]);
}

describe("unpackSnappy", () => {
  it("copies literals, and pieces that overlap themselves", () => {
    expect(unpackSnappy(Uint8Array.of(9, 0b1000, 1, 2, 3, 0b1001, 3), 9)).toEqual(Uint8Array.of(1, 2, 3, 1, 2, 3, 1, 2, 3));
    const long = Uint8Array.of(0x80, 0x01, 60 << 2, 99, ...new Uint8Array(100).fill(5), (27 << 2) | 2, 1, 0);
    expect(unpackSnappy(long, 128)).toEqual(new Uint8Array(128).fill(5));
  });

  it.each([
    ["a literal of four billion bytes", [4, 63 << 2, 0xf0, 0xff, 0xff, 0xff, 1]],
    ["a copy from before the start", [4, 0, 1, 0b0001, 2]],
    ["a copy from nowhere", [4, 0, 1, 0b0001, 0]],
    ["too few bytes", [4, 0b1000, 1, 2, 3]],
    ["too many bytes", [4, 16, 1, 2, 3, 4, 5]],
    ["nothing", []],
  ])("refuses %s", (_, bytes) => {
    expect(unpackSnappy(Uint8Array.from(bytes), 4)).toBeUndefined();
  });
});
