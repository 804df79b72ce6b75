import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { subset } from "@lethe/core";
import { csvDataset } from "./csv.ts";
import { expectSafeReading } from "./fixtures/fuzz.ts";
import { jsonLinesDataset } from "./json-lines.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const lines = (...objects: unknown[]): Uint8Array => text(objects.map((object) => JSON.stringify(object)).join("\n"));

describe("csvDataset", () => {
  const people = text('id,age,height,"home town",label\r\na7,30,1.5e0,"Bonn, Rhine",yes\r\n\r\nb2,-4,.25,"a ""b""\nc",no\r\n');

  it("reads names, quotes, line breaks in cells, and gzip", async () => {
    for (const file of [people, gzipSync(people), text(`\ufeff${new TextDecoder().decode(people)}`)]) {
      const data = await csvDataset({ file, id: "id", metadata: ["home town"] });
      expect(data).toMatchObject({ name: "csv", ids: ["a7", "b2"], inputShape: [2], classNames: ["no", "yes"], classCount: 2 });
      expect([...data.labels]).toEqual([1, 0]);
      expect(data.columns).toEqual({ "home town": ["Bonn, Rhine", 'a "b"\nc'] });
      expect((await data.read([0, 1])).inputs.values).toEqual(Float32Array.of(30, 1.5, -4, 0.25));
      expect(subset(data, [1]).columns).toEqual({ "home town": ['a "b"\nc'] });
    }
  });

  it("chooses columns by position, another delimiter, a shape, and some features only", async () => {
    const file = text("10;1;2;3;4\n9;5;6;7;8\n10;0;0;0;0\n");
    const data = await csvDataset({ file, header: "none", delimiter: ";", inputShape: [2, 2, 1], name: "tiny" });
    expect(data).toMatchObject({ inputShape: [2, 2, 1], classNames: ["9", "10"], ids: ["tiny-000000", "tiny-000001", "tiny-000002"] });
    expect([...data.labels]).toEqual([1, 0, 1]);
    const some = await csvDataset({ file, header: "none", delimiter: ";", label: 1, features: [4, 0] });
    expect((await some.read([1])).inputs.values).toEqual(Float32Array.of(8, 9));
  });

  it("orders classes by number, else by code units, or as told", async () => {
    const classes = async (labels: string, classNames?: string[]) => {
      const file = text(
        `label,x\n${labels
          .split(" ")
          .map((label) => `${label},1`)
          .join("\n")}`,
      );
      return (await csvDataset({ file, ...(classNames ? { classNames } : {}) })).classNames;
    };
    expect(await classes("10 9 -1 1e1 2.5")).toEqual(["-1", "2.5", "9", "10", "1e1"]);
    expect(await classes("b a10 a9 B")).toEqual(["B", "a10", "a9", "b"]);
    expect(await classes("b", ["c", "b", "a"])).toEqual(["c", "b", "a"]);
    await expect(classes("b d", ["c", "b"])).rejects.toMatchObject({ code: "data/unknown-label", message: expect.stringContaining("line 3") });
  });

  it.each([
    ["a word", "label,x\n1,2\n2,two\n", "data/not-a-number", /Column x in line 3 of a\.csv holds "two"/],
    ["NaN", "label,x\n1,NaN\n", "data/not-a-number", /line 2/],
    ["an empty cell", "label,x\n1,\n", "data/not-a-number", /holds ""/],
    ["a hexadecimal number", "label,x\n1,0x10\n", "data/not-a-number", /0x10/],
    ["a number beyond float32", "label,x\n1,1e39\n", "data/not-a-number", /1e39/],
    ["an empty label", "label,x\n1,2\n,2\n", "data/bad-labels", /line 3/],
    ["a short row", "label,x\n1,2\n3\n", "data/ragged-row", /Line 3 of a\.csv/],
    ["a quote that never ends", 'label,x\n1,"2\n', "data/bad-csv", /Line \d of a\.csv/],
    ["a quote inside a cell", 'label,x\n1,2"3"\n', "data/bad-csv", /Line 2/],
    ["no label column", "class,x\n1,2\n", "data/unknown-column", /no column label; it has 2: class, x/],
    ["a name that occurs twice", "label,x,x\n1,2,3\n", "data/duplicate-column", /"x"/],
    ["only labels", "label\n1\n", "data/no-features", /No column/],
    ["a header and nothing else", "label,x\n", "data/empty", /no samples/],
    ["nothing", "", "data/empty", /no samples/],
  ])("refuses %s and says where", async (_, content, code, message) => {
    const reading = csvDataset({ file: text(content), source: "a.csv" });
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("refuses ids that occur twice, other bytes than text, other shapes, bombs", async () => {
    const twice = csvDataset({ file: text("id,label,x\na,1,2\nb,1,2\na,0,3\n"), id: "id", source: "a.csv" });
    await expect(twice).rejects.toMatchObject({
      code: "data/duplicate-id",
      message: "line 4 of a.csv has the id a, which line 2 of a.csv has already.",
    });
    await expect(csvDataset({ file: Uint8Array.of(0xff, 0xfe, 0x61, 0) })).rejects.toMatchObject({ code: "data/bad-text" });
    await expect(csvDataset({ file: people, id: "id", metadata: [3], inputShape: [3] })).rejects.toMatchObject({ code: "data/shape-mismatch" });
    const bomb = gzipSync(new Uint8Array(2 ** 22).fill(0x31));
    await expect(csvDataset({ file: bomb, mostBytes: 2 ** 20 })).rejects.toMatchObject({ code: "data/too-large" });
    await expect(csvDataset({ file: people, delimiter: "" })).rejects.toMatchObject({ code: "data/bad-csv" });
  });

  it("meets damage with LetheErrors only", async () => {
    const plain = text("label,x,y\na,1,2\nb,3,4\n");
    await expectSafeReading([plain, people, gzipSync(plain)], (file) => csvDataset({ file, mostBytes: 2 ** 20 }), 300);
  });
});

describe("jsonLinesDataset", () => {
  it("reads arrays of features, labels, ids and all other fields", async () => {
    const file = lines(
      { id: "a7", features: [1, 2.5], label: "cat", town: "Bonn", age: 3, old: true, tags: ["x"] },
      { id: 8, features: [-1, 0], label: "ant", age: null, late: "yes" },
    );
    const data = await jsonLinesDataset({ file: gzipSync(file) });
    expect(data).toMatchObject({ ids: ["a7", "8"], classNames: ["ant", "cat"], inputShape: [2] });
    expect(data.columns).toEqual({ town: ["Bonn", null], age: [3, null], old: ["true", null], tags: ['["x"]', null], late: [null, "yes"] });
    expect((await data.read([0, 1])).inputs.values).toEqual(Float32Array.of(1, 2.5, -1, 0));
  });

  it("reads named numbers, other names, empty lines, and odd field names", async () => {
    const file = text('\n{"a":1,"b":2,"y":10,"__proto__":"p"}\r\n\n{"y":9,"b":4,"a":3}');
    const data = await jsonLinesDataset({ file, features: ["b", "a"], label: "y", name: "tiny" });
    expect(data).toMatchObject({ ids: ["tiny-000000", "tiny-000001"], classNames: ["9", "10"] });
    expect((await data.read([1])).inputs.values).toEqual(Float32Array.of(4, 3));
    expect(Object.entries(data.columns ?? {})).toEqual([["__proto__", ["p", null]]]);
  });

  it.each([
    ["broken JSON", '{"features":[1],"label":1}\n{"features":', "data/bad-json", /line 2 of a\.jsonl/],
    ["another value than an object", "[1,2]", "data/bad-json", /no JSON object in line 1/],
    ["no features", '{"label":1}', "data/not-a-number", /features in line 1/],
    ["text among the features", '{"features":[1,"2"],"label":1}', "data/not-a-number", /features\[1\] in line 1/],
    ["null among the features", '{"features":[null],"label":1}', "data/not-a-number", /of type null/],
    ["a number beyond float32", '{"features":[1e39],"label":1}', "data/not-a-number", /Feature 0 in line 1/],
    ["other numbers of features", '{"features":[1],"label":1}\n{"features":[1,2],"label":1}', "data/ragged-row", /line 2 .* has 2 features/],
    ["no numbers at all", '{"features":[],"label":1}', "data/ragged-row", /has 0 features/],
    ["no label", '{"features":[1]}', "data/bad-labels", /label in line 1/],
    ["an inherited label", '{"features":[1],"label":{}}', "data/bad-labels", /label in line 1/],
    ["an id that is an object", '{"id":{},"features":[1],"label":1}', "data/bad-id", /line 1/],
    ["an id that occurs twice", '{"id":1,"features":[1],"label":1}\n{"id":"1","features":[1],"label":1}', "data/duplicate-id", /line 2 .* line 1/],
    ["nothing", "\n \n", "data/empty", /no samples/],
  ])("refuses %s and says where", async (_, content, code, message) => {
    await expect(jsonLinesDataset({ file: text(content), source: "a.jsonl" })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("keeps memory bounded when every line has fields of its own", async () => {
    const many = lines(...Array.from({ length: 1200 }, (_, i) => ({ features: [i], label: 0, [`field ${i}`]: i })));
    await expect(jsonLinesDataset({ file: many })).rejects.toMatchObject({
      code: "data/too-many-columns",
      message: expect.stringContaining("line 1001"),
    });
    const deep = `{"features":[1],"label":0,"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    await expect(jsonLinesDataset({ file: text(deep) })).rejects.toMatchObject({ code: "data/bad-json" });
  });

  it("meets damage with LetheErrors only", async () => {
    const plain = lines({ features: [1, 2], label: "a", id: "x" }, { features: [3, 4], label: "b", id: "y", more: [1] });
    await expectSafeReading([plain, gzipSync(plain)], (file) => jsonLinesDataset({ file, mostBytes: 2 ** 20 }), 300);
  });
});
