import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { arrayDataset } from "./array-dataset.ts";
import { augmentImages } from "./augment.ts";
import { batchesOf } from "./batches.ts";
import { computedDataset } from "./computed-dataset.ts";
import { hashDataset, identifyDataset } from "./dataset.ts";
import { sha256 } from "../tree/index.ts";
import { selectForget } from "./forget.ts";
import { subset } from "./subset.ts";
import { validateDataset, validateSamples } from "./validate.ts";

const six = () => arrayDataset({ inputs: Float32Array.from({ length: 12 }, (_, i) => i), inputShape: [2], labels: [0, 1, 2, 0, 1, 2], ids: ["a", "b", "c", "d", "e", "f"] });
const random = createRandom(1);

describe("data sets", () => {
  it("read by index, in the order asked for", async () => {
    const { inputs, labels } = await six().read([4, 0]);
    expect([...inputs.values]).toEqual([8, 9, 0, 1]);
    expect(inputs.shape).toEqual([2, 2]);
    expect([...labels]).toEqual([1, 0]);
  });

  it("have views of views", async () => {
    const view = subset(subset(six(), [5, 3, 1]), [2, 0]);
    expect(view.ids).toEqual(["b", "f"]);
    expect([...view.labels]).toEqual([1, 2]);
    expect([...(await view.read([1])).inputs.values]).toEqual([10, 11]);
  });

  it("of words say how many there are, also as parts; their hash does not", async () => {
    const base = { inputs: Int32Array.of(0, 3), inputShape: [1], labels: [0, 1] };
    const words = arrayDataset({ ...base, vocabulary: 4 });
    expect([words.vocabulary, subset(words, [1]).vocabulary, "vocabulary" in subset(six(), [1])]).toEqual([4, 4, false]);
    expect(await words.hash()).toBe(await arrayDataset(base).hash());
  });

  it("hash their content: order, inputs, labels and ids all count, the name does not", async () => {
    const base = { inputs: new Float32Array([1, 2]), inputShape: [1], labels: [0, 1], classCount: 2, ids: ["a", "b"] };
    const hash = (change: object) => arrayDataset({ ...base, ...change }).hash();
    const hashes = await Promise.all([{}, { inputs: new Float32Array([1, 3]) }, { labels: [1, 1] }, { ids: ["a", "c"] }, { classCount: 3 }].map(hash));
    expect(new Set(hashes).size).toBe(5);
    expect(await hash({ name: "other" })).toBe(hashes[0]);
    expect(await subset(arrayDataset(base), [1, 0]).hash()).not.toBe(hashes[0]);
    expect(await subset(arrayDataset(base), [0, 1]).hash()).toBe(hashes[0]);
    expect(await identifyDataset(arrayDataset({ ...base, inputs: new Float32Array([1, 3]) }))).toBe(await identifyDataset(arrayDataset(base)));
  });

  it("carry columns into views, and leave them out of the hash", async () => {
    const base = { inputs: new Float32Array([1, 2, 3]), inputShape: [1], labels: [0, 1, 1], ids: ["a", "b", "c"] };
    const data = arrayDataset({ ...base, columns: { town: ["Bonn", "Rome", null], year: [1999, 2001, 2003] } });
    expect(subset(data, [2, 0]).columns).toEqual({ town: [null, "Bonn"], year: [2003, 1999] });
    expect(subset(arrayDataset(base), [0])).not.toHaveProperty("columns");
    expect(await data.hash()).toBe(await arrayDataset(base).hash());
    const short = () => arrayDataset({ ...base, columns: { ids: ["one", "two"] } });
    expect(short).toThrow(expect.objectContaining({ code: "data/shape-mismatch", details: { labels: 3, list: "ids", entries: 2 } }));
    const altered = { ...data, columns: { town: ["Bonn"] } };
    expect(() => validateDataset(altered)).toThrow(expect.objectContaining({ code: "data/shape-mismatch", details: { column: "town", entries: 1, size: 3 } }));
    expect(() => arrayDataset({ ...base, ids: ["a"] })).toThrow(expect.objectContaining({ code: "data/shape-mismatch" }));
  });

  it("may be computed when they are read", async () => {
    const pixels = Uint8Array.of(0, 51, 255, 102);
    const data = computedDataset({
      name: "two pixels each",
      inputShape: [2],
      labels: [0, 1],
      write: (position, target) => target.forEach((_, i) => (target[i] = pixels[2 * position + i] / 255)),
    });
    expect((await data.read([1])).inputs.values).toEqual(Float32Array.of(1, 0.4));
    expect((await data.read([1, 0, 1])).inputs).toEqual({ shape: [3, 2], values: Float32Array.of(1, 0.4, 0, 0.2, 1, 0.4) });
    const same = arrayDataset({ inputs: Float32Array.from(pixels, (pixel) => pixel / 255), inputShape: [2], labels: [0, 1] });
    expect(await data.hash()).toBe(await same.hash());
    await expect(data.read([2])).rejects.toMatchObject({ code: "data/no-such-sample" });
    const tokens = computedDataset({ name: "tokens", inputShape: [1], labels: [0], elementType: "int32", write: (_, target) => target.fill(7) });
    expect((await tokens.read([0])).inputs.values).toEqual(Int32Array.of(7));
  });

  it("hash inputs of any size a little at a time, to the value that whole chunks give", async () => {
    const side = 1536;
    const content = { inputs: Float32Array.from({ length: 5 * side * side }, (_, i) => i % 251), inputShape: [side, side, 1], labels: [0, 1, 0, 1, 1] };
    const data = arrayDataset(content);
    const asked: number[] = [];
    const watched = { ...data, read: (indices: ArrayLike<number>) => (asked.push(indices.length), data.read(indices)) };
    const chunk = `${await sha256(JSON.stringify([data.ids, content.labels]))} ${await sha256(new Uint8Array(content.inputs.buffer))}`;
    expect(await hashDataset(watched)).toBe(await sha256(`5 2 ${side}x${side}x1\n${chunk}`));
    expect(asked).toEqual([3, 2]);
  });

  it("are cut into batches that cover every position once", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 20 }), (count, size) => {
        const batches = [...batchesOf(count, size)];
        expect(batches.flatMap((batch) => [...batch])).toEqual([...Array(count).keys()]);
        batches.slice(0, -1).forEach((batch) => expect(batch.length).toBe(size));
      }),
    );
  });

  it.each([
    [{ labels: [0, 3] }, "data/label-out-of-range"],
    [{ ids: ["x", "x"] }, "data/duplicate-id"],
  ])("with %o are refused", (change, code) => {
    const bad = arrayDataset({ inputs: new Float32Array(2), inputShape: [1], labels: [0, 1], classCount: 2, ...change });
    expect(() => validateDataset(bad)).toThrow(expect.objectContaining({ code }));
  });

  it("whose labels are no whole numbers are refused", () => {
    for (const label of [-1, 0.9, Number.NaN]) {
      const make = () => arrayDataset({ inputs: new Float32Array(1), inputShape: [1], labels: [label] });
      expect(make).toThrow(expect.objectContaining({ code: "data/label-out-of-range" }));
    }
  });

  it("have no samples outside, and no batches of odd sizes", async () => {
    for (const position of [6, -1, 0.5]) {
      expect(() => subset(six(), [position])).toThrow(expect.objectContaining({ code: "data/no-such-sample" }));
      await expect(six().read([position])).rejects.toMatchObject({ code: "data/no-such-sample" });
    }
    for (const size of [0, 2.5, Number.NaN]) expect(() => [...batchesOf(6, size)]).toThrow(expect.objectContaining({ code: "data/batch-size" }));
  });

  it("that read other labels than they list are refused", async () => {
    const samples = await six().read([1, 2]);
    const wrong = { ...samples, labels: Int32Array.of(1, 0) };
    expect(() => validateSamples(six(), [1, 2], wrong)).toThrow(expect.objectContaining({ code: "data/label-mismatch", details: { id: "c" } }));
    const short = { ...samples, labels: Int32Array.of(1) };
    expect(() => validateSamples(six(), [1, 2], short)).toThrow(expect.objectContaining({ code: "data/shape-mismatch" }));
  });

  it("that are empty, of another length, or not finite are refused", async () => {
    expect(() => validateDataset(subset(six(), []))).toThrow(expect.objectContaining({ code: "data/empty" }));
    expect(() => arrayDataset({ inputs: new Float32Array(3), inputShape: [2], labels: [0] })).toThrow(expect.objectContaining({ code: "data/shape-mismatch" }));
    const bad = arrayDataset({ inputs: new Float32Array([1, 2, Infinity, 4]), inputShape: [2], labels: [0, 0], ids: ["a", "b"] });
    const samples = await bad.read([0, 1]);
    expect(() => validateSamples(bad, [0, 1], samples)).toThrow(expect.objectContaining({ code: "data/non-finite", details: { id: "b", value: Infinity } }));
  });
});

