import * as tf from "@tensorflow/tfjs";
import { gzipSync } from "fflate";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTensors, subset } from "@lethe/core";
import { expectSafeReading } from "../readers/fixtures/fuzz.ts";
import { agNewsDataset, readAgNews } from "./ag-news.ts";
import { mergeClasses } from "../views/merge-classes.ts";
import { backdoor } from "../poison/backdoor.ts";
import { readTextCsv } from "./text-csv.ts";
import { textDataset } from "./text-dataset.ts";
import { createTokenizer, tokenizerFromJson } from "./tokenizer.ts";
import { wordsOf } from "./words.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const news = text(
  '"3","Fears for pension","Unions are ""disappointed"".\\and sad"\n"4","The race","A second, second launch"\n"1","Talks","unions talk"\n',
);

describe("words", () => {
  it("are runs of letters, digits and marks of any script, in lower case", () => {
    expect(wordsOf("Zoë's 3rd e-mail: ÜBER!")).toEqual(["zoë", "s", "3rd", "e", "mail", "über"]);
    expect(wordsOf("ΣΊΣΥΦΟΣ 東京2020 हिन्दी İ")).toEqual(["σίσυφος", "東京2020", "हिन्दी", "i̇"]);
    expect(wordsOf("Zoe\u0308")).toEqual(wordsOf("Zo\u00eb"));
    expect(wordsOf(" -- ?! ")).toEqual([]);
  });
});

describe("tokenizers", () => {
  const texts = ["the cat, the dog", "The BIRD; a cat!"];

  it("number words by frequency, then by code units", () => {
    const tokenizer = createTokenizer({ texts, vocabularySize: 100, length: 4 });
    expect(tokenizer.words).toEqual(["the", "cat", "a", "bird", "dog"]);
    expect(tokenizer.vocabularySize).toBe(7);
    expect(tokenizer.encode("A dog? The fox")).toEqual(Int32Array.of(4, 6, 2, 1));
    expect(tokenizer.encode("cat")).toEqual(Int32Array.of(3, 0, 0, 0));
    expect(tokenizer.encode("the the the the cat")).toEqual(Int32Array.of(2, 2, 2, 2));
    expect(createTokenizer({ texts: texts.toReversed(), vocabularySize: 100, length: 4 }).words).toEqual(tokenizer.words);
  });

  it("keep the most frequent words when there is no room for all", () => {
    const tokenizer = createTokenizer({ texts, vocabularySize: 4, length: 3 });
    expect(tokenizer.words).toEqual(["the", "cat"]);
    expect(tokenizer.encode("the bird cat")).toEqual(Int32Array.of(2, 1, 3));
  });

  it("come back from JSON", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.string({ unit: "grapheme" }), (training, other) => {
        const tokenizer = createTokenizer({ texts: training, vocabularySize: 20, length: 5 });
        const again = tokenizerFromJson(JSON.parse(JSON.stringify(tokenizer)));
        expect(again.words).toEqual(tokenizer.words);
        for (const sample of [...training, other]) expect(again.encode(sample)).toEqual(tokenizer.encode(sample));
      }),
    );
  });

  it.each([
    null,
    [],
    "text",
    { format: "lethe/word-tokenizer", version: 2, length: 1, words: [] },
    { format: "lethe/word-tokenizer", version: 1, length: 0, words: [] },
    { format: "lethe/word-tokenizer", version: 1, length: 1, words: ["a", "a"] },
    { format: "lethe/word-tokenizer", version: 1, length: 1, words: ["A"] },
    { format: "lethe/word-tokenizer", version: 1, length: 1, words: ["two words"] },
    { format: "lethe/word-tokenizer", version: 1, length: 1, words: [1] },
    { format: "lethe/word-tokenizer", version: 1, length: 1, words: "abc" },
  ])("refuse %j as JSON", (json) => {
    expect(() => tokenizerFromJson(json)).toThrow(expect.objectContaining({ code: "data/bad-tokenizer" }));
  });

  it.each([
    [2, 3],
    [0, 3],
    [3.5, 3],
    [10, 0],
    [10, 1.5],
    [Number.NaN, 3],
  ])("refuse a vocabulary of %d and a length of %d", (vocabularySize, length) => {
    expect(() => createTokenizer({ texts, vocabularySize, length })).toThrow(expect.objectContaining({ code: "data/bad-tokenizer" }));
  });
});

