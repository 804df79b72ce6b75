import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { LetheError, aborted, isLetheError } from "@lethe/core";
import { unreadable } from "../files/unreadable.ts";
import type { CatalogueEntry, CatalogueFile } from "./entry.ts";
import { tarMembers } from "./tar.ts";
import { verifyFile } from "./verify.ts";
import { unwritable } from "./unwritable.ts";

export interface Gathering {
  /** Searched at any depth for the files, gzipped or not, and for their archives. */
  readonly from: string;
  readonly to: string;
  readonly signal: AbortSignal;
  onFile?(file: CatalogueFile): void;
}

/** Below it no one keeps data sets. */
const deepest = 6;

/**
 * Puts the files of a data set into a folder, each only if it has its sum. A file that is there already stays.
 *
 * @returns the files that were not found.
 * @throws LetheError `data/checksum` for a file of the right name and of another content, `data/bad-archive`, `data/unreadable`, `file/...`.
 */
export async function gather(entry: CatalogueEntry, { from, to, signal, onFile }: Gathering): Promise<readonly CatalogueFile[]> {
  const found = await filesBelow(from, 0);
  const missing: CatalogueFile[] = [];
  for (const file of entry.files) {
    onFile?.(file);
    if ((await verifyFile(file, join(to, file.name), signal)).verdict === "ok") continue;
    if (!(await takeBest(file, found, { to, signal }))) missing.push(file);
  }
  if (missing.length === 0) return [];
  const archives = found.filter((path) => entry.archives.includes(basename(path)));
  for (const archive of archives) await unpack(archive, missing, { to, signal });
  const verified = await Promise.all(missing.map((file) => verifyFile(file, join(to, file.name), signal)));
  return missing.filter((_, i) => verified[i].verdict !== "ok");
}

interface Target {
  readonly to: string;
  readonly signal: AbortSignal;
}

/** Takes the first file of one of the names that has the sum; false where there is none of these names. */
async function takeBest(file: CatalogueFile, found: readonly string[], target: Target): Promise<boolean> {
  const names = [file.name, ...(file.also ?? [])].flatMap((name) => [name, `${name}.gz`]);
  const candidates = found.filter((path) => names.includes(basename(path)));
  let refused: LetheError | undefined;
  for (const path of candidates) {
    try {
      await take(file, path, target);
      return true;
    } catch (error) {
      if (!isLetheError(error) || error.code !== "data/checksum") throw error;
      refused ??= error as LetheError;
    }
  }
  if (refused !== undefined) throw refused;
  return false;
}

async function take(file: CatalogueFile, path: string, { to, signal }: Target): Promise<void> {
  const part = join(to, `.${file.name}.part`);
  try {
    await mkdir(to, { recursive: true });
    if (path.endsWith(".gz")) await pipeline(createReadStream(path), createGunzip(), createWriteStream(part), { signal });
    else await copyFile(path, part);
    await accept(file, part, path, { to, signal });
  } catch (error) {
    await rm(part, { force: true });
    if (signal.aborted) throw aborted(signal);
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_")) throw notTheFile(file, path, "it is not intact gzip");
    throw unwritable(join(to, file.name), error);
  }
}

async function accept(file: CatalogueFile, part: string, path: string, { to, signal }: Target): Promise<void> {
  const { verdict, bytes, found, expected, algorithm } = await verifyFile(file, part, signal);
  if (verdict === "wrong-size") throw notTheFile(file, path, `it holds ${bytes} bytes of ${file.bytes}`);
  if (verdict !== "ok") throw notTheFile(file, path, `its ${algorithm.toUpperCase()} is ${found} instead of ${expected}`);
  await rename(part, join(to, file.name));
}

async function unpack(archive: string, wanted: readonly CatalogueFile[], { to, signal }: Target): Promise<void> {
  const byName = new Map(wanted.flatMap((file) => [file.name, ...(file.also ?? [])].map((name) => [name, file] as const)));
  try {
    const plain = createReadStream(archive).pipe(createGunzip());
    for await (const { name, bytes } of tarMembers(plain, (each) => byName.has(each), archive)) {
      if (signal.aborted) throw aborted(signal);
      const file = byName.get(name)!;
      const part = join(to, `.${file.name}.part`);
      await mkdir(to, { recursive: true });
      await writeFile(part, bytes);
      await accept(file, part, `${name} of ${archive}`, { to, signal });
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_")) {
      throw new LetheError("data/bad-archive", `${archive} is not intact gzip; fetch it again.`, { source: archive }, { cause: error });
    }
    throw unwritable(to, error);
  }
}

function notTheFile(file: CatalogueFile, path: string, fact: string): LetheError {
  return new LetheError("data/checksum", `${path} is not the published ${file.name} (${fact}); fetch it again.`, { path, expected: file.sum, fact });
}

/** Files at any depth, those higher up first. */
async function filesBelow(folder: string, depth: number): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => join(folder, name));
    const folders = depth < deepest ? entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name)) : [];
    const below = await Promise.all(folders.map((each) => filesBelow(each, depth + 1)));
    return [...files, ...below.flat()];
  } catch (error) {
    if (depth > 0) return []; // A folder that is closed to the reader may hold anything else.
    throw unreadable(folder, error);
  }
}
