import { expect, it } from "vitest";
import { digits, fashionSample, idxDataset, listDatasets, readIdx } from "./index.ts";

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
