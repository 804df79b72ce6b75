import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
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

describe("a folder beside the files", () => {
  const content = { "large.bin": new Uint8Array(200_000).fill(3), "small.bin": new Uint8Array([1]) };
  const make = async (from: Store, change: object = {}) => {
    const scratch = from.scratch();
    await mkdir(scratch, { recursive: true });
    for (const [name, bytes] of Object.entries({ ...content, ...change })) await writeFile(join(scratch, name), bytes);
    return scratch;
  };
  const beside = async () => (await readdir(join(path, (await keyOf(facts)).slice(0, 2)))).filter((name) => name.includes("."));

  test("is moved there, and is every byte as it was, for another process too", async () => {
    const scratch = await make(store);
    await store.save(facts, files, scratch);
    expect(await store.find(facts)).toEqual(files);
    const there = (await openStore(path).folder(facts))!;
    expect(await readdir(there)).toEqual(["large.bin", "small.bin"]);
    expect(new Uint8Array(await readFile(join(there, "large.bin")))).toEqual(content["large.bin"]);
    expect(await readdir(join(path, "scratch"))).toEqual([]);
  });

  test("is none where no folder was made", async () => {
    await store.save(facts, files, store.scratch());
    expect(await store.folder(facts)).toBeUndefined();
    await expect(store.folder({ other: 1 })).rejects.toMatchObject({ code: "experiment/cache-changed" });
  });

  test("that lacks a file makes the whole entry unfound", async () => {
    await store.save(facts, files, await make(store));
    await rm(join((await store.folder(facts))!, "small.bin"));
    expect(await store.find(facts)).toBeUndefined();
    await store.save(facts, files, await make(store));
    expect(await store.find(facts)).toEqual(files);
  });

  test("with another byte is not handed out, and can be made again", async () => {
    await store.save(facts, files, await make(store));
    await writeFile(join((await store.folder(facts))!, "small.bin"), new Uint8Array([2]));
    const later = openStore(path);
    await expect(later.folder(facts)).rejects.toMatchObject({ code: "experiment/cache-changed" });
    expect(await later.find(facts)).toBeUndefined();
    expect(await beside()).toEqual([]);
    await later.save(facts, files, await make(later));
    expect(await later.folder(facts)).toBeDefined();
  });

  test("that a killed process had moved, before it saved the files, is taken or replaced", async () => {
    await store.save(facts, files, await make(store));
    const there = (await store.folder(facts))!;
    await rm(folder, { recursive: true });
    await writeFile(join(there, "small.bin"), new Uint8Array([2]));
    await store.save(facts, files, await make(store));
    expect(new Uint8Array(await readFile(join((await openStore(path).folder(facts))!, "small.bin")))).toEqual(content["small.bin"]);
  });

  test("of several writers, not all the same, is the one that the files name", async () => {
    const stores = Array.from({ length: 6 }, () => openStore(path));
    const makers = stores.map(async (own, index) => {
      const name = new Uint8Array([index % 3]);
      await own.save(facts, { "name.bin": name }, await make(own, { "small.bin": name }));
    });
    await Promise.all(makers);
    const found = (await store.find(facts))!;
    expect(new Uint8Array(await readFile(join((await store.folder(facts))!, "small.bin")))).toEqual(found["name.bin"]);
  });
});
