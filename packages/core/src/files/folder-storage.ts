import { join } from "node:path";
import { LetheError } from "../errors/index.ts";
import { isPathInside } from "../io/index.ts";
import { readFileChecked, writeFileAtomic } from "./atomic-file.ts";
import { followLinks, isAbsent, nodeFileSystem, readError, statIfThere, syncFolder, systemCode, writeError, type FileSystem } from "./file-system.ts";

/** Named contents in a folder: a `TrajectoryStorage`. */
export interface FolderStorage {
  readonly path: string;
  /**
   * Replaces a content as a whole, as {@link writeFileAtomic} does, and then destroys what it replaced as `remove` would; where that fails, the
   * next opening of the folder tries again, and says so if it fails, too. On file systems without hard links the old content is unlinked only.
   */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** The bytes from `begin` up to `end`, as far as there are any; all bytes without a range. */
  read(name: string, range?: { readonly begin: number; readonly end: number }): Promise<Uint8Array>;
  /**
   * Overwrites a file with zeros, waits until the disk has them, and removes it; one that is not there is no error.
   *
   * The best that a program can do, and not the same as destruction: file systems that copy on write or keep a journal (btrfs, ZFS, APFS, snapshots
   * of a volume), SSDs that spread their wear, and backups may hold the old blocks on. Where that matters, keep the folder on an encrypted volume and
   * destroy its key.
   */
  remove(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

/** What a write leaves when its process is killed: new content that was not finished, or old content that was not destroyed. */
const interrupted = /^\.lethe-.*\.tmp$/;
const zerosAtOnce = new Uint8Array(2 ** 20);

/**
 * A folder as a storage, for one process at a time. It is made if it is not there; unfinished files that a killed process left in it are removed.
 *
 * @throws LetheError `file/not-writable`, `file/write-failed`; its functions also `file/bad-name`, `file/not-found`, `file/not-readable`,
 * `file/read-failed`, `file/disk-full`, `file/too-large`.
 * @example
 * const storage = await folderStorage("trajectory");
 * await storage.write("a", Uint8Array.of(1, 2, 3));
 * await storage.read("a", { begin: 1, end: 9 }); // [2, 3]
 */
export async function folderStorage(path: string, options: { readonly fileSystem?: FileSystem } = {}): Promise<FolderStorage> {
  const { fileSystem = nodeFileSystem } = options;
  const folder = await followLinks(path);
  const fileOf = (name: string) => {
    if (isPathInside(name) && !name.includes("/") && !interrupted.test(name)) return join(folder, name);
    throw new LetheError("file/bad-name", `${JSON.stringify(name)} cannot name a file of ${folder}; use a plain name.`, { path: folder, name });
  };
  try {
    await fileSystem.mkdir(folder, { recursive: true });
    for (const name of await fileSystem.readdir(folder)) if (interrupted.test(name)) await destroyLeftover(join(folder, name), fileSystem);
  } catch (error) {
    throw writeError(error, folder);
  }
  return {
    path: folder,
    write: (name, bytes) => replace(fileOf(name), bytes, fileSystem),
    read: (name, range) => (range === undefined ? readFileChecked(fileOf(name), { fileSystem }) : readRange(fileOf(name), range, fileSystem)),
    async remove(name) {
      const file = fileOf(name);
      try {
        await destroy(file, fileSystem);
      } catch (error) {
        throw removeError(error, file);
      }
    },
    async names() {
      try {
        const entries = await fileSystem.readdir(folder, { withFileTypes: true });
        return entries.filter((entry) => entry.isFile() && !interrupted.test(entry.name)).map(({ name }) => name);
      } catch (error) {
        throw readError(error, folder);
      }
    },
  };
}

/** The old content has a second name while the new one takes its first, so that it can be destroyed then. */
async function replace(file: string, bytes: Uint8Array, fileSystem: FileSystem): Promise<void> {
  const old = join(file, "..", `.lethe-${crypto.randomUUID()}.tmp`);
  const isLinked = (await followLinks(file)) === file && (await hasLinked(file, old, fileSystem));
  try {
    await writeFileAtomic(file, bytes, { fileSystem });
  } finally {
    if (isLinked) await destroyLeftover(old, fileSystem).catch(() => {}); // the new content stands; the next opening tries again
  }
}

const noLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]);

/** False where there is no such file yet, or the file system has no hard links. */
async function hasLinked(file: string, name: string, fileSystem: FileSystem): Promise<boolean> {
  try {
    await fileSystem.link(file, name);
    return true;
  } catch (error) {
    if (isAbsent(error) || noLinks.has(systemCode(error) ?? "")) return false;
    throw writeError(error, file);
  }
}

/** Overwrites a file with a temporary name, unless it is still the content of another name: then a kill came before the new content took its place. */
async function destroyLeftover(path: string, fileSystem: FileSystem): Promise<void> {
  const stats = await statIfThere(path, fileSystem);
  if (stats !== undefined && stats.nlink > 1) await fileSystem.rm(path, { force: true });
  else await destroy(path, fileSystem);
}

async function readRange(
  path: string,
  { begin, end }: { readonly begin: number; readonly end: number },
  fileSystem: FileSystem,
): Promise<Uint8Array> {
  try {
    const handle = await fileSystem.open(path, "r");
    try {
      const { size } = await handle.stat();
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - begin));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, begin + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readError(error, path);
  }
}

/** Unlike a write that failed, this may have left neither the old content nor nothing. */
function removeError(error: unknown, path: string): LetheError {
  const { code, details } = writeError(error, path);
  const system = systemCode(error) ?? String(error);
  return new LetheError(code, `${path} could not be destroyed (${system}) and may be overwritten in part; check the disk and try again.`, details, {
    cause: error,
  });
}

async function destroy(path: string, fileSystem: FileSystem): Promise<void> {
  try {
    const handle = await fileSystem.open(path, "r+");
    try {
      const { size } = await handle.stat();
      // The system may write less than it is given.
      for (let at = 0; at < size;) at += (await handle.write(zerosAtOnce, 0, Math.min(zerosAtOnce.length, size - at), at)).bytesWritten;
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fileSystem.rm(path);
    await syncFolder(join(path, ".."), fileSystem);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
