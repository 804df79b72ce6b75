import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { tarOf } from "../fixtures/tar.ts";
import { catalogue } from "./entries.ts";
import type { CatalogueEntry, Origin, Sum } from "./entry.ts";
import type { Fetcher } from "./fetcher.ts";
import { dataFolder } from "./folder.ts";
import { getData, type GetRequest } from "./get.ts";
import { namedData, openData } from "./open.ts";
import { recogniseData } from "./recognise.ts";
import { unwritable } from "./unwritable.ts";
import { presence, verifyData } from "./verify.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });
const sumOf = (algorithm: Sum["algorithm"], bytes: Uint8Array | string): Sum => ({
  algorithm,
  value: createHash(algorithm).update(bytes).digest("hex"),
});
const temporary = () => mkdtemp(join(tmpdir(), "lethe-catalogue-"));

const contents = { "a.bin": "first file", "b.bin": "second file" } as const;
const tarball = gzipSync(tarOf({ "package/data/a.bin": contents["a.bin"], "package/b.bin": contents["b.bin"], "package/readme.md": "not wanted" }));

const origins = {
  npm: { kind: "npm", package: "tiny@1.0.0", bytes: tarball.length, sum: sumOf("sha1", tarball), members: ["a.bin", "b.bin"] },
  debian: { kind: "debian", package: "tiny-data", bytes: 1 },
  bring: { kind: "bring" },
} as const satisfies Record<string, Origin>;

function tiny(origin: Origin): CatalogueEntry {
  return {
    name: "tiny",
    title: "Tiny: two files",
    train: 1,
    test: 1,
    classes: 2,
    inputs: "1",
    licence: "MIT",
    citation: "A. Nonym: Tiny (2026)",
    homepage: "https://example.org/tiny",
    files: Object.entries(contents).map(([name, content]) => ({ name, bytes: content.length, sum: sumOf("md5", content), also: [`other-${name}`] })),
    archives: ["tiny.tar.gz"],
    origin,
  };
}

/** Puts what it is given where the registry's package would be, and counts. */
function fakeFetcher(bytes: Uint8Array = tarball): Fetcher & { readonly fetched: string[] } {
  const fetched: string[] = [];
  return {
    fetched,
    async npm(spec, folder) {
      fetched.push(spec);
      await writeFile(join(folder, "tiny-1.0.0.tgz"), bytes);
      return join(folder, "tiny-1.0.0.tgz");
    },
    async debian(name, folder) {
      fetched.push(name);
      await mkdir(join(folder, "usr/share"), { recursive: true });
      for (const [file, content] of Object.entries(contents)) await writeFile(join(folder, "usr/share", `${file}.gz`), gzipSync(content));
    },
  };
}

const request = async (more: Partial<GetRequest> = {}): Promise<GetRequest> => ({
  entry: tiny(origins.npm),
  folder: await temporary(),
  fetcher: fakeFetcher(),
  signal: new AbortController().signal,
  ...more,
});

