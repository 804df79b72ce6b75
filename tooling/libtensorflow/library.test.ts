import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findLibrary, platformProblem, unpackWheel, wheel } from "./library.mjs";

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), "libtensorflow-"));

async function put(root: string, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), "");
  }
}

it("unpacks no wheel but the one whose sum is pinned", async () => {
  const cache = await folder();
  await writeFile(join(cache, "other.whl"), "abc");
  const { code, output } = await unpackWheel(join(cache, "other.whl"), cache, wheel.sha256);
  expect(code).toBe(1);
  expect(output).toContain("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(output).toContain(wheel.sha256);
  expect(await readdir(cache)).toEqual(["other.whl"]);
});

it("keeps what was unpacked before where a wheel cannot be unpacked", async () => {
  const cache = await folder();
  await put(cache, "tensorflow/libtensorflow_cc.so.2");
  await writeFile(join(cache, "broken.whl"), "abc");
  const { code } = await unpackWheel(join(cache, "broken.whl"), cache, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(code).not.toBe(0);
  expect((await readdir(cache)).toSorted()).toEqual(["broken.whl", "tensorflow"]);
});

it("finds the library of a Python package and of the C distribution, and none without its headers", async () => {
  const [python, c, bare] = await Promise.all([folder(), folder(), folder()]);
  await put(python, "libtensorflow_cc.so.2", "libtensorflow_framework.so.2", "include/tensorflow/c/c_api.h");
  await put(c, "lib/libtensorflow.so.2", "lib/libtensorflow_framework.so.2", "include/tensorflow/c/c_api.h");
  await put(bare, "libtensorflow_cc.so.2", "libtensorflow_framework.so.2");
  expect(findLibrary(python)).toMatchObject({ folder: python, names: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] });
  expect(findLibrary(c)).toMatchObject({ folder: join(c, "lib"), include: join(c, "include") });
  expect(findLibrary(bare)).toBeUndefined();
});

it("says what to do where the pinned wheel does not fit", () => {
  expect(platformProblem("linux x64")).toBeUndefined();
  expect(platformProblem("darwin arm64")).toContain("--tensorflow");
});
