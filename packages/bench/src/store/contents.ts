import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { constants, copyFile, mkdir, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { aborted } from "@lethe/core";
import type { Checksum } from "@lethe/core/files";

/** What a flat folder holds, by name: files that may be too large for memory, of which no more than a piece is read at a time. */
export type Contents = Readonly<Record<string, Checksum>>;

/** @returns undefined where there is no such folder. */
export async function contentsOf(folder: string): Promise<Contents | undefined> {
  const names = await namesIn(folder);
  if (names === undefined) return undefined;
  const contents: Record<string, Checksum> = {};
  for (const name of names.toSorted()) contents[name] = await checksumOf(join(folder, name));
  return contents;
}

/** Whether all of the files are there with their sizes, and none besides. What they hold is not read. */
export async function hasSizes(folder: string, contents: Contents): Promise<boolean> {
  const names = await namesIn(folder);
  if (names === undefined || names.length !== Object.keys(contents).length) return false;
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size === contents[name]?.bytes));
  return sizes.every(Boolean);
}

export function sameContents(a: Contents, b: Contents): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name].sha256 === b[name]?.sha256);
}

/**
 * Copies the files of a flat folder into a new one, and waits until the disk has them. Where the file system can, they are copies on write: what is later written
 * to one does not show in the other.
 *
 * @throws LetheError `run/aborted`, and what the system throws.
 */
export async function copyContents(from: string, to: string, signal?: AbortSignal): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (signal?.aborted) throw aborted(signal);
    await copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE);
    const handle = await open(join(to, name), "r+");
    await handle.sync().finally(() => handle.close());
  }
}

async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Reads a file piece by piece. */
export async function checksumOf(path: string): Promise<Checksum> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of createReadStream(path) as AsyncIterable<Uint8Array>) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