describe("getting a data set", () => {
  it.each([origins.npm, origins.debian])("fetches, checks and moves in as a whole: %o", async (origin) => {
    const fetcher = fakeFetcher();
    const steps: string[] = [];
    const given = await request({ entry: tiny(origin), fetcher, onStep: (step) => steps.push(step) });
    const gotten = await getData(given);
    expect(gotten).toMatchObject({ folder: join(given.folder, "tiny"), status: "fetched" });
    expect(gotten.files.map(({ verdict }) => verdict)).toEqual(["ok", "ok"]);
    expect(await readdir(given.folder)).toEqual(["tiny"]);
    expect((await readdir(gotten.folder)).toSorted()).toEqual(["a.bin", "b.bin", "lethe-data.json"]);
    expect(await readFile(join(gotten.folder, "b.bin"), "utf8")).toBe(contents["b.bin"]);
    expect(JSON.parse(await readFile(join(gotten.folder, "lethe-data.json"), "utf8"))).toMatchObject({
      name: "tiny",
      licence: "MIT",
      from: `${origin.kind} ${origin.package}`,
    });
    expect(steps).toContain(`Fetching ${origin.package} (0 MB)`);
    expect(fetcher.fetched).toEqual([origin.package]);
    expect((await getData(given)).status).toBe("already-there");
    expect(fetcher.fetched).toHaveLength(1);
  });

  it("goes on after an interruption with the package that was fetched", async () => {
    const controller = new AbortController();
    const fetcher = fakeFetcher();
    const given = await request({
      fetcher,
      signal: controller.signal,
      onStep: (step) => step.startsWith("Putting b.bin") && controller.abort(),
    });
    await expect(getData(given)).rejects.toThrow(code("run/aborted"));
    expect(await readdir(given.folder)).toEqual([".tiny.lethe-get"]);
    const later = await getData({ ...given, signal: new AbortController().signal });
    expect(later.files.every(({ verdict }) => verdict === "ok")).toBe(true);
    expect(fetcher.fetched).toEqual(["tiny@1.0.0"]);
    expect(await readdir(given.folder)).toEqual(["tiny"]);
  });

  it("mends what is damaged or incomplete, and keeps what others put there", async () => {
    const given = await request();
    const { folder } = await getData(given);
    await writeFile(join(folder, "a.bin"), "first FILE");
    expect((await verifyData(given.entry, folder)).map(({ verdict }) => verdict)).toEqual(["changed", "ok"]);
    expect((await getData(given)).status).toBe("fetched");
    expect(await readFile(join(folder, "a.bin"), "utf8")).toBe(contents["a.bin"]);
    await writeFile(join(folder, "a.bin"), "short");
    await writeFile(join(folder, "mine.txt"), "mine");
    await expect(getData(given)).rejects.toThrow(code("file/foreign-files"));
    expect(await readFile(join(folder, "mine.txt"), "utf8")).toBe("mine");
  });

  it("refuses another package than the known one, and keeps none of it", async () => {
    const given = await request({ fetcher: fakeFetcher(gzipSync("something else")) });
    await expect(getData(given)).rejects.toThrow(/tiny@1\.0\.0 is not the one that is known: its SHA1 is/);
    expect(await readdir(join(given.folder, ".tiny.lethe-get", "package"))).toEqual([]);
    await expect(getData({ ...given, fetcher: fakeFetcher(tarball) })).resolves.toMatchObject({ status: "fetched" });
  });

  it("leaves the place to the process that was there first, until that has ended", async () => {
    const given = await request();
    const work = join(given.folder, ".tiny.lethe-get");
    await mkdir(work);
    await writeFile(join(work, "lock"), String(process.ppid));
    await expect(getData(given)).rejects.toThrow(code("data/busy"));
    // No process has this number.
    await writeFile(join(work, "lock"), "4194304999");
    await expect(getData(given)).resolves.toMatchObject({ status: "fetched" });
  });

  it("says what is wrong with a disk", async () => {
    const folder = join(await temporary(), "file");
    await writeFile(folder, "no folder");
    await expect(getData(await request({ folder }))).rejects.toThrow(code("file/not-writable"));
    expect(unwritable("/data", Object.assign(new Error("x"), { code: "ENOSPC" }))).toMatchObject({ code: "file/disk-full" });
  });
});

describe("bringing a data set", () => {
  const brought = async (files: Readonly<Record<string, Uint8Array | string>>) => {
    const from = await temporary();
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(from, name, ".."), { recursive: true });
      await writeFile(join(from, name), content);
    }
    return request({ entry: tiny(origins.bring), from });
  };

  it.each([
    ["plain, at any depth", { "a.bin": contents["a.bin"], "deep/er/b.bin": contents["b.bin"] }],
    ["gzipped, under another name", { "a.bin.gz": gzipSync(contents["a.bin"]), "other-b.bin": contents["b.bin"] }],
    ["in the archive of its authors", { "tiny.tar.gz": tarball }],
    ["one plain, one in the archive", { "a.bin": contents["a.bin"], "tiny.tar.gz": tarball }],
    ["beside a file of the same name and other content", { "x/a.bin": "not it at all", "y/a.bin": contents["a.bin"], "b.bin": contents["b.bin"] }],
  ])("takes files that are %s", async (_, files) => {
    const given = await brought(files);
    expect(await getData(given)).toMatchObject({ status: "brought", files: [{ verdict: "ok" }, { verdict: "ok" }] });
    expect(await readdir(given.folder)).toEqual(["tiny"]);
  });

  it.each([
    ["a missing file", { "a.bin": contents["a.bin"] }, "data/incomplete", /lacks b\.bin of tiny; its files are a\.bin, b\.bin \(or tiny\.tar\.gz\)/],
    ["another content", { "a.bin": "first FILE", "b.bin": contents["b.bin"] }, "data/checksum", /a\.bin is not the published a\.bin \(its MD5 is/],
    ["another size", { "a.bin": "first", "b.bin": contents["b.bin"] }, "data/checksum", /holds 5 bytes of 10/],
    ["damaged gzip", { "a.bin.gz": gzipSync(contents["a.bin"]).subarray(0, 15), "b.bin": contents["b.bin"] }, "data/checksum", /not intact gzip/],
    ["half an archive", { "tiny.tar.gz": gzipSync(tarOf({ "a.bin": contents["a.bin"] }).subarray(0, 515)) }, "data/bad-archive", /no intact \.tar/],
    ["an archive that is none", { "tiny.tar.gz": "text" }, "data/bad-archive", /not intact gzip/],
  ])("refuses %s", async (_, files, expected, message) => {
    const given = await brought(files);
    const getting = getData(given);
    await expect(getting).rejects.toThrow(code(expected));
    await expect(getting).rejects.toThrow(message);
    expect(await readdir(given.folder)).not.toContain("tiny");
  });

  it("is asked for where nothing can be fetched", async () => {
    await expect(getData(await request({ entry: tiny(origins.bring) }))).rejects.toThrow(
      /get tiny\.tar\.gz, a\.bin, b\.bin from https:.*--from FOLDER/,
    );
  });
});

