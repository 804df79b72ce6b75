import { appendFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { arrayDataset } from "@lethe/core";
import { cifarBytes, idxBytes, npyBytes } from "../fixtures/file-formats.ts";
import { idxDataset } from "../idx-dataset.ts";
import { cifarFileDataset } from "./cifar-file.ts";
import { idxFileDataset } from "./idx-file.ts";
import { npyFileDataset } from "./npy-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lethe-files-"));
});

const write = async (name: string, content: Uint8Array) => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};
const code = (expected: string) => expect.objectContaining({ code: expected });
const bytesOf = (values: Float32Array | Int32Array | Float64Array | BigInt64Array) => new Uint8Array(values.buffer);

describe("IDX files by offset", () => {
  it("give the data set that reading them whole gives: ids, values, hash", async () => {
    const [images, labels] = [
      idxBytes(
        [7, 3, 2],
        Array.from({ length: 42 }, (_, i) => 6 * i),
      ),
      idxBytes([7], [0, 1, 2, 0, 1, 2, 4]),
    ];
    const whole = await idxDataset({ images, labels, name: "own" });
    const lazy = await idxFileDataset({ images: await write("images", images), labels: await write("labels.gz", gzipSync(labels)), name: "own" });
    expect(lazy).toMatchObject({ ids: whole.ids, inputShape: [3, 2, 1], classCount: 5, labels: whole.labels });
    // Out of order, side by side, and one of them twice.
    const asked = [5, 1, 2, 5, 0];
    expect(await lazy.read(asked)).toEqual(await whole.read(asked));
    expect(await lazy.hash()).toBe(await whole.hash());
  });

  it("refuse what cannot be read by place, and what reading them whole refuses", async () => {
    const images = idxBytes([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    const labels = await write("two", idxBytes([2], [0, 1]));
    const opened = async (name: string, content: Uint8Array) => idxFileDataset({ images: await write(name, content), labels });
    await expect(opened("packed", gzipSync(images))).rejects.toThrow(code("data/compressed"));
    await expect(opened("short", images.subarray(0, -1))).rejects.toThrow(code("data/truncated"));
    await expect(opened("long", Buffer.concat([images, images]))).rejects.toThrow(code("data/over-long"));
    await expect(opened("three", idxBytes([3, 1, 1], [1, 2, 3]))).rejects.toThrow(code("data/shape-mismatch"));
    await expect(idxFileDataset({ images: join(folder, "absent"), labels })).rejects.toThrow(/absent cannot be read: it is not there/);
    await expect(idxFileDataset({ images: folder, labels })).rejects.toThrow(code("data/unreadable"));
  });

  it("notice that a file changed under them", async () => {
    const images = await write("changing", idxBytes([2, 1, 1], [1, 2]));
    const data = await idxFileDataset({ images, labels: await write("labels", idxBytes([2], [0, 1])) });
    await appendFile(images, "x");
    await expect(data.read([0])).rejects.toThrow(code("data/changed"));
    await expect(data.read([2])).rejects.toThrow(code("data/no-such-sample"));
  });
});

describe("CIFAR files by offset", () => {
  const pixel = (sample: number, channel: number, at: number) => (sample * 7 + channel * 50 + at) % 256;

  it("put the planes side by side and go on from file to file", async () => {
    const files = [
      await write("b1", cifarBytes([[3], [1]], pixel)),
      await write(
        "b2",
        cifarBytes([[2]], (_, channel, at) => pixel(2, channel, at)),
      ),
    ];
    const data = await cifarFileDataset({ files, name: "c", classNames: ["a", "b", "c", "d"] });
    expect([...data.labels]).toEqual([3, 1, 2]);
    const { values } = (await data.read([2, 0])).inputs;
    const expected = [2, 0].flatMap((sample) => Array.from({ length: 3072 }, (_, i) => pixel(sample, i % 3, Math.floor(i / 3)) / 255));
    expect(values).toEqual(Float32Array.from(expected));
    const whole = Float32Array.from(
      [0, 1, 2].flatMap((sample) => Array.from({ length: 3072 }, (_, i) => pixel(sample, i % 3, Math.floor(i / 3)) / 255)),
    );
    const array = arrayDataset({ inputs: whole, inputShape: [32, 32, 3], labels: data.labels, classCount: 4, ids: data.ids });
    expect(await data.hash()).toBe(await array.hash());
  });

  it("take the second label of CIFAR-100, and refuse half a record and unknown classes", async () => {
    const fine = await write(
      "fine",
      cifarBytes(
        [
          [9, 1],
          [8, 0],
        ],
        pixel,
      ),
    );
    expect([...(await cifarFileDataset({ files: [fine], name: "c", labelBytes: 2, classNames: ["a", "b"] })).labels]).toEqual([1, 0]);
    await expect(cifarFileDataset({ files: [fine], name: "c", classNames: ["a"] })).rejects.toThrow(code("data/truncated"));
    const one = await write("one", cifarBytes([[7]], pixel));
    await expect(cifarFileDataset({ files: [one], name: "c", classNames: ["a"] })).rejects.toThrow(code("data/label-out-of-range"));
  });
});

describe(".npy files by offset", () => {
  it.each([
    ["<f4", bytesOf(Float32Array.of(0.5, 1, -2, 3, 4, 5))],
    ["<f8", bytesOf(Float64Array.of(0.5, 1, -2, 3, 4, 5))],
    [">f4", Buffer.from(bytesOf(Float32Array.of(0.5, 1, -2, 3, 4, 5))).swap32()],
  ])("of %s", async (descr, bytes) => {
    const labels = await write("labels.npy", npyBytes("<i8", [3], bytesOf(BigInt64Array.of(0n, 1n, 1n))));
    const data = await npyFileDataset({ inputs: await write("inputs.npy", npyBytes(descr, [3, 2], bytes)), labels });
    expect(data).toMatchObject({ inputShape: [2], classCount: 2, ids: ["npy-000000", "npy-000001", "npy-000002"] });
    expect([...(await data.read([2, 0])).inputs.values]).toEqual([4, 5, 0.5, 1]);
  });

  it("divide pixels by 255, and refuse what they cannot read", async () => {
    const labels = await write("labels.npy", npyBytes("<i4", [2], bytesOf(Int32Array.of(0, 1))));
    const opened = async (...[descr, shape, bytes, order]: Parameters<typeof npyBytes>) =>
      npyFileDataset({ inputs: await write("inputs.npy", npyBytes(descr, shape, bytes, order)), labels });
    const pixels = await opened("|u1", [2, 1, 2], Uint8Array.of(0, 51, 102, 255));
    expect(pixels.inputShape).toEqual([1, 2, 1]);
    expect((await pixels.read([0, 1])).inputs.values).toEqual(Float32Array.of(0, 0.2, 0.4, 1));
    await expect(opened("|u1", [2, 2], Uint8Array.of(1, 2, 3))).rejects.toThrow(code("data/truncated"));
    await expect(opened("|u1", [2, 2], Uint8Array.of(1, 2, 3, 4, 5))).rejects.toThrow(code("data/over-long"));
    await expect(opened("|u1", [2, 2], Uint8Array.of(1, 2, 3, 4), "Fortran")).rejects.toThrow(code("data/fortran-order"));
    await expect(opened("<c16", [2, 1], new Uint8Array(32))).rejects.toThrow(code("data/unsupported-dtype"));
    await expect(opened("|u1", [3, 1], Uint8Array.of(1, 2, 3))).rejects.toThrow(code("data/shape-mismatch"));
    await expect(npyFileDataset({ inputs: await write("text", Buffer.from("0.5, 1, 2, 3\n")), labels })).rejects.toThrow(code("data/bad-magic"));
    const halves = await write("halves.npy", npyBytes("<f4", [2], bytesOf(Float32Array.of(0, 0.5))));
    await expect(npyFileDataset({ inputs: await write("in.npy", npyBytes("|u1", [2, 1], Uint8Array.of(1, 2))), labels: halves })).rejects.toThrow(
      code("data/bad-labels"),
    );
  });
});
