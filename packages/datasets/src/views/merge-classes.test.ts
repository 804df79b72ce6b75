import { arrayDataset, subset } from "@lethe/core";
import { expect, test } from "vitest";
import { mergeClasses } from "./merge-classes.ts";

const data = arrayDataset({
  name: "things",
  inputs: Float32Array.of(10, 11, 12, 13),
  inputShape: [1],
  labels: [0, 2, 1, 2],
  classNames: ["cat", "car", "dog"],
  columns: { year: [1, 2, 3, 4] },
});

test("labels become coarse wherever they are read, and the fine class stays in a column", async () => {
  const merged = mergeClasses(data, { vehicles: ["Car"], animals: [2, "cat"] });
  expect(merged).toMatchObject({ classCount: 2, classNames: ["vehicles", "animals"], size: 4, ids: data.ids, inputShape: [1] });
  expect([...merged.labels]).toEqual([1, 1, 0, 1]);
  expect(merged.columns).toEqual({ year: [1, 2, 3, 4], class: ["cat", "dog", "car", "dog"] });
  const { labels, inputs } = await merged.read([2, 0]);
  expect([[...labels], [...inputs.values]]).toEqual([
    [0, 1],
    [12, 10],
  ]);
  expect(subset(merged, [2]).columns).toEqual({ year: [3], class: ["car"] });
  expect(await merged.hash()).not.toBe(await data.hash());
});

test.each([
  [{ animals: ["cat", "dog"] }, "data/bad-classes", "car of things stand in none"],
  [{ a: ["cat", "dog", "car"], b: ["cat"] }, "data/bad-classes", "cat stands there twice"],
  [{ a: ["cat", "dog", "car"], b: [] }, "data/bad-classes", "the class b is made of nothing"],
  [{ a: ["cat", "dog", "bird"] }, "data/unknown-class", "0 cat, 1 car, 2 dog"],
])("%j is refused", (groups, code, hint) => {
  expect(() => mergeClasses(data, groups)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(hint) as string }));
});

test("a column of the same name is not lost", () => {
  const taken = arrayDataset({ inputs: new Float32Array(1), inputShape: [1], labels: [0], columns: { class: ["x"] } });
  expect(() => mergeClasses(taken, { all: [0] })).toThrow(expect.objectContaining({ code: "data/column-exists" }));
});
