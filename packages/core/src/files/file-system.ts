import type { Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { readlink, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LetheError, isLetheError } from "../errors/index.ts";

/** The calls that writing and reading are made of; tests pass a failing one where a disk would have to fail. */
export type FileSystem = Pick<typeof fs, "access" | "chmod" | "link" | "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rm" | "stat">;

export const nodeFileSystem: FileSystem = fs;

const full = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const refused = new Set(["EACCES", "EPERM", "EROFS", "EISDIR", "ENOTDIR", "ENOENT", "EEXIST", "ENOTEMPTY", "EBUSY", "ENAMETOOLONG", "ELOOP"]);
const absent = new Set(["ENOENT", "ENOTDIR"]);

/** The system's short name of an error (`"ENOSPC"`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function isAbsent(error: unknown): boolean {
  return absent.has(systemCode(error) ?? "");
}

export async function statIfThere(path: string, fileSystem: FileSystem): Promise<Stats | undefined> {
  try {
    return await fileSystem.stat(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** `file/disk-full`, `file/not-writable` or `file/write-failed`, whichever the system error means; a LetheError is passed on. */
export function writeError(error: unknown, path: string): LetheError {
  if (isLetheError(error)) return error;
  const code = systemCode(error);
  const details = { path, system: code };
  const kept = "what was there before is untouched";
  if (full.has(code ?? "")) {
    return new LetheError(
      "file/disk-full",
      `There is no room to write ${path} (${code}), ${kept}; free some space or choose another place.`,
      details,
      {
        cause: error,
      },
    );
  }
  if (refused.has(code ?? "")) {
    return new LetheError("file/not-writable", `${path} cannot be written (${code}), ${kept}; check its folder and its permissions.`, details, {
      cause: error,
    });
  }
  return new LetheError("file/write-failed", `Writing ${path} failed (${code ?? String(error)}), ${kept}; check the disk and try again.`, details, {
    cause: error,
  });
}

/** `file/not-found`, `file/not-readable` or `file/read-failed`. */
export function readError(error: unknown, path: string): LetheError {
  if (isLetheError(error)) return error;
  const code = systemCode(error);
  const details = { path, system: code };
  if (isAbsent(error)) return new LetheError("file/not-found", `There is no file ${path}; check the path.`, details, { cause: error });
  if (refused.has(code ?? "")) {
    return new LetheError("file/not-readable", `${path} cannot be read (${code}); check that it is a file and its permissions.`, details, {
      cause: error,
    });
  }
  return new LetheError("file/read-failed", `Reading ${path} failed (${code ?? String(error)}); check the disk and try again.`, details, {
    cause: error,
  });
}

/** The place a path stands for: links are followed, even to where nothing is yet, so that a rename replaces the target and not the link. */
export async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    try {
      return resolve(dirname(path), await readlink(path));
    } catch {
      return resolve(path);
    }
  }
}

/** Makes what happened in `folder` last through a power cut, where the platform can sync folders at all. */
export async function syncFolder(folder: string, fileSystem: FileSystem): Promise<void> {
  let handle: fs.FileHandle;
  try {
    handle = await fileSystem.open(folder, "r");
  } catch {
    return; // Windows opens no folders, and others may lack the right to read this one.
  }
  try {
    await handle.sync();
  } catch (error) {
    if (!["EINVAL", "EPERM", "ENOTSUP", "ENOSYS"].includes(systemCode(error) ?? "")) throw error;
  } finally {
    await handle.close();
  }
}

/** Syncs the folder in which `path` was just renamed into place: from here on it is too late to say that nothing changed. */
export async function confirmRename(path: string, fileSystem: FileSystem): Promise<void> {
  try {
    await syncFolder(dirname(path), fileSystem);
  } catch (cause) {
    const sentence = `${path} is written, but the disk does not confirm it; check the disk and write it again.`;
    throw new LetheError("file/write-failed", sentence, { path, system: systemCode(cause) }, { cause });
  }
}

/** Writes a new file and waits until the disk has it. */
export async function writeSynced(path: string, bytes: Uint8Array, fileSystem: FileSystem, mode?: number): Promise<void> {
  const handle = await fileSystem.open(path, "wx");
  try {
    await handle.writeFile(bytes);
    if (mode !== undefined) await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
