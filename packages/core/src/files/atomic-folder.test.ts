import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { recoverFolder, writeFolderAtomic } from "./atomic-folder.ts";
import { checksumsName } from "./checksums.ts";
import { readFolderChecked } from "./folder-reader.ts";
import { crashingFileSystem, failingFileSystem, systemError, watchedFileSystem } from "./fixtures/watched-file-system.ts";
import { temporaryFolder } from "./fixtures/temporary-folder.ts";

const pathOf = temporaryFolder();
const filesOf = (version: number) => ({ "a.bin": new Uint8Array(300).fill(version), "b.bin": new Uint8Array(200).fill(version) });

/** A folder of version 1, alone in a new one. */
async function firstVersion(name: string): Promise<string> {
  const path = join(pathOf(name), "run");
  await writeFolderAtomic(path, filesOf(1));
  return path;
}

/** The one version that all files of the folder have. */
async function versionOf(path: string): Promise<number> {
  const [a, b] = await readFolderChecked(path, (folder) => Promise.all([folder.read("a.bin"), folder.read("b.bin")]));
  const versions = new Set([...a, ...b]);
  expect(versions.size).toBe(1);
  return a[0];
}

const old = (path: string) => join(dirname(path), ".run.lethe-old");

describe("writeFolderAtomic", () => {
  it("runs its example", async () => {
    const path = pathOf("example");
    await writeFolderAtomic(path, { "a.txt": new Uint8Array([1]), "b.txt": new Uint8Array([2]) });
    expect(await readFolderChecked(path, (folder) => folder.read("b.txt"))).toEqual(new Uint8Array([2]));
    const [a, b] = await readFolderChecked(path, (folder) => Promise.all([folder.read("a.txt"), folder.read("b.txt")]));
    expect([...a, ...b]).toEqual([1, 2]);
  });

  it("replaces a folder and leaves nothing else", async () => {
    const path = await firstVersion("replace");
    await writeFolderAtomic(path, filesOf(2));
    expect(await versionOf(path)).toBe(2);
    await writeFolderAtomic(path, { "c.bin": Uint8Array.of(3) });
    expect((await readdir(path)).toSorted()).toEqual(["c.bin", checksumsName]);
    expect(await readdir(dirname(path))).toEqual(["run"]);
  });

  it("writes into an empty folder and through a link", async () => {
    const path = join(pathOf("empty"), "run");
    await mkdir(path, { recursive: true });
    await writeFolderAtomic(path, filesOf(1));
    const link = join(pathOf("empty"), "link");
    await symlink("run", link, "junction");
    await writeFolderAtomic(link, filesOf(2));
    expect(await versionOf(path)).toBe(2);
    expect((await readdir(dirname(path))).toSorted()).toEqual(["link", "run"]);
  });

  it("lists sizes and SHA-256, sorted", async () => {
    const path = pathOf("checksums");
    await writeFolderAtomic(path, { "z.txt": new TextEncoder().encode("test"), "a.txt": new Uint8Array(0) });
    expect(JSON.parse(await readFile(join(path, checksumsName), "utf8"))).toEqual({
      format: "lethe-checksums",
      version: 1,
      files: {
        "a.txt": { bytes: 0, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        "z.txt": { bytes: 4, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
      },
    });
  });

  it("syncs every file and both folders in time", async () => {
    const path = await firstVersion("order");
    const log: string[] = [];
    const fileSystem = watchedFileSystem(({ name, path: at }) => {
      if (name === "file.sync" || name === "rename") log.push(`${name} ${at.slice(dirname(path).length).replace(/new-[-0-9a-f]+/, "new")}`);
    });
    await writeFolderAtomic(path, filesOf(2), { fileSystem });
    expect(log).toEqual([
      "file.sync /.run.lethe-new/a.bin",
      "file.sync /.run.lethe-new/b.bin",
      `file.sync /.run.lethe-new/${checksumsName}`,
      "file.sync /.run.lethe-new",
      "rename /run",
      "rename /.run.lethe-new",
      "file.sync ",
    ]);
  });

  it("holds the old files or the new ones, and can be written again, wherever the power fails", async () => {
    const seen = new Set<number>();
    let crashes = 0;
    for (let call = 1; ; call++) {
      const path = await firstVersion(`crash-${call}`);
      const { fileSystem, state } = crashingFileSystem(call);
      await rejectionCode(writeFolderAtomic(path, filesOf(2), { fileSystem }));
      const version = await versionOf(path);
      seen.add(version);
      await writeFolderAtomic(path, filesOf(3));
      expect(await versionOf(path)).toBe(3);
      expect(existsSync(old(path))).toBe(false);
      if (!state.crashed) {
        expect(version).toBe(2);
        break;
      }
      crashes += 1;
    }
    expect(crashes).toBeGreaterThan(20);
    expect(seen).toEqual(new Set([1, 2]));
  });

  it.each([
    ["ENOSPC", "file/disk-full"],
    ["EACCES", "file/not-writable"],
    ["EIO", "file/write-failed"],
  ])("keeps the old folder and cleans up on %s, wherever it strikes", async (system, code) => {
    for (const [call, place] of [
      ["mkdir", /./],
      ["open", /b\.bin$/],
      ["file.writeFile", /b\.bin$/],
      ["file.sync", /checksums/],
      ["file.sync", /new-[-0-9a-f]+$/],
      ["rename", /run$/],
      ["rename", /new-/],
    ] as const) {
      const path = await firstVersion(`${system}-${call}-${place.source.length}`);
      const writing = writeFolderAtomic(path, filesOf(2), { fileSystem: failingFileSystem(call, system, place) });
      expect(await rejectionCode(writing), `${call} ${place}`).toBe(code);
      expect(await versionOf(path)).toBe(1);
      expect(await readdir(dirname(path))).toEqual(["run"]);
    }
  });

  it("swaps again when a reader has moved the old folder back in between", async () => {
    const path = await firstVersion("meddling");
    let gaps = 0;
    const fileSystem = watchedFileSystem(async ({ name, path: from }) => {
      if (name !== "rename" || !from.includes("lethe-new") || gaps === 2) return;
      gaps += 1;
      await recoverFolder(path);
    });
    await writeFolderAtomic(path, filesOf(2), { fileSystem });
    expect(gaps).toBe(2);
    expect(await versionOf(path)).toBe(2);
    expect(await readdir(dirname(path))).toEqual(["run"]);
  });

  it("leaves a folder alone that holds somebody else's files", async () => {
    const path = await firstVersion("foreign");
    await writeFile(join(path, "thesis.txt"), "three years");
    await mkdir(join(path, "photos"));
    await expect(writeFolderAtomic(path, filesOf(2))).rejects.toMatchObject({
      code: "file/foreign-files",
      details: { names: ["photos", "thesis.txt"] },
    });
    expect(await readFile(join(path, "thesis.txt"), "utf8")).toBe("three years");
    expect(await versionOf(path)).toBe(1);
    await rm(join(path, "photos"), { recursive: true });
    await writeFolderAtomic(path, filesOf(2), { replaces: ["thesis.txt"] });
    expect(await versionOf(path)).toBe(2);
    expect(existsSync(join(path, "thesis.txt"))).toBe(false);
  });

  it("replaces a folder in it that was named, with all it holds", async () => {
    const path = await firstVersion("named");
    await mkdir(join(path, "recorded"));
    await writeFile(join(path, "recorded", "a"), "1");
    expect(await rejectionCode(writeFolderAtomic(path, filesOf(2), { replaces: ["other"] }))).toBe("file/foreign-files");
    expect(existsSync(join(path, "recorded", "a"))).toBe(true);
    await writeFolderAtomic(path, filesOf(2), { replaces: ["recorded"] });
    expect(await versionOf(path)).toBe(2);
    expect(existsSync(join(path, "recorded"))).toBe(false);
  });

  it("does not take a folder for a file of its name, nor a file for a folder", async () => {
    const path = join(pathOf("kinds"), "run");
    await mkdir(join(path, "a.bin"), { recursive: true });
    expect(await rejectionCode(writeFolderAtomic(path, filesOf(1)))).toBe("file/foreign-files");
    const file = join(pathOf("kinds"), "file");
    await writeFile(file, "x");
    expect(await rejectionCode(writeFolderAtomic(file, filesOf(1)))).toBe("file/not-writable");
    expect(await readFile(file, "utf8")).toBe("x");
  });

  it("overlooks what desktops, and writes that were killed, leave behind", async () => {
    const path = await firstVersion("litter");
    await writeFile(join(path, ".DS_Store"), "");
    await writeFile(join(path, ".lethe-0b5c.tmp"), "half");
    await writeFolderAtomic(path, filesOf(2));
    expect(await versionOf(path)).toBe(2);
  });

  it.each(["", ".", "..", "a/b", "a\\b", "/a", "C:a", "__proto__", checksumsName])("refuses the name %j", async (name) => {
    const files = Object.fromEntries([[name, new Uint8Array(1)]]);
    expect(await rejectionCode(writeFolderAtomic(pathOf("names"), files))).toBe("file/bad-name");
    expect(existsSync(pathOf("names"))).toBe(false);
  });

  it.skipIf(process.platform === "win32")("keeps the permissions of the folder it replaces", async () => {
    const path = await firstVersion("private");
    await chmod(path, 0o700);
    await writeFolderAtomic(path, filesOf(2));
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });
});

describe("recoverFolder", () => {
  it("moves the old folder back where a write was killed between its renames", async () => {
    const path = await firstVersion("killed");
    await rename(path, old(path));
    expect(await versionOf(path)).toBe(1);
    expect(existsSync(old(path))).toBe(false);
  });

  it("does so behind a link, too", async () => {
    const path = await firstVersion("killed-link");
    const link = pathOf("link-to-killed");
    await symlink(path, link, "junction");
    await rename(path, old(path));
    expect(await versionOf(link)).toBe(1);
  });

  it("keeps to the new folder where both are there", async () => {
    const path = await firstVersion("both");
    await writeFolderAtomic(old(path), filesOf(9));
    expect(await versionOf(path)).toBe(1);
  });

  it("does nothing where there is nothing", async () => {
    const path = join(pathOf("nothing"), "run");
    expect(await recoverFolder(path)).toBe(path);
    expect(existsSync(path)).toBe(false);
  });

  it("says so where it may not", async () => {
    const path = await firstVersion("forbidden");
    await rename(path, old(path));
    expect(await rejectionCode(recoverFolder(path, { fileSystem: failingFileSystem("rename", "EACCES") }))).toBe("file/not-writable");
  });
});

describe("readFolderChecked", () => {
  it("reads again when the folder is replaced between two of its files", async () => {
    const path = await firstVersion("replaced");
    let runs = 0;
    const bytes = await readFolderChecked(path, async (folder) => {
      runs += 1;
      const a = await folder.read("a.bin");
      if (runs === 1) await writeFolderAtomic(path, filesOf(2));
      return [...a, ...(await folder.read("b.bin"))];
    });
    expect(runs).toBe(2);
    expect(new Set(bytes)).toEqual(new Set([2]));
  });

  it("reads while another writes", async () => {
    const path = await firstVersion("busy");
    let writing = true;
    const writer = (async () => {
      for (let version = 2; version < 40; version++) await writeFolderAtomic(path, filesOf(version));
      writing = false;
    })();
    const versions: number[] = [];
    while (writing) versions.push(await versionOf(path));
    await writer;
    expect(await versionOf(path)).toBe(39);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  });

  it("finds damage, and says what to do if it was no damage", async () => {
    const path = await firstVersion("damage");
    await writeFile(join(path, "a.bin"), filesOf(1)["a.bin"].with(7, 0));
    const reading = readFolderChecked(path, (folder) => folder.read("a.bin"));
    expect(await rejectionCode(reading)).toBe("file/checksum");
    await expect(reading).rejects.toThrow(/If the change was yours, delete lethe-checksums\.json/);
    await rm(join(path, checksumsName));
    expect(await readFolderChecked(path, (folder) => folder.read("a.bin"))).toHaveLength(300);
  });

  it("reads folders of others, and files that are not listed", async () => {
    const path = await firstVersion("others");
    await mkdir(join(path, "sub"));
    await writeFile(join(path, "sub", "c.txt"), "c");
    expect(await readFolderChecked(path, (folder) => folder.read("sub/c.txt"))).toEqual(new TextEncoder().encode("c"));
    await rm(join(path, checksumsName));
    expect(await readFolderChecked(path, async (folder) => folder.checksums)).toBeUndefined();
  });

  it("never leaves the folder", async () => {
    const path = await firstVersion("inside");
    for (const name of ["../secret", "/etc/passwd", "a/../../b"]) {
      expect(await rejectionCode(readFolderChecked(path, (folder) => folder.read(name)))).toBe("file/bad-name");
    }
  });

  it("passes on what the body throws, once", async () => {
    const path = await firstVersion("throws");
    let runs = 0;
    const reading = readFolderChecked(path, () => {
      runs += 1;
      return Promise.reject(systemError("EOTHER"));
    });
    await expect(reading).rejects.toThrow("EOTHER");
    expect(runs).toBe(1);
  });

  it.each([
    ["not json", "{", "file/bad-checksums"],
    ["another format", '{"format":"x","version":1,"files":{}}', "file/bad-checksums"],
    ["a later version", '{"format":"lethe-checksums","version":2,"files":{}}', "file/unsupported-version"],
    ["no files", '{"format":"lethe-checksums","version":1}', "file/bad-checksums"],
    ["a path outside", `{"format":"lethe-checksums","version":1,"files":{"../a":{"bytes":1,"sha256":"${"0".repeat(64)}"}}}`, "file/bad-checksums"],
    ["no hash", '{"format":"lethe-checksums","version":1,"files":{"a":{"bytes":1,"sha256":"0"}}}', "file/bad-checksums"],
    ["no size", `{"format":"lethe-checksums","version":1,"files":{"a":{"sha256":"${"0".repeat(64)}"}}}`, "file/bad-checksums"],
  ])("refuses a list of checksums with %s", async (name, text, code) => {
    const path = await firstVersion(`list-${name}`);
    await writeFile(join(path, checksumsName), text);
    expect(await rejectionCode(versionOf(path))).toBe(code);
  });
});
