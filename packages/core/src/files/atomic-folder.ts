import { basename, dirname, join } from "node:path";
import { LetheError } from "../errors/index.ts";
import { isPathInside, type Files } from "../io/index.ts";
import { checksumsName, checksumsOf, encodeChecksums, readChecksums } from "./checksums.ts";
import { checkSize } from "./atomic-file.ts";
import {
  confirmRename,
  followLinks,
  isAbsent,
  nodeFileSystem,
  statIfThere,
  syncFolder,
  systemCode,
  writeError,
  writeSynced,
  type FileSystem,
} from "./file-system.ts";

export interface WriteFolderOptions {
  /** Names in the old folder that may go although they are in no list of checksums; of folders too, with all that is in them. */
  readonly replaces?: readonly string[];
  readonly fileSystem?: FileSystem;
}

/** What desktops leave in every folder; no loss. */
const litter = [".DS_Store", "Thumbs.db", "desktop.ini"];

/** What a write of a single file leaves when its process is killed. */
const interrupted = /^\.lethe-.*\.tmp$/;

/** A reader that finds the path empty moves the old folder back; after that many times something else is wrong. */
const maximumSwaps = 5;

/**
 * Replaces a folder as a whole: a reader finds all of the old files or all of the new ones.
 *
 * The files are written and synced in a hidden folder beside `path` (`.NAME.lethe-new-*`), together with `lethe-checksums.json`, a list of
 * their sizes and SHA-256. Then two renames swap it in: `path` to `.NAME.lethe-old`, the new folder to `path`; and the old one is removed.
 * A crash between the two renames leaves no folder at `path`; {@link recoverFolder}, which every read and write begins with, puts the old one
 * back. Any number of readers, one writer at a time. Needs room for both folders at once.
 *
 * A folder that holds anything else than the files named here, those that Lethe wrote before, and `replaces` is left alone.
 *
 * @param files names without slashes.
 * @throws LetheError `file/bad-name`, `file/foreign-files`, `file/disk-full`, `file/not-writable`, `file/write-failed`, `file/too-large`.
 *
 * @example
 * await writeFolderAtomic("run", { "a.txt": new Uint8Array([1]), "b.txt": new Uint8Array([2]) });
 * await readFolderChecked("run", (folder) => folder.read("b.txt")); // Uint8Array [2]
 */
export async function writeFolderAtomic(path: string, files: Files, options: WriteFolderOptions = {}): Promise<void> {
  const { replaces = [], fileSystem = nodeFileSystem } = options;
  for (const [name, bytes] of Object.entries(files)) checkFile(path, name, bytes);
  const target = await recoverFolder(path, { fileSystem });
  const fresh = join(dirname(target), `.${basename(target)}.lethe-new-${crypto.randomUUID()}`);
  try {
    const stats = await statIfThere(target, fileSystem);
    if (stats !== undefined) await checkReplaceable(target, Object.keys(files), replaces, fileSystem);
    await fileSystem.mkdir(fresh, { recursive: true });
    if (stats !== undefined) await fileSystem.chmod(fresh, stats.mode & 0o777);
    const checksums = encodeChecksums(await checksumsOf(files));
    for (const [name, bytes] of [...Object.entries(files), [checksumsName, checksums] as const]) {
      await writeSynced(join(fresh, name), bytes, fileSystem);
    }
    await syncFolder(fresh, fileSystem);
    await swapIn(fresh, target, fileSystem);
  } catch (error) {
    await fileSystem.rm(fresh, { recursive: true, force: true }).catch(() => {}); // the first error is the one to tell
    throw writeError(error, path);
  }
}

/**
 * Ends a write that was killed between its two renames: where `path` is missing and its old folder waits beside it, moves that back.
 *
 * @returns the place that `path` stands for, links followed.
 * @throws LetheError `file/not-writable` where the old folder is there and cannot be moved.
 */
export async function recoverFolder(path: string, options: { readonly fileSystem?: FileSystem } = {}): Promise<string> {
  const { fileSystem = nodeFileSystem } = options;
  const target = await followLinks(path);
  try {
    if ((await statIfThere(target, fileSystem)) !== undefined) return target;
    await fileSystem.rename(oldFolder(target), target);
  } catch (error) {
    // Nothing to recover, or somebody else just did.
    if (!isAbsent(error) && !isOccupied(error)) throw writeError(error, path);
  }
  return target;
}

function oldFolder(target: string): string {
  return join(dirname(target), `.${basename(target)}.lethe-old`);
}

async function swapIn(fresh: string, target: string, fileSystem: FileSystem): Promise<void> {
  const old = oldFolder(target);
  // A write that was killed after its second rename left this one; recoverFolder has seen that `target` is whole.
  await fileSystem.rm(old, { recursive: true, force: true });
  for (let swaps = 1; ; swaps++) {
    const moved = await renameIfThere(target, old, fileSystem);
    try {
      await fileSystem.rename(fresh, target);
      break;
    } catch (error) {
      if (isOccupied(error) && swaps < maximumSwaps) continue;
      // Should this fail too, recoverFolder repeats it.
      if (moved) await fileSystem.rename(old, target).catch(() => {});
      throw error;
    }
  }
  await confirmRename(target, fileSystem);
  // What is left of the old folder costs room only, until the next write.
  await fileSystem.rm(old, { recursive: true, force: true }).catch(() => {});
}

async function renameIfThere(from: string, to: string, fileSystem: FileSystem): Promise<boolean> {
  try {
    await fileSystem.rename(from, to);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function isOccupied(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "");
}

/** Refuses to replace a folder that holds a stranger's files: they would be gone. */
async function checkReplaceable(target: string, names: readonly string[], replaces: readonly string[], fileSystem: FileSystem): Promise<void> {
  const entries = await fileSystem.readdir(target, { withFileTypes: true });
  const written = Object.keys((await readChecksums(target, fileSystem))?.files ?? {});
  const known = new Set([...names, ...written, ...litter, checksumsName]);
  const foreign = entries
    .filter(({ name }) => !replaces.includes(name))
    .filter((entry) => !(known.has(entry.name) || interrupted.test(entry.name)) || entry.isDirectory())
    .map((entry) => entry.name);
  if (foreign.length === 0) return;
  const shown = foreign.length > 3 ? `${foreign.slice(0, 3).join(", ")} and ${foreign.length - 3} more` : foreign.join(", ");
  const sentence = `The folder ${target} also holds ${shown}, which would be lost; write to a new folder, or move them away.`;
  throw new LetheError("file/foreign-files", sentence, { path: target, names: foreign });
}

function checkFile(path: string, name: string, bytes: Uint8Array): void {
  if (!isPathInside(name) || name.includes("/") || name === checksumsName || name === "__proto__") {
    const sentence = `${JSON.stringify(name)} cannot name a file of the folder ${path}; use a plain name without slashes or colons.`;
    throw new LetheError("file/bad-name", sentence, { path, name });
  }
  checkSize(join(path, name), bytes);
}