describe("the catalogue", () => {
  it("states for every file a size and a sum of the right length", () => {
    const lengths = { md5: 32, sha1: 40, sha256: 64 };
    for (const { files, name } of catalogue) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      expect(new Set(files.map((file) => file.name)).size).toBe(files.length);
      for (const { bytes, sum } of files) {
        expect(bytes).toBeGreaterThan(0);
        expect(sum.value).toMatch(new RegExp(`^[0-9a-f]{${lengths[sum.algorithm]}}$`));
      }
    }
    for (const { entry } of namedData) expect(catalogue.map(({ name }) => name)).toContain(entry);
  });

  it("says how to get what is not there", async () => {
    const folder = await temporary();
    await expect(openData("cifar10-small", "train", folder)).rejects.toThrow(/cifar10 is not in .*; get it by: lethe data get cifar10$/);
    await expect(openData("svhn", "train", folder)).rejects.toThrow(/lethe data get svhn --from FOLDER$/);
    await mkdir(join(folder, "mnist"));
    await writeFile(join(folder, "mnist", "train-images-idx3-ubyte"), "half");
    await expect(openData("mnist", "train", folder)).rejects.toThrow(/mnist is incomplete/);
    await expect(openData("minst", "train", folder)).rejects.toThrow(code("data/unknown-source"));
    expect(await presence(catalogue[0], join(folder, "mnist"))).toBe("incomplete");
  });

  it("recognises a folder by what it says of itself, or by the files that are there", async () => {
    const folder = await temporary();
    expect(await recogniseData(folder)).toBeUndefined();
    await writeFile(join(folder, "train.bin"), "short");
    expect((await recogniseData(folder))?.name).toBe("cifar100");
    await writeFile(join(folder, "lethe-data.json"), JSON.stringify({ name: "fashion-mnist" }));
    expect((await recogniseData(folder))?.name).toBe("fashion-mnist");
    await writeFile(join(folder, "lethe-data.json"), "null");
    expect((await recogniseData(folder))?.name).toBe("cifar100");
    const news = await temporary();
    await writeFile(join(news, "test.csv"), "short");
    expect((await recogniseData(news))?.name).toBe("ag-news-small");
    await writeFile(join(news, "train.csv"), "short");
    expect((await recogniseData(news))?.name).toBe("ag-news");
  });

  it("takes no other file for the part of AG News on record", async () => {
    const folder = await temporary();
    await writeFile(join(folder, "test.csv"), '"1","a","b"\n"2","c","d"\n');
    const { open } = namedData.find(({ name }) => name === "ag-news-small")!;
    await expect(open(folder, "train")).rejects.toThrow(code("data/changed"));
    await expect(open(folder, "test")).rejects.toThrow(code("data/changed"));
  });

  it("numbers the words of AG News by its training part, whichever part is opened", async () => {
    const folder = await temporary();
    await writeFile(join(folder, "train.csv"), '"1","oil talks","oil"\n"2","race","on"\n');
    await writeFile(join(folder, "test.csv"), '"4","race","oil unseen"\n');
    const { open } = namedData.find(({ name }) => name === "ag-news")!;
    const [train, test] = [await open(folder, "train"), await open(folder, "test")];
    expect([train.ids, train.vocabulary, test.ids, test.vocabulary]).toEqual([
      ["ag-news-train-000000", "ag-news-train-000001"],
      6,
      ["ag-news-test-000000"],
      6,
    ]);
    expect((await test.read([0])).inputs.values.slice(0, 4)).toEqual(Int32Array.of(4, 2, 1, 0));
  });

  it("lies where the user says, or the variable, or in .lethe/data", () => {
    expect(dataFolder({ dir: "here", variables: { LETHE_DATA: "/there" }, cwd: "/work" })).toBe("/work/here");
    expect(dataFolder({ variables: { LETHE_DATA: "/there" }, cwd: "/work" })).toBe("/there");
    expect(dataFolder({ variables: { LETHE_DATA: "" }, cwd: "/work" })).toBe("/work/.lethe/data");
  });
});
