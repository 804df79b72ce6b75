import { zipSync } from "fflate";
import { expect, it } from "vitest";
import * as datasets from "../index.ts";
import { writeMat5 } from "./fixtures/mat-file.ts";
import { writeNpy } from "./fixtures/npy-file.ts";
import { parquetSamples } from "./fixtures/parquet-samples.ts";

// The examples of the docstrings of readers and texts, statement by statement; files stand in for the large ones that they name.

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const zeros = (shape: string, bytes: number): Uint8Array => writeNpy("'|u1'", "False", shape, new Uint8Array(bytes));

const files: Readonly<Record<string, () => Uint8Array>> = {
  "train_32x32.mat": () =>
    writeMat5(
      [
        { name: "X", shape: [32, 32, 3, 1], arrayClass: 9, storedType: 2, bytes: new Uint8Array(3072) },
        { name: "y", shape: [1, 1], arrayClass: 9, storedType: 2, bytes: Uint8Array.of(1) },
      ],
      "packed",
    ),
  "two-moons.npz": () => zipSync({ "y.npy": writeNpy("'<i8'", "False", "(1,)", new Uint8Array(8)) }),
  "mnist.npz": () => zipSync({ "x_train.npy": zeros("(1, 28, 28)", 784), "y_train.npy": zeros("(1,)", 1), "x_test.npy": zeros("(0,)", 0) }),
  "animals.parquet": () => Uint8Array.from(atob(parquetSamples.SNAPPY), (letter) => letter.charCodeAt(0)),
  "train.csv": () => text("1,The race,the cup\n"),
};
const readFile = async (name: string): Promise<Uint8Array> => files[name]();

it("cifar10Dataset", async () => {
  const redFrog = new Uint8Array(3073).fill(255, 1, 1025);
  redFrog[0] = 6;
  const data = await datasets.cifar10Dataset({ files: [redFrog], name: "cifar10-tiny" });
  expect(data.classNames?.[data.labels[0]]).toBe("frog");
  expect((await data.read([0])).inputs.values.slice(0, 4)).toEqual(Float32Array.of(1, 0, 0, 1));
});

it("cifar100Dataset", async () => {
  const baby = new Uint8Array(3074);
  baby.set([14, 2]);
  const data = await datasets.cifar100Dataset({ files: [baby], labels: "coarse" });
  expect(data.classNames?.[data.labels[0]]).toBe("people");
  expect(data.columns?.["fine"]).toEqual(["baby"]);
});

it("svhnDataset and readMat5", async () => {
  const file = await readFile("train_32x32.mat");
  const data = await datasets.svhnDataset({ file, name: "svhn-train" });
  expect(data.inputShape).toEqual([32, 32, 3]);
  expect(data.classNames?.[data.labels[0]]).toBe("1");
  expect((await datasets.readMat5(file)).get("y")?.shape).toEqual([1, 1]);
});

it("readNpy", async () => {
  const header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 2), }";
  const start = [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0, ...new TextEncoder().encode(header)];
  const { shape, values } = await datasets.readNpy(Uint8Array.of(...start, 1, 0, 3, 0, 2, 0, 4, 0));
  expect(shape).toEqual([2, 2]);
  expect(values).toEqual(Int16Array.of(1, 2, 3, 4));
});

it("readNpz", async () => {
  expect((await datasets.readNpz(await readFile("two-moons.npz"))).get("y")?.dtype).toBe("int64");
});

it("npzDataset", async () => {
  const file = await readFile("mnist.npz");
  const data = await datasets.npzDataset({ file, inputs: "x_train", labels: "y_train", name: "mnist-train" });
  expect(data.inputShape).toEqual([28, 28, 1]);
  expect(data.ids[0]).toBe("mnist-train-000000");
});

it("csvDataset", async () => {
  const file = text("height,town,label\n1.5,Bonn,cat\n2,Rome,ant\n");
  const data = await datasets.csvDataset({ file, metadata: ["town"], name: "pets" });
  expect(data.classNames).toEqual(["ant", "cat"]);
  expect(data.labels).toEqual(Int32Array.of(1, 0));
  expect(data.columns).toEqual({ town: ["Bonn", "Rome"] });
});

it("jsonLinesDataset", async () => {
  const file = text('{"id":"a7","features":[1,2],"label":"cat","town":"Bonn"}\n{"id":"b2","features":[3,4],"label":"ant"}\n');
  const data = await datasets.jsonLinesDataset({ file });
  expect(data.ids).toEqual(["a7", "b2"]);
  expect(data.columns).toEqual({ town: ["Bonn", null] });
});

it("parquetDataset", async () => {
  const file = await readFile("animals.parquet");
  const data = await datasets.parquetDataset({ file, features: ["weight", "pixels"], id: "name", metadata: ["town"] });
  expect(data.inputShape).toEqual([4]);
  expect(data.classNames).toEqual(["ant", "bee", "cat"]);
});

it("wordsOf", () => {
  expect(datasets.wordsOf("Zoë's 3rd e-mail: ÜBER!")).toEqual(["zoë", "s", "3rd", "e", "mail", "über"]);
});

it("createTokenizer", () => {
  const tokenizer = datasets.createTokenizer({ texts: ["the cat", "The dog, the bird"], vocabularySize: 4, length: 5 });
  expect(tokenizer.words).toEqual(["the", "bird"]);
  expect(tokenizer.encode("A bird and the bird")).toEqual(Int32Array.of(1, 3, 1, 2, 3));
  expect(tokenizer.encode("The")).toEqual(Int32Array.of(2, 0, 0, 0, 0));
});

it("tokenizerFromJson", () => {
  const saved = '{"format":"lethe/word-tokenizer","version":1,"length":3,"words":["the","cat"]}';
  expect(datasets.tokenizerFromJson(JSON.parse(saved)).encode("the fat cat")).toEqual(Int32Array.of(2, 1, 3));
});

it("textDataset", async () => {
  const tokenizer = datasets.createTokenizer({ texts: ["good film", "bad film"], vocabularySize: 10, length: 3 });
  const data = datasets.textDataset({ name: "films", texts: ["a bad film"], labels: [0], classNames: ["bad", "good"] }, tokenizer);
  expect((await data.read([0])).inputs.values).toEqual(Int32Array.of(1, 3, 2));
});

it("readAgNews", async () => {
  const file = text('"3","Fears for pension","Unions are ""disappointed""."\n');
  const { texts, labels } = await datasets.readAgNews({ file });
  expect(texts).toEqual(['Fears for pension Unions are "disappointed".']);
  expect(labels).toEqual([2]);
});

it("agNewsDataset", async () => {
  const { train, tokenizer } = await datasets.agNewsDataset({ train: { file: await readFile("train.csv") }, length: 8 });
  expect(train.classNames).toEqual(["World", "Sports", "Business", "Sci/Tech"]);
  expect(train.inputShape).toEqual([8]);
  expect(tokenizer.words[0]).toBe("the");
});
