import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sha256, validateDataset, validateSamples, type Dataset } from "@lethe/core";
import { digits, digitsInformation } from "./digits.ts";
import { loadEmbedded } from "./embedded.ts";
import { fashionSample } from "./fashion-sample.ts";

// SHA-256 of pixels and scaled inputs as recorded, by other software, with the reference cases the samples come from.
const referenceSums = {
  digitsTrainPixels: "d6af5fc254e4b4fbcb5bae4746e15ee20f22d24f51ced66f468a0eb91cb2b195",
  digitsTestPixels: "552206fcc0a72a30baedff02b1ef3aa36aa10bdeae3bfd412e4800b2d5eeeae9",
  digitsTrainInputs: "c1d7dd09cd921ac58e60a1212359a3cbb04d7e5b5e5a8defd92ae6a58393f66e",
  fashionTrainPixels: "4d53f35719cb36ee22088454781990286b0219667c03ec64eebcd0ee177f1767",
  fashionTestPixels: "d2454d5e88f766fcfe5a0f1b2935b45377949e61638f06dbb726b2d578bc9483",
  fashionTrainInputs: "4bca27f738f6e5cda44e93422ff38a2dd306c00ea7dcfbc614f3f38adc9d4a6e",
};

async function readAll(dataset: Dataset) {
  const indices = Array.from({ length: dataset.size }, (_, i) => i);
  const samples = await dataset.read(indices);
  validateDataset(dataset);
  validateSamples(dataset, indices, samples);
  return samples;
}

async function inputSum(dataset: Dataset): Promise<string> {
  const { values } = (await readAll(dataset)).inputs;
  return sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

async function pixelSum(dataset: Dataset, divisor: number): Promise<string> {
  return sha256(Uint8Array.from((await readAll(dataset)).inputs.values, (value) => Math.round(value * divisor)));
}

function countLabels(dataset: Dataset): number[] {
  const counts = Array.from({ length: dataset.classCount }, () => 0);
  dataset.labels.forEach((label) => counts[label]++);
  return counts;
}

describe("digits", () => {
  it("holds the reference case's samples, bit for bit and in its order", async () => {
    const { train, test } = await digits();
    expect([train.size, test.size]).toEqual([1437, 360]);
    expect(await pixelSum(train, 16)).toBe(referenceSums.digitsTrainPixels);
    expect(await pixelSum(test, 16)).toBe(referenceSums.digitsTestPixels);
    expect(await inputSum(train)).toBe(referenceSums.digitsTrainInputs);
    expect(countLabels(train)).toEqual([153, 132, 143, 140, 141, 140, 150, 151, 147, 140]);
    expect(countLabels(test)).toEqual([25, 50, 34, 43, 40, 42, 31, 28, 27, 40]);
  });

  it("names samples by their row in the table, and splits the table without overlap", async () => {
    const { train, test, all } = await digits();
    expect(train.ids.slice(0, 2)).toEqual(["digits-000178", "digits-000780"]);
    expect(test.ids[0]).toBe("digits-000104");
    expect([...train.ids, ...test.ids].toSorted()).toEqual([...all.ids]);
    const fromTrain = await train.read([0]);
    const fromAll = await all.read([178]);
    expect(fromTrain).toEqual(fromAll);
    expect(all.labels.slice(0, 12)).toEqual(Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]));
  });

  it("gives the same values as images", async () => {
    const flat = await digits({ shape: "flat" });
    const image = await digits({ shape: "image" });
    expect(image.train.inputShape).toEqual([8, 8, 1]);
    const [a, b] = [await flat.train.read([5, 9]), await image.train.read([5, 9])];
    expect(b.inputs).toEqual({ shape: [2, 8, 8, 1], values: a.inputs.values });
  });
});

describe("fashionSample", () => {
  it("holds the reference case's samples, bit for bit and in its order", async () => {
    const { train, test } = await fashionSample();
    expect([train.size, test.size]).toEqual([2000, 500]);
    expect(train.inputShape).toEqual([28, 28, 1]);
    expect(await pixelSum(train, 255)).toBe(referenceSums.fashionTrainPixels);
    expect(await pixelSum(test, 255)).toBe(referenceSums.fashionTestPixels);
    expect(await inputSum(train)).toBe(referenceSums.fashionTrainInputs);
    expect(countLabels(train)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(countLabels(test)).toEqual(Array.from({ length: 10 }, () => 50));
    expect(train.ids[0]).toBe("fashion-train-038199");
    expect(test.ids[0]).toBe("fashion-test-003145");
    expect(train.classNames?.[train.labels[0]]).toBe("Bag");
  });
});

describe("index lists", () => {
  it("are those the embedded files were made from", async () => {
    const list = (name: string) =>
      readFileSync(new URL(`../scripts/selection/${name}.txt`, import.meta.url), "utf8")
        .trim()
        .split(/\s+/)
        .map(Number);
    const position = (id: string) => Number(id.split("-").at(-1));
    const [someDigits, someFashion] = [await digits(), await fashionSample()];
    for (const part of ["train", "test"] as const) {
      expect(someDigits[part].ids.map(position)).toEqual(list(`digits-${part}`));
      expect(someFashion[part].ids.map(position)).toEqual(list(`fashion-${part}`));
    }
  });
});

describe("loadEmbedded", () => {
  afterEach(() => vi.unstubAllGlobals());

  const packed = readFileSync(fileURLToPath(new URL("../data/digits.bin.gz", import.meta.url)));
  const fromServer = new URL("https://example.org/assets/digits.bin.gz");
  const answer = (body: Uint8Array, status = 200) => vi.stubGlobal("fetch", async () => new Response(Uint8Array.from(body), { status }));

  it("reads over the network", async () => {
    answer(packed);
    const fetched = await loadEmbedded(fromServer, digitsInformation);
    const local = await loadEmbedded(new URL("../data/digits.bin.gz", import.meta.url), digitsInformation);
    expect(fetched).toEqual(local);
  });

  it("takes what the browser has unpacked already", async () => {
    answer(gunzipSync(packed));
    expect((await loadEmbedded(fromServer, digitsInformation)).labels).toHaveLength(1797);
  });

  it("refuses every kind of damage, naming the file", async () => {
    const flipped = gunzipSync(packed);
    flipped[1000] ^= 1;
    const brokenStream = Uint8Array.from(packed);
    brokenStream[20_000] ^= 0xff;
    for (const body of [flipped, brokenStream, packed.subarray(0, 30_000), packed.subarray(0, 0)]) {
      answer(body);
      await expect(loadEmbedded(fromServer, digitsInformation)).rejects.toMatchObject({
        code: "data/checksum",
        details: { file: "digits.bin.gz", expected: digitsInformation.sha256 },
      });
    }
  });

  it("says which file cannot be read, on disk and over the network", async () => {
    await expect(loadEmbedded(new URL("../data/absent.bin.gz", import.meta.url), digitsInformation)).rejects.toMatchObject({
      code: "data/unreadable",
      message: expect.stringContaining("absent.bin.gz"),
    });
    answer(packed, 404);
    await expect(loadEmbedded(fromServer, digitsInformation)).rejects.toMatchObject({
      code: "data/unreadable",
      message: expect.stringContaining("404"),
    });
  });
});
