import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arrayDataset } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { dataSource, loadData, onlyIds, withoutIds } from "./source.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lethe-source-"));
});

const code = (expected: string) => expect.objectContaining({ code: expected });

/** A pair of IDX files of bytes, NAME-images and NAME-labels. */
async function writeIdx(name: string, shape: readonly number[], labels: readonly number[]): Promise<void> {
  const header = (sizes: readonly number[]) => {
    const bytes = Buffer.alloc(4 + 4 * sizes.length);
    bytes.set([0, 0, 0x08, sizes.length]);
    sizes.forEach((size, axis) => bytes.writeUInt32BE(size, 4 + 4 * axis));
    return bytes;
  };
  const count = shape.reduce((product, size) => product * size, 1);
  await writeFile(join(folder, `${name}-images`), Buffer.concat([header(shape), Uint8Array.from({ length: count }, (_, index) => index % 256)]));
  await writeFile(join(folder, `${name}-labels`), Buffer.concat([header([labels.length]), Uint8Array.from(labels)]));
}

describe("a data source", () => {
  it("is an embedded set with its test part", async () => {
    const { train, test } = await loadData(dataSource("digits", undefined, folder));
    expect([train.size, test?.size]).toEqual([1437, 360]);
  });

  it("is a pair of IDX files from relative paths, ids independent of the folder", async () => {
    await writeIdx("mine", [3, 2, 2], [0, 1, 1]);
    const source = dataSource("idx:mine-images,mine-labels", "idx:mine-images,mine-labels", folder);
    expect(source.train).toBe(`idx:${join(folder, "mine-images")},${join(folder, "mine-labels")}`);
    const { train, test } = await loadData(source);
    expect([train.size, train.inputShape, train.classCount, test?.size]).toEqual([3, [2, 2, 1], 2, 3]);
    expect(train.ids[2]).toBe("train-mine-images-000002");
    expect((await loadData(dataSource(source.train, undefined, "/"))).test).toBeUndefined();
  });

  it("keeps the classes of the training data where a test set lacks some, and refuses a test set with more", async () => {
    await writeIdx("few", [2, 2, 2], [0, 1]);
    await writeIdx("many", [3, 2, 2], [0, 1, 2]);
    const load = (train: string, test: string) => loadData(dataSource(`idx:${train}-images,${train}-labels`, `idx:${test}-images,${test}-labels`, folder));
    expect((await load("many", "few")).test?.classCount).toBe(3);
    await expect(load("few", "many")).rejects.toThrow(code("data/class-count"));
  });

  it("is not a test set of another shape, nor what is not known", async () => {
    await writeIdx("a", [2, 2, 2], [0, 1]);
    await writeIdx("b", [2, 3, 3], [0, 1]);
    await expect(loadData(dataSource("idx:a-images,a-labels", "idx:b-images,b-labels", folder))).rejects.toThrow(code("data/shape-mismatch"));
    await expect(loadData({ train: "minst" })).rejects.toThrow(code("data/unknown-source"));
    expect(() => dataSource("idx:only-one", undefined, folder)).toThrow(code("data/unknown-source"));
  });
});

it("data splits by ids, in its own order", () => {
  const data = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 0, 1] });
  expect(withoutIds(data, ["1", "2"]).ids).toEqual(["0", "3"]);
  expect(onlyIds(data, ["2", "1"], "two").ids).toEqual(["1", "2"]);
  expect(withoutIds(data, [])).toBe(data);
});
