import { expect, test } from "vitest";
import { createSetting } from "./setting.ts";

const labels = {
  retain: Int32Array.from({ length: 31 }, (_, i) => i % 3),
  forget: Int32Array.from([2, 2, 0]),
  test: Int32Array.from({ length: 21 }, (_, i) => i % 3),
};

test("unseen samples are of the classes in the forget set", () => {
  const { unseen } = createSetting(labels, 3, [], 0);
  expect([...unseen]).toEqual([...labels.test.keys()].filter((i) => labels.test[i] !== 1));
});

test("the samples that judge the threshold are none of those that fit it", () => {
  const { halves, unseen } = createSetting(labels, 3, [], 0);
  expect(halves.members).toHaveLength(15);
  expect(halves.nonMembers).toHaveLength(10);
  const fitted = new Set(halves.nonMembers);
  expect([...halves.unseen].filter((position) => fitted.has(position))).toEqual([]);
  expect([...halves.unseen].toSorted((a, b) => a - b)).toEqual([...unseen].filter((position) => !fitted.has(position)));
});

test("the halves follow the seed", () => {
  const halves = (seed: number) => createSetting(labels, 3, [], seed).halves;
  expect(halves(1)).toEqual(halves(1));
  expect(halves(1)).not.toEqual(halves(2));
});