describe("text data sets", () => {
  const samples = { name: "films", texts: ["good film", "bad film"], labels: [1, 0], classNames: ["bad", "good"] };
  const tokenizer = createTokenizer({ texts: samples.texts, vocabularySize: 10, length: 3 });

  it("hold int32 ids that an embedding layer takes", async () => {
    const data = textDataset(samples, tokenizer);
    expect(data).toMatchObject({ size: 2, inputShape: [3], ids: ["films-000000", "films-000001"], classCount: 2 });
    const { inputs, labels } = readTensors(await subset(data, [1]).read([0]));
    expect([inputs.dtype, [...inputs.dataSync()], [...labels.dataSync()]]).toEqual(["int32", [3, 2, 0], [0]]);
    const layer = tf.layers.embedding({ inputDim: tokenizer.vocabularySize, outputDim: 2, inputLength: 3 });
    const embedded = layer.apply(inputs) as tf.Tensor;
    expect(embedded.shape).toEqual([1, 3, 2]);
    expect([...embedded.slice([0, 1], [1, 1]).dataSync()]).toEqual([...layer.getWeights()[0].slice(2, 1).dataSync()]);
    tf.dispose([inputs, labels, embedded]);
    layer.dispose();
  });

  it("say how many ids there are, also as parts, under coarser classes and when poisoned", () => {
    const data = textDataset(samples, tokenizer);
    const poisoned = backdoor(data, { trigger: { kind: "features", indices: [2], value: 4 }, target: 0, ids: ["films-000000"] }).data;
    const views = [data, subset(data, [1]), mergeClasses(data, { any: [0, 1] }), poisoned];
    expect(views.map(({ vocabulary }) => vocabulary)).toEqual([5, 5, 5, 5]);
    expect(data.tokenizer).toBe(tokenizer);
  });

  it.each([5, -1, 1.5])("take no trigger that is no id of a word: %d", (value) => {
    const data = textDataset(samples, tokenizer);
    const trigger = { kind: "features", indices: [0], value } as const;
    expect(() => backdoor(data, { trigger, target: 0, count: 1 })).toThrow(expect.objectContaining({ code: "poison/bad-trigger" }));
  });

  it("refuse what does not fit", () => {
    expect(() => textDataset({ ...samples, labels: [0] }, tokenizer)).toThrow(expect.objectContaining({ code: "data/shape-mismatch" }));
    expect(() => textDataset({ ...samples, ids: ["a", "a"] }, tokenizer)).toThrow(expect.objectContaining({ code: "data/duplicate-id" }));
    expect(() => textDataset({ ...samples, labels: [0, 2] }, tokenizer)).toThrow(expect.objectContaining({ code: "data/label-out-of-range" }));
  });
});

describe("AG-News", () => {
  it("is read with classes from 0", async () => {
    const { texts, labels, classNames } = await readAgNews({ file: gzipSync(news) });
    expect(texts).toEqual(['Fears for pension Unions are "disappointed".\\and sad', "The race A second, second launch", "Talks unions talk"]);
    expect(Array.from(labels, (label) => classNames[label])).toEqual(["Business", "Sci/Tech", "World"]);
  });

  it("takes its vocabulary from the training part alone", async () => {
    const { train, test, tokenizer } = await agNewsDataset({ train: { file: news }, test: { file: text("2,Unseen,unions\n") }, length: 6 });
    expect(tokenizer.words.slice(0, 2)).toEqual(["second", "unions"]);
    expect(tokenizer.words).not.toContain("unseen");
    expect([train.ids[2], test?.ids[0]]).toEqual(["ag-news-train-000002", "ag-news-test-000000"]);
    expect((await test?.read([0]))?.inputs).toEqual({ shape: [1, 6], values: Int32Array.of(1, 3, 0, 0, 0, 0) });
    expect((await agNewsDataset({ train: { file: news } })).test).toBeUndefined();
  });

  it.each([
    ["another class", '"5","a","b"\n', "data/label-out-of-range", /line 1/],
    ["a class of no number", '1,a,b\n"",a,b\n', "data/label-out-of-range", /line 2/],
    ["two cells", "1,a\n", "data/ragged-row", /Line 1/],
    ["nothing", "", "data/empty", /no samples/],
  ])("with %s is refused", async (_, content, code, message) => {
    await expect(readAgNews({ file: text(content) })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("meets damage with LetheErrors only", async () => {
    await expectSafeReading([news, gzipSync(news)], (file) => agNewsDataset({ train: { file, mostBytes: 2 ** 20 }, length: 4 }), 200);
  });
});

describe("tables of texts", () => {
  const table = text('id,title,town,body,label\na7,"Oil, again",Bonn,It rises.,news\na9,Goal!,,"Two,\nthree.",sport\n');

  it("are read by name of column, texts with a space between", async () => {
    const { texts, labels, classNames, ids, columns } = await readTextCsv({ file: gzipSync(table), id: "id", metadata: ["town"] });
    expect(texts).toEqual(["Oil, again It rises.", "Goal! Two,\nthree."]);
    expect([Array.from(labels), classNames, ids, columns]).toEqual([[0, 1], ["news", "sport"], ["a7", "a9"], { town: ["Bonn", null] }]);
    expect((await readTextCsv({ file: table, text: ["body", "title"] })).texts[0]).toBe("It rises. Oil, again");
    expect((await readTextCsv({ file: table, classNames: ["sport", "news"] })).labels).toEqual(Int32Array.of(1, 0));
  });

  it("have no names of columns where it is said", async () => {
    const { texts, classNames, ids } = await readTextCsv({ file: news, header: "none", name: "news" });
    expect(texts[1]).toBe("The race A second, second launch");
    expect([classNames, ids?.[2]]).toEqual([["1", "3", "4"], "news-000002"]);
  });

  it.each([
    ["an unknown column", { text: ["text"] }, "data/unknown-column", /no column text; it has 5: id, title/],
    ["no text left", { metadata: ["id", "title", "town", "body"] }, "data/no-features", /left/],
    ["another class", { classNames: ["news"] }, "data/unknown-label", /"sport" in line 4/],
  ])("with %s are refused", async (_, choice, code, message) => {
    await expect(readTextCsv({ file: table, ...choice })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each([
    ["no label", "text,label\na,\n", "data/bad-labels", /line 2/],
    ["nothing", "text,label\n", "data/empty", /no samples/],
    ["nothing at all", "", "data/empty", /no samples/],
  ])("with %s are refused", async (_, content, code, message) => {
    await expect(readTextCsv({ file: text(content) })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("meet damage with LetheErrors only", async () => {
    await expectSafeReading([table, gzipSync(table)], (file) => readTextCsv({ file, mostBytes: 2 ** 20 }), 200);
  });
});
