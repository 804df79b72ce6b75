import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../fixtures/folder.ts";
import { keyOf } from "./key.ts";
import { openStore, type Store } from "./store.ts";

const facts = { kind: "train", seed: 1, recipe: { epochs: 2, batchSize: 3 } };
const files = { "a.bin": new Uint8Array([1, 2, 3]), "b.json": new TextEncoder().encode("{}") };

let path: string;
let store: Store;
let folder: string;
beforeEach(async () => {
  path = await temporaryFolder();
  store = openStore(path);
  const key = await keyOf(facts);
  folder = join(path, key.slice(0, 2), key);
});

describe("what was saved", () => {
  test("is found again, by another process too, whatever the order of the facts", async () => {
    expect(await store.find(facts)).toBeUndefined();
    await store.save(facts, files);
    expect(await openStore(path).find({ recipe: { batchSize: 3, epochs: 2 }, seed: 1, kind: "train" })).toEqual(files);
    expect(await store.find({ ...facts, seed: 2 })).toBeUndefined();
    expect(await store.find({ ...facts, recipe: { epochs: 2, batchSize: 4 } })).toBeUndefined();
  });

  test("lies beside its facts, for a person to read", async () => {
    await store.save(facts, files);
    expect(JSON.parse(await readFile(join(folder, "facts.json"), "utf8"))).toEqual(facts);
  });

  test("replaces what was there as a whole", async () => {
    await store.save(facts, files);
    await store.save(facts, { "c.bin": new Uint8Array([9]) });
    expect(await store.find(facts)).toEqual({ "c.bin": new Uint8Array([9]) });
  });
});

describe("a damaged entry", () => {
  const damages: Readonly<Record<string, () => Promise<void>>> = {
    "with another byte": () => writeFile(join(folder, "a.bin"), new Uint8Array([1, 2, 4])),
    "cut short": () => writeFile(join(folder, "a.bin"), new Uint8Array([1, 2])),
    "that lacks a file": () => rm(join(folder, "b.json")),
    "with broken checksums": () => writeFile(join(folder, "lethe-checksums.json"), "{"),
    "without checksums": () => rm(join(folder, "lethe-checksums.json")),
  };

  test.each(Object.entries(damages))("%s is not found, and can be made again", async (_, damage) => {
    await store.save(facts, files);
    await damage();
    expect(await store.find(facts)).toBeUndefined();
    await store.save(facts, files);
    expect(await store.find(facts)).toEqual(files);
  });

  test("of a newer release is neither used nor thrown away", async () => {
    await store.save(facts, files);
    await writeFile(join(folder, "lethe-checksums.json"), '{"format": "lethe-checksums", "version": 2, "files": {}}');
    await expect(store.find(facts)).rejects.toMatchObject({ code: "file/unsupported-version" });
    expect(await readdir(folder)).toContain("a.bin");
  });
});

test("several writers of the same all succeed, and one of them is whole", async () => {
  const content = (writer: number) => ({ "a.bin": new Uint8Array(100_000).fill(writer), "b.bin": new Uint8Array(10).fill(writer) });
  const stores = Array.from({ length: 8 }, () => openStore(path));
  await Promise.all(stores.map((each, writer) => each.save(facts, content(writer))));
  const found = await store.find(facts);
  expect(found).toEqual(content(found!["b.bin"][0]));
});

test("a store that cannot be written says so", async () => {
  await writeFile(join(path, (await keyOf(facts)).slice(0, 2)), "a file in the way");
  await expect(store.save(facts, files)).rejects.toMatchObject({ code: "file/not-writable" });
});
