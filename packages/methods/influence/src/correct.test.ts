import { arrayDataset, hashDataset, isLetheError, subset } from "@lethe/core";
import { describe, expect, it } from "vitest";
import { correct } from "./correct.ts";

const data = arrayDataset({ inputs: Float32Array.from({ length: 12 }, (_, i) => i), inputShape: [2, 2], labels: [0, 1, 2], ids: ["a", "b", "c"] });

function codeOf(body: () => unknown): string | undefined {
  try {
    body();
  } catch (error) {
    return isLetheError(error) ? error.code : undefined;
  }
  return undefined;
}

describe("correct", () => {
  it("gives the named samples their new labels and leaves the others", async () => {
    const corrected = correct(data, ["a", "c"], { labels: { a: 2, c: 0 } });
    expect(Array.from(corrected.labels)).toEqual([2, 1, 0]);
    const { inputs, labels } = await corrected.read([2, 1]);
    expect(Array.from(labels)).toEqual([0, 1]);
    expect(Array.from(inputs.values)).toEqual([8, 9, 10, 11, 4, 5, 6, 7]);
    expect(Array.from(data.labels)).toEqual([0, 1, 2]);
  });

  it("sets features of the named samples, in whatever order they are read", async () => {
    const corrected = correct(data, ["b"], { features: { indices: [0, 3], value: -1 } });
    const { inputs } = await corrected.read([2, 1]);
    expect(Array.from(inputs.values)).toEqual([8, 9, 10, 11, -1, 5, 6, -1]);
    expect(Array.from((await data.read([1])).inputs.values)).toEqual([4, 5, 6, 7]);
    expect(inputs.shape).toEqual([2, 2, 2]);
  });

  it("has the hash of its own content", async () => {
    const corrected = correct(data, ["b"], { features: { indices: [0], value: 9 } });
    expect(await corrected.hash()).not.toBe(await data.hash());
    const values = Float32Array.from({ length: 12 }, (_, i) => (i === 4 ? 9 : i));
    expect(await corrected.hash()).toBe(await hashDataset(arrayDataset({ ...data, inputs: values, labels: data.labels })));
  });

  it.each([
    ["correction/unknown-id", { labels: { a: 1, b: 0 } }],
    ["correction/missing-label", { labels: {} }],
    ["correction/label-out-of-range", { labels: { a: 3 } }],
    ["correction/feature-out-of-range", { features: { indices: [4], value: 0 } }],
  ])("refuses %s", (code, correction) => {
    expect(codeOf(() => correct(data, ["a"], correction))).toBe(code);
  });

  it("refuses a fraction among whole inputs", async () => {
    const tokens = arrayDataset({ inputs: Int32Array.of(1, 2), inputShape: [2], labels: [0] });
    await expect(correct(tokens, ["0"], { features: { indices: [0], value: 0.5 } }).read([0])).rejects.toMatchObject({
      code: "correction/not-whole",
    });
    const { inputs } = await correct(subset(tokens, [0]), ["0"], { features: { indices: [0], value: 7 } }).read([0]);
    expect(inputs.values).toEqual(Int32Array.of(7, 2));
  });
});
