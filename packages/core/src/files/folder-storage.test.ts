import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { memoryStorage } from "../trajectory/index.ts";
import { nodeFileSystem, type FileSystem } from "./file-system.ts";
import { folderStorage } from "./folder-storage.ts";
import { crashingFileSystem, failingFileSystem, watchedFileSystem } from "./fixtures/watched-file-system.ts";
import { temporaryFolder } from "./fixtures/temporary-folder.ts";

const pathOf = temporaryFolder();

describe("folderStorage", () => {
  it("does what the storage in memory does", async () => {
    const seen = await Promise.all(
      [await folderStorage(join(pathOf("a"), "deep")), memoryStorage()].map(async (storage) => {
        await storage.write("b", Uint8Array.of(9));
        await storage.write("a", Uint8Array.of(1, 2, 3, 4));
        await storage.write("b", Uint8Array.of(8, 7));
        await storage.write("c", new Uint8Array(0));
        await storage.remove("c");
        await storage.remove("absent");
        const ranges = [{ begin: 0, end: 2 }, { begin: 1, end: 9 }, { begin: 4, end: 5 }, { begin: 9, end: 12 }, { begin: 2, end: 2 }, undefined];
        const reads = await Promise.all(ranges.map((range) => storage.read("a", range)));
        return { names: (await storage.names()).toSorted(), reads: reads.map((bytes) => [...bytes]), b: [...(await storage.read("b"))] };
      }),
    );
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toEqual({ names: ["a", "b"], reads: [[1, 2], [2, 3, 4], [], [], [], [1, 2, 3, 4]], b: [8, 7] });
  });

  it("hands out bytes that are the caller's", async () => {
    const storage = await folderStorage(pathOf("owned"));
    await storage.write("a", Uint8Array.of(1, 2, 3));
    for (const range of [undefined, { begin: 0, end: 3 }]) {
      const bytes = await storage.read("a", range);
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
      bytes.fill(0);
      expect([...(await storage.read("a", range))]).toEqual([1, 2, 3]);
    }
  });

  it("overwrites every byte of what it removes, and syncs that, before the name goes", async () => {
    const path = pathOf("overwrite");
    const size = 2 ** 21 + 5;
    await (await folderStorage(path)).write("a", new Uint8Array(size).fill(7));
    const log: string[] = [];
    const fileSystem = watchedFileSystem(async ({ name, path: at }) => {
      log.push(name);
      if (name === "rm") {
        const content = await readFile(at);
        expect(content).toHaveLength(size);
        expect(content.every((byte) => byte === 0)).toBe(true);
      }
    });
    await (await folderStorage(path, { fileSystem })).remove("a");
    expect(log.slice(-8)).toEqual(["file.write", "file.write", "file.sync", "file.close", "rm", "open", "file.sync", "file.close"]);
    expect(await readdir(path)).toEqual([]);
  });

  it("overwrites every byte where the system writes fewer at once than it is given", async () => {
    const path = pathOf("short");
    await (await folderStorage(path)).write("a", new Uint8Array(1000).fill(7));
    let last: readonly number[] = [];
    const openShort: FileSystem["open"] = async (...given) => {
      const handle = await nodeFileSystem.open(...given);
      const write = async (bytes: Uint8Array, from: number, length: number, at: number) => handle.write(bytes, from, Math.min(length, 300), at);
      return new Proxy(handle, {
        get(target, key) {
          if (key === "write") return write;
          const value = Reflect.get(target, key) as unknown;
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    };
    const rm: FileSystem["rm"] = async (at, options) => {
      last = [...(await readFile(at as string))];
      await nodeFileSystem.rm(at, options);
    };
    await (await folderStorage(path, { fileSystem: { ...nodeFileSystem, open: openShort, rm } })).remove("a");
    expect(last).toEqual(Array.from({ length: 1000 }, () => 0));
  });

  it("removes what a killed write left, and lists only files", async () => {
    const path = pathOf("leftover");
    await mkdir(join(path, "folder"), { recursive: true });
    await writeFile(join(path, ".lethe-0.tmp"), "half");
    await writeFile(join(path, "mine"), "whole");
    await symlink("leftover", pathOf("link"), "junction");
    const storage = await folderStorage(pathOf("link"));
    expect(await storage.names()).toEqual(["mine"]);
    expect((await readdir(path)).toSorted()).toEqual(["folder", "mine"]);
  });

  it("holds the old content or the new one wherever the power fails", async () => {
    const seen = new Set<string>();
    for (let call = 1; ; call++) {
      const path = pathOf(`crash-${call}`);
      const storage = await folderStorage(path);
      await storage.write("a", Uint8Array.of(1, 1));
      const { fileSystem, state } = crashingFileSystem(call);
      await rejectionCode(folderStorage(path, { fileSystem }).then((crashing) => crashing.write("a", Uint8Array.of(2, 2))));
      const opened = await folderStorage(path);
      seen.add(String(await opened.read("a")));
      expect(await readdir(path)).toEqual(["a"]);
      if (!state.crashed) break;
    }
    expect(seen).toEqual(new Set(["1,1", "2,2"]));
  });

  it("overwrites what a write replaced, once the new content has its place", async () => {
    const path = pathOf("replaced");
    await (await folderStorage(path)).write("a", new Uint8Array(1000).fill(7));
    const seen: string[] = [];
    const fileSystem = watchedFileSystem(async ({ name, path: at }) => {
      if (name !== "rm") return;
      expect((await readFile(at)).every((byte) => byte === 0)).toBe(true);
      seen.push(`${(await readFile(at)).length} zeros, ${[...(await readFile(join(path, "a")))].join(" ")}`);
    });
    await (await folderStorage(path, { fileSystem })).write("a", Uint8Array.of(2, 2));
    expect(seen).toEqual(["1000 zeros, 2 2"]);
    expect(await readdir(path)).toEqual(["a"]);
  });

  it("leaves nothing of what a write replaced wherever the power fails, once it is opened again", async () => {
    const seen = new Set<string>();
    for (let call = 1; ; call++) {
      const path = pathOf(`replacing-${call}`);
      await (await folderStorage(path)).write("a", Uint8Array.of(1, 1, 1));
      const old = await open(join(path, "a"), "r");
      try {
        const { fileSystem, state } = crashingFileSystem(call);
        await rejectionCode(folderStorage(path, { fileSystem }).then((crashing) => crashing.write("a", Uint8Array.of(2, 2, 2))));
        const content = String(await (await folderStorage(path)).read("a"));
        const left = String([...(await old.read(new Uint8Array(3), 0, 3, 0)).buffer]);
        seen.add(`${content} then ${left}`);
        expect(await readdir(path)).toEqual(["a"]);
        if (!state.crashed) break;
      } finally {
        await old.close();
      }
    }
    expect(seen).toEqual(new Set(["1,1,1 then 1,1,1", "2,2,2 then 0,0,0"]));
  });

  it("replaces contents where there are no hard links, and where the old one cannot be destroyed until the next opening", async () => {
    const path = pathOf("unlinked");
    const storage = await folderStorage(path, { fileSystem: failingFileSystem("link", "EPERM") });
    for (const value of [1, 2]) await storage.write("a", Uint8Array.of(value));
    expect([...(await storage.read("a"))]).toEqual([2]);
    const stuck = await folderStorage(path, { fileSystem: failingFileSystem("rm", "EIO", /\.tmp$/) });
    await stuck.write("a", Uint8Array.of(3));
    expect([...(await stuck.read("a"))]).toEqual([3]);
    expect(await stuck.names()).toEqual(["a"]);
    expect(await readdir(path)).toHaveLength(2);
    await folderStorage(path);
    expect(await readdir(path)).toEqual(["a"]);
    const full = await folderStorage(path, { fileSystem: failingFileSystem("link", "ENOSPC") });
    expect(await rejectionCode(full.write("a", Uint8Array.of(4)))).toBe("file/disk-full");
  });

  it("says what is wrong with a name, a file or the disk", async () => {
    const path = pathOf("errors");
    const storage = await folderStorage(path);
    await storage.write("a", Uint8Array.of(1));
    for (const name of ["../a", "a/b", "", ".lethe-1.tmp", "c:a"]) {
      expect(() => storage.write(name, new Uint8Array(1))).toThrow(expect.objectContaining({ code: "file/bad-name" }));
      expect(await rejectionCode(storage.remove(name))).toBe("file/bad-name");
    }
    expect(await rejectionCode(storage.read("b"))).toBe("file/not-found");
    expect(await rejectionCode(storage.read("b", { begin: 0, end: 1 }))).toBe("file/not-found");
    await writeFile(pathOf("file"), "");
    expect(await rejectionCode(folderStorage(pathOf("file")))).toBe("file/not-writable");
    const full = await folderStorage(path, { fileSystem: failingFileSystem("file.writeFile", "ENOSPC") });
    expect(await rejectionCode(full.write("b", new Uint8Array(9)))).toBe("file/disk-full");
    const stuck = await folderStorage(path, { fileSystem: failingFileSystem("file.sync", "EIO") });
    await expect(stuck.remove("a")).rejects.toMatchObject({ code: "file/write-failed", message: expect.stringContaining("overwritten in part") });
    expect(existsSync(join(path, "a"))).toBe(true);
  });
});
