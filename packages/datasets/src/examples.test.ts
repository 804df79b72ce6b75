import { arrayDataset } from "@lethe/core";
import { expect, it } from "vitest";
import {
  backdoor,
  classOf,
  digits,
  fashionSample,
  findDuplicates,
  forgetSet,
  idxDataset,
  interclassConfusion,
  labelNoise,
  listDatasets,
  mergeClasses,
  parseForget,
  poison,
  readIdList,
  readIdx,
  twinsOutside,
} from "./index.ts";

// The examples of the public docstrings and of the README, statement by statement.

it("digits", async () => {
  const { train, test } = await digits();
  expect(train.size).toBe(1437);
  expect(test.inputShape).toEqual([64]);
});

it("fashionSample", async () => {
  const { train, test, information } = await fashionSample();
  expect(train.size).toBe(2000);
  expect(test.inputShape).toEqual([28, 28, 1]);
  expect(train.ids[0]).toBe("fashion-train-038199");
  expect(information.licence).toBe("MIT");
});

it("listDatasets", () => {
  expect(listDatasets().map((entry) => entry.id)).toEqual(["digits", "fashion-sample"]);
});

it("readIdx", async () => {
  const { shape, values } = await readIdx(new Uint8Array([0, 0, 0x08, 1, 0, 0, 0, 3, 7, 8, 9]));
  expect(shape).toEqual([3]);
  expect(values).toEqual(new Uint8Array([7, 8, 9]));
});

it("idxDataset", async () => {
  const images = new Uint8Array([0, 0, 0x08, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102]);
  const labels = new Uint8Array([0, 0, 0x08, 1, 0, 0, 0, 2, 1, 0]);
  const data = await idxDataset({ images, labels, name: "tiny" });
  expect(data.inputShape).toEqual([1, 2, 1]);
  expect(data.ids).toEqual(["tiny-000000", "tiny-000001"]);
});

it("classOf, mergeClasses", () => {
  expect(classOf({ name: "clothes", classCount: 2, classNames: ["Shirt", "Bag"] }, "bag")).toBe(1);
  const shapes = arrayDataset({ inputs: new Float32Array(3), inputShape: [1], labels: [0, 2, 1], classNames: ["cat", "car", "dog"] });
  const merged = mergeClasses(shapes, { animals: ["cat", "dog"], vehicles: ["car"] });
  expect(merged.classNames).toEqual(["animals", "vehicles"]);
  expect([...merged.labels]).toEqual([0, 0, 1]);
  expect(merged.columns?.["class"]).toEqual(["cat", "dog", "car"]);
});

it("parseForget, forgetSet, readIdList", () => {
  expect(parseForget("class=3,random=50").draw).toEqual({ count: 50 });
  const people = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 0, 1], columns: { person: [17, 17, 4, null] } });
  const set = forgetSet(parseForget("group=person:17"), people);
  expect(set.words).toBe("2 samples where person = 17");
  expect(set.ids(0)).toEqual(["0", "1"]);
  expect(readIdList(new TextEncoder().encode('id,why\n"a, b",left\nc,\n'), "gone.csv")).toEqual(["a, b", "c"]);
});

it("labelNoise, backdoor, interclassConfusion, poison", async () => {
  const six = arrayDataset({ inputs: new Float32Array(6), inputShape: [1], labels: [0, 1, 2, 0, 1, 2] });
  const noisy = labelNoise(six, { count: 2, fromClass: 1, toClass: 2 });
  expect([noisy.poisonedIds, [...noisy.originalLabels], [...noisy.data.labels]]).toEqual([
    ["1", "4"],
    [1, 1],
    [0, 2, 2, 0, 2, 2],
  ]);

  const clean = arrayDataset({ inputs: new Float32Array(6), inputShape: [2], labels: [0, 1, 1] });
  const { data, poisonedIds, triggered } = backdoor(clean, { trigger: { kind: "features", indices: [1], value: 9 }, target: 0, ids: ["2"] });
  expect([[...data.labels], poisonedIds]).toEqual([[0, 1, 0], ["2"]]);
  expect((await data.read([2])).inputs.values).toEqual(Float32Array.of(0, 9));
  expect((await triggered(clean).read([0])).inputs.values).toEqual(Float32Array.of(0, 9));

  const four = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 2, 2] });
  const confused = interclassConfusion(four, { classes: [0, 1], count: 2 });
  expect([confused.poisonedIds, [...confused.data.labels]]).toEqual([
    ["0", "1"],
    [1, 0, 2, 2],
  ]);

  const pairs = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 0, 1] });
  const once = poison(pairs, { kind: "label-noise", fraction: 0.5, seed: 3 });
  expect(poison(pairs, once.recipe).poisonedIds).toHaveLength(2);
});

it("findDuplicates, twinsOutside", async () => {
  const waves = arrayDataset({
    inputs: new Float32Array([0, 1, 0, 2, 0, 1, 0, 2, 5, 6, 5, 7.01, 1, 0, 0, 0]),
    inputShape: [2, 2],
    labels: [0, 0, 0, 1],
  });
  const { exact, near } = await findDuplicates(waves);
  expect(exact).toEqual([
    [
      { set: "data", id: "0" },
      { set: "data", id: "1" },
    ],
  ]);
  expect(near.map(({ a, b }) => [a.id, b.id])).toEqual([["0", "2"]]);
  const found = {
    exact: [
      [
        { set: "data", id: "a" },
        { set: "data", id: "b" },
      ],
    ],
    near: [{ a: { set: "data", id: "a" }, b: { set: "test", id: "c" }, distance: 0.02 }],
  } as const;
  expect(twinsOutside(found, ["b"]).map(({ twin }) => twin.id)).toEqual(["a", "c"]);
  expect(twinsOutside(found, ["a", "b"]).map(({ twin }) => twin.id)).toEqual(["c", "c"]);
});