describe("forget sets", () => {
  it.each([
    [["e", "a"], [0, 4]],
    [{ class: 2 }, [2, 5]],
    [[], []],
  ])("%o", (selection, positions) => {
    expect([...selectForget(six(), selection as readonly string[], random)]).toEqual(positions);
  });

  it("draw at random by the seed", () => {
    const draw = (seed: number) => [...selectForget(six(), { random: 3 }, createRandom(seed))];
    expect(draw(1)).toEqual(draw(1));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => draw(seed).join())).size).toBeGreaterThan(1);
  });

  it.each([
    [["a", "z"], "forget/unknown-id"],
    [["a", "b", "a"], "forget/duplicate-id"],
    [{ class: 7 }, "forget/unknown-class"],
    [{ random: 7 }, "forget/bad-count"],
    [{ random: 1.5 }, "forget/bad-count"],
    ["3", "forget/unknown-selection"],
    [{ ids: ["a"] }, "forget/unknown-selection"],
    [undefined, "forget/unknown-selection"],
    [[3], "forget/unknown-id"],
  ])("%o is refused as %s", (selection, code) => {
    expect(() => selectForget(six(), selection as readonly string[], random)).toThrow(expect.objectContaining({ code }));
  });
});

describe("augmentation", () => {
  const picture = Float32Array.from({ length: 9 }, (_, i) => i + 1);
  const samples = { inputs: { shape: [1, 3, 3, 1], values: picture }, labels: new Int32Array(1) };

  it("flips", () => {
    const { inputs } = augmentImages(samples, { flip: 1 }, random, () => "x");
    expect([...inputs.values]).toEqual([3, 2, 1, 6, 5, 4, 9, 8, 7]);
  });

  it("moves by at most the padding and fills with zeros", () => {
    const seen = new Set<string>();
    for (let key = 0; key < 400; key++) {
      const { values } = augmentImages(samples, { crop: 1 }, random, () => key).inputs;
      const at = values.indexOf(5);
      seen.add(String(at));
      // The neighbours that are still inside moved along.
      if (at % 3 > 0) expect(values[at - 1]).toBe(4);
      if (at % 3 < 2) expect(values[at + 1]).toBe(6);
    }
    expect(seen.size).toBe(9);
  });

  it("of a sample does not depend on its batch", () => {
    const two = { inputs: { shape: [2, 3, 3, 1], values: Float32Array.from([...picture, ...picture]) }, labels: new Int32Array(2) };
    const together = augmentImages(two, { crop: 2, flip: 0.5 }, random, (n) => ["a", "b"][n]).inputs.values;
    const alone = augmentImages(samples, { crop: 2, flip: 0.5 }, random, () => "b").inputs.values;
    expect(together.slice(9)).toEqual(alone);
  });

  it("needs images", () => {
    expect(() => augmentImages({ inputs: { shape: [1, 9], values: picture }, labels: new Int32Array(1) }, { flip: 1 }, random, () => 0)).toThrow(
      expect.objectContaining({ code: "data/not-images" }),
    );
  });
});
