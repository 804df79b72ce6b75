import { mkdir, mkdtemp, stat as statOf, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { PNG } from "pngjs";
import { beforeAll, expect, it } from "vitest";
import { cifarBytes, idxBytes, npyBytes } from "../fixtures/file-formats.ts";
import { cifarFileDataset, dataFolder, fileDataset, idxFileDataset, imageFolderDataset, npyFileDataset } from "./index.ts";

// The examples of the public docstrings, statement by statement; names of files lie in a folder of the test's own.

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lethe-examples-"));
  await writeFile(at("train-images"), idxBytes([2, 28, 28], new Uint8Array(2 * 784)));
  await writeFile(at("train-labels.gz"), gzipSync(idxBytes([2], [0, 1])));
  await writeFile(
    at("data_batch_1.bin"),
    cifarBytes([[0], [1]], () => 0),
  );
  await writeFile(at("x.npy"), npyBytes("<f4", [2, 2], new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)));
  await writeFile(at("y.npy"), npyBytes("|u1", [2], Uint8Array.of(0, 1)));
  await writeFile(at("pairs.bin"), Uint8Array.of(1, 2, 3, 4));
  for (const name of ["dog", "cat"]) {
    await mkdir(at(`photos/${name}`), { recursive: true });
    await writeFile(at(`photos/${name}/1.png`), PNG.sync.write(new PNG({ width: 4, height: 6 })));
  }
});

it("idxFileDataset", async () => {
  const data = await idxFileDataset({ images: at("train-images"), labels: at("train-labels.gz"), name: "own" });
  expect(data.inputShape).toEqual([28, 28, 1]);
  expect(data.ids[1]).toBe("own-000001");
});

it("cifarFileDataset", async () => {
  const data = await cifarFileDataset({ files: [at("data_batch_1.bin")], name: "cifar", classNames: ["airplane", "automobile"] });
  expect(data.inputShape).toEqual([32, 32, 3]);
  expect(data.ids[1]).toBe("cifar-000001");
});

it("npyFileDataset", async () => {
  const data = await npyFileDataset({ inputs: at("x.npy"), labels: at("y.npy") });
  expect(data.inputShape).toEqual([2]);
  expect((await data.read([1])).inputs.values).toEqual(Float32Array.of(3, 4));
});

it("fileDataset", async () => {
  const { size, mtimeMs } = await statOf(at("pairs.bin"));
  const data = fileDataset({
    name: "pairs",
    files: [{ path: at("pairs.bin"), start: 0, stride: 2, count: 2, bytes: size, modified: mtimeMs }],
    inputShape: [2],
    labels: Int32Array.of(0, 1),
    classCount: 2,
    ids: ["a", "b"],
    decode: (record, target) => target.set(record),
  });
  expect((await data.read([1])).inputs.values).toEqual(Float32Array.of(3, 4));
});

it("imageFolderDataset", async () => {
  const data = await imageFolderDataset(at("photos"), { size: 32 });
  expect(data.inputShape).toEqual([32, 32, 3]);
  expect(data.classNames).toEqual(["cat", "dog"]);
  expect(data.ids[0]).toBe("cat/1.png");
});

it("dataFolder", () => {
  expect(dataFolder({ variables: {}, cwd: "/work" })).toBe("/work/.lethe/data");
  expect(dataFolder({ variables: { LETHE_DATA: "/data" }, cwd: "/work" })).toBe("/data");
});
