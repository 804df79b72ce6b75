import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { sha256 } from "../tree/index.ts";
import { readFileChecked, writeFileAtomic } from "./atomic-file.ts";
import { nodeFileSystem, type FileSystem } from "./file-system.ts";
import { crashingFileSystem, failingFileSystem, watchedFileSystem } from "./fixtures/watched-file-system.ts";
import { temporaryFolder } from "./fixtures/temporary-folder.ts";

const pathOf = temporaryFolder();
const oldBytes = new Uint8Array(1000).fill(1);
const newBytes = new Uint8Array(1000).fill(2);

/** A file with old content, alone in a new folder. */
async function oldFile(name: string): Promise<string> {
  const path = join(pathOf(name), "data.bin");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, oldBytes);
  return path;
}

const contentOf = async (path: string) => new Uint8Array(await readFile(path));

describe("writeFileAtomic", () => {
  it("runs its example", async () => {
    const path = pathOf("report.json");
    await writeFileAtomic(path, new TextEncoder().encode("{}"));
    expect(await readFileChecked(path)).toEqual(Uint8Array.of(123, 125));
  });

  it("makes missing folders, replaces a file and leaves nothing else", async () => {
    const path = join(pathOf("made"), "a", "b.bin");
    await writeFileAtomic(path, oldBytes);
    await writeFileAtomic(path, newBytes);
    expect(await contentOf(path)).toEqual(newBytes);
    expect(await readdir(dirname(path))).toEqual(["b.bin"]);
  });

  it("writes an empty file, and only the view of a larger buffer", async () => {
    const path = pathOf("view.bin");
    await writeFileAtomic(path, new Uint8Array(0));
    expect(await contentOf(path)).toEqual(new Uint8Array(0));
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
    expect(await contentOf(path)).toEqual(Uint8Array.of(2, 3));
  });

  it("syncs the content before the rename and the folder after it", async () => {
    const path = await oldFile("order");
    const calls: string[] = [];
    await writeFileAtomic(path, newBytes, {
      fileSystem: watchedFileSystem(({ name, path: at }) => calls.push(at === dirname(path) ? `${name} folder` : name)),
    });
    expect(calls).toEqual([
      "mkdir folder",
      "stat",
      "access",
      "open",
      "file.writeFile",
      "file.chmod",
      "file.sync",
      "file.close",
      "rename",
      "open folder",
      "file.sync folder",
      "file.close folder",
    ]);
  });

  it.each([
    ["ENOSPC", "file/disk-full"],
    ["EDQUOT", "file/disk-full"],
    ["EFBIG", "file/disk-full"],
    ["EACCES", "file/not-writable"],
    ["EROFS", "file/not-writable"],
    ["EIO", "file/write-failed"],
    ["EMFILE", "file/write-failed"],
  ])("keeps the old file and cleans up on %s, wherever it strikes", async (system, code) => {
    for (const call of ["mkdir", "open", "file.writeFile", "file.sync", "file.close", "rename"]) {
      const path = await oldFile(`${system}-${call}`);
      // A folder that cannot be opened is a folder that cannot be synced, which is no failure.
      const fileSystem = failingFileSystem(call, system, call === "open" ? /\.tmp$/ : undefined);
      const writing = writeFileAtomic(path, newBytes, { fileSystem });
      expect(await rejectionCode(writing), call).toBe(code);
      await expect(writing).rejects.toMatchObject({ details: { path, system } });
      expect(await contentOf(path)).toEqual(oldBytes);
      expect(await readdir(dirname(path))).toEqual(["data.bin"]);
    }
  });

  it("holds the old file or the new one wherever the power fails", async () => {
    let crashes = 0;
    for (let call = 1; ; call++) {
      const path = await oldFile(`crash-${call}`);
      const { fileSystem, state } = crashingFileSystem(call);
      const code = await rejectionCode(writeFileAtomic(path, newBytes, { fileSystem }));
      const content = await contentOf(path);
      expect([oldBytes, newBytes]).toContainEqual(content);
      if (!state.crashed) {
        expect(content).toEqual(newBytes);
        break;
      }
      crashes += 1;
      // The write goes through unknowing where the folder could not even be opened for its sync.
      if (code === undefined) expect(content).toEqual(newBytes);
    }
    expect(crashes).toBeGreaterThanOrEqual(9);
  });

  it("says so when the new file is there but the disk does not confirm it", async () => {
    const path = await oldFile("unconfirmed");
    const fileSystem = watchedFileSystem(({ name, path: at }) => {
      if (name === "file.sync" && at === dirname(path)) throw Object.assign(new Error("EIO"), { code: "EIO" });
    });
    await expect(writeFileAtomic(path, newBytes, { fileSystem })).rejects.toThrow(/is written, but the disk does not confirm it/);
    expect(await contentOf(path)).toEqual(newBytes);
  });

  it.runIf(existsSync("/dev/full"))("reports a disk that is full", async () => {
    const path = await oldFile("dev-full");
    // The system itself says ENOSPC here: the temporary file is its device that is always full.
    const open = ((at: string, flags: string) =>
      nodeFileSystem.open(flags === "wx" ? "/dev/full" : at, flags === "wx" ? "w" : flags)) as FileSystem["open"];
    const code = await rejectionCode(writeFileAtomic(path, newBytes, { fileSystem: { ...nodeFileSystem, open } }));
    expect(code).toBe("file/disk-full");
    expect(await contentOf(path)).toEqual(oldBytes);
  });

  it("refuses a folder, a device and what is below a file", async () => {
    const path = await oldFile("kinds");
    expect(await rejectionCode(writeFileAtomic(dirname(path), newBytes))).toBe("file/not-writable");
    expect(await rejectionCode(writeFileAtomic(join(path, "below"), newBytes))).toBe("file/not-writable");
    expect(await rejectionCode(writeFileAtomic("/dev/null", newBytes))).toBe("file/not-writable");
    expect((await stat("/dev/null")).isFile()).toBe(false);
    expect(await readdir(dirname(path))).toEqual(["data.bin"]);
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === "win32")("respects a file that its owner made read-only", async () => {
    const path = await oldFile("read-only");
    await chmod(path, 0o444);
    expect(await rejectionCode(writeFileAtomic(path, newBytes))).toBe("file/not-writable");
    expect(await contentOf(path)).toEqual(oldBytes);
  });

  it.skipIf(process.platform === "win32")("keeps the permissions of the file it replaces", async () => {
    const path = await oldFile("private");
    await chmod(path, 0o600);
    await writeFileAtomic(path, newBytes);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.skipIf(process.platform === "win32")("writes through links, also to a file that is not there yet", async () => {
    const path = await oldFile("linked");
    const link = join(dirname(path), "link.bin");
    await symlink("data.bin", link);
    await writeFileAtomic(link, newBytes);
    expect(await contentOf(path)).toEqual(newBytes);
    const dangling = join(dirname(path), "dangling.bin");
    await symlink("later.bin", dangling);
    await writeFileAtomic(dangling, oldBytes);
    expect(await contentOf(join(dirname(path), "later.bin"))).toEqual(oldBytes);
  });

  it("refuses more than can be read back", async () => {
    expect(await rejectionCode(writeFileAtomic(pathOf("huge"), new Uint8Array(2 ** 31)))).toBe("file/too-large");
  });

  it("lets the last of many writers win as a whole", async () => {
    const path = await oldFile("writers");
    await Promise.all(Array.from({ length: 20 }, (_, i) => writeFileAtomic(path, new Uint8Array(5000).fill(i))));
    const content = await contentOf(path);
    expect(content).toHaveLength(5000);
    expect(new Set(content).size).toBe(1);
    expect(await readdir(dirname(path))).toEqual(["data.bin"]);
  });
});

describe("readFileChecked", () => {
  it("runs its example", async () => {
    const path = pathOf("test.txt");
    await writeFile(path, "test");
    const bytes = await readFileChecked(path, { sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" });
    expect(new TextDecoder().decode(bytes)).toBe("test");
  });

  it("gives plain arrays, whose slices are copies", async () => {
    const bytes = await readFileChecked(await oldFile("plain"));
    expect(Buffer.isBuffer(bytes)).toBe(false);
    expect(bytes.slice(0, 1).buffer).not.toBe(bytes.buffer);
  });

  it("finds a changed byte and a changed length", async () => {
    const path = await oldFile("changed");
    const hash = await sha256(oldBytes);
    expect(await readFileChecked(path, { sha256: hash.toUpperCase(), bytes: 1000 })).toEqual(oldBytes);
    await writeFile(path, oldBytes.with(500, 3));
    expect(await rejectionCode(readFileChecked(path, { sha256: hash }))).toBe("file/checksum");
    await writeFile(path, oldBytes.subarray(1));
    await expect(readFileChecked(path, { sha256: hash, bytes: 1000 })).rejects.toThrow(/it holds 999 bytes of 1000/);
  });

  it("names what is not there and what is no file", async () => {
    expect(await rejectionCode(readFileChecked(pathOf("nowhere")))).toBe("file/not-found");
    expect(await rejectionCode(readFileChecked(join(await oldFile("below"), "x")))).toBe("file/not-found");
    expect(await rejectionCode(readFileChecked(dirname(await oldFile("folder"))))).toBe("file/not-readable");
    const path = await oldFile("unreadable");
    expect(await rejectionCode(readFileChecked(path, { fileSystem: failingFileSystem("readFile", "EACCES") }))).toBe("file/not-readable");
    expect(await rejectionCode(readFileChecked(path, { fileSystem: failingFileSystem("readFile", "EIO") }))).toBe("file/read-failed");
  });
});
