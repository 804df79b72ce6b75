import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { idxDataset } from "./idx-dataset.ts";

function idx(code: number, shape: number[], data: number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, code, shape.length]);
  shape.forEach((size, axis) => new DataView(bytes.buffer).setUint32(4 + 4 * axis, size));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

const images = idx(0x08, [2, 1, 3], [0, 255, 51, 102, 153, 204]);
const labels = idx(0x08, [2], [1, 0]);

it("makes grey images with a channel axis, scaled and named", async () => {
  const data = await idxDataset({ images, labels: new Uint8Array(gzipSync(labels)), name: "tiny", classNames: ["cat", "dog", "eel"] });
  expect(data).toMatchObject({ name: "tiny", size: 2, classCount: 3, inputShape: [1, 3, 1], ids: ["tiny-000000", "tiny-000001"] });
  expect([...data.labels]).toEqual([1, 0]);
  expect(await data.read([1])).toEqual({
    inputs: { shape: [1, 1, 3, 1], values: Float32Array.from([102 / 255, 153 / 255, 204 / 255]) },
    labels: Int32Array.from([0]),
  });
});

it("leaves vectors, colour images and other element types as they are", async () => {
  const vectors = await idxDataset({ images: idx(0x09, [2, 3], [1, 2, 255, 3, 4, 5]), labels });
  expect(vectors).toMatchObject({ inputShape: [3], classCount: 2, name: "idx" });
  expect((await vectors.read([0])).inputs.values).toEqual(Float32Array.from([1, 2, -1]));
  const colour = await idxDataset({ images: idx(0x08, [2, 1, 1, 3], [0, 1, 2, 3, 4, 5]), labels, divisor: 2 });
  expect(colour.inputShape).toEqual([1, 1, 3]);
  expect((await colour.read([1])).inputs.values).toEqual(Float32Array.from([1.5, 2, 2.5]));
});

it("refuses files that do not belong together, naming both", async () => {
  const sources = { images: "images.gz", labels: "labels.gz" };
  await expect(idxDataset({ images, labels: idx(0x08, [3], [0, 1, 0]), sources })).rejects.toMatchObject({
    code: "data/shape-mismatch",
    message: "images.gz has shape [2, 1, 3] and labels.gz [3]; [n, ...] and [n] are needed.",
  });
  await expect(idxDataset({ images: labels, labels: images })).rejects.toMatchObject({ code: "data/shape-mismatch" });
});

it("refuses labels that are no class numbers", async () => {
  await expect(idxDataset({ images, labels: idx(0x0d, [2], [0, 0, 0, 0, 0, 0, 0, 0]) })).rejects.toMatchObject({ code: "data/bad-labels" });
  await expect(idxDataset({ images, labels: idx(0x09, [2], [255, 0]) })).rejects.toMatchObject({ code: "data/label-out-of-range" });
  await expect(idxDataset({ images, labels, classCount: 1 })).rejects.toMatchObject({ code: "data/label-out-of-range" });
  await expect(idxDataset({ images: idx(0x08, [0, 4], []), labels: idx(0x08, [0], []) })).rejects.toMatchObject({ code: "data/empty" });
});

it("refuses a divisor that makes no numbers", async () => {
  await expect(idxDataset({ images, labels, divisor: 0 })).rejects.toMatchObject({ code: "data/bad-divisor" });
});

it("names the damaged one of the two files", async () => {
  await expect(idxDataset({ images, labels: labels.subarray(0, 9), sources: { labels: "labels.idx" } })).rejects.toMatchObject({
    code: "data/truncated",
    message: expect.stringContaining("labels.idx"),
  });
});
