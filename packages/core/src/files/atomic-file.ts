import { constants } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LetheError } from "../errors/index.ts";
import { sha256 } from "../tree/index.ts";
import { confirmRename, followLinks, nodeFileSystem, readError, statIfThere, writeError, writeSynced, type FileSystem } from "./file-system.ts";

/** What a file should hold. */
export interface Checksum {
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Node reads at most this many bytes at once; what could not be read back is not written. */
const maximumBytes = 2 ** 31 - 1;

/**
 * Replaces a file as a whole: a reader, a crash or a power cut finds the old content or the new one, never a part.
 *
 * Writes a temporary file `.lethe-*.tmp` beside it, syncs it, renames it over `path` and syncs the folder. Missing folders are made; links
 * are followed; the permissions of an existing file are kept. If the write fails, the temporary file is removed; only a killed process
 * leaves one behind. Needs room for both contents at once; 2 GiB at most.
 *
 * @throws LetheError `file/disk-full`, `file/not-writable`, `file/write-failed`, `file/too-large`.
 *
 * @example
 * await writeFileAtomic("report.json", new TextEncoder().encode("{}"));
 * await readFileChecked("report.json"); // Uint8Array [123, 125]
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array, options: { readonly fileSystem?: FileSystem } = {}): Promise<void> {
  const { fileSystem = nodeFileSystem } = options;
  checkSize(path, bytes);
  const target = await followLinks(path);
  const temporary = join(dirname(target), `.lethe-${crypto.randomUUID()}.tmp`);
  try {
    await fileSystem.mkdir(dirname(target), { recursive: true });
    const mode = await permissionsOf(target, fileSystem);
    await writeSynced(temporary, bytes, fileSystem, mode);
    await fileSystem.rename(temporary, target);
  } catch (error) {
    await fileSystem.rm(temporary, { force: true }).catch(() => {}); // the first error is the one to tell
    throw writeError(error, path);
  }
  await confirmRename(target, fileSystem);
}

/**
 * Reads a whole file and compares it with what it should hold, where that is known.
 *
 * @throws LetheError `file/not-found`, `file/not-readable`, `file/read-failed`, `file/checksum`.
 *
 * @example
 * const bytes = await readFileChecked("model.safetensors", { sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" });
 */
export async function readFileChecked(
  path: string,
  options: Partial<Checksum> & { readonly fileSystem?: FileSystem } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { fileSystem = nodeFileSystem, ...expected } = options;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    // A plain array, because the slice of a Buffer shares memory where everyone else's copies.
    const content = await fileSystem.readFile(path);
    bytes = new Uint8Array(content.buffer as ArrayBuffer, content.byteOffset, content.byteLength);
  } catch (error) {
    throw readError(error, path);
  }
  await checkContent(path, bytes, expected);
  return bytes;
}

export function checkSize(path: string, bytes: Uint8Array): void {
  if (bytes.byteLength <= maximumBytes) return;
  const sentence = `${path} would take ${bytes.byteLength} bytes of at most ${maximumBytes}; split it into several files.`;
  throw new LetheError("file/too-large", sentence, { path, bytes: bytes.byteLength, limit: maximumBytes });
}

async function checkContent(path: string, bytes: Uint8Array, expected: Partial<Checksum>): Promise<void> {
  const sizeDiffers = expected.bytes !== undefined && expected.bytes !== bytes.byteLength;
  const hash = sizeDiffers || expected.sha256 === undefined ? undefined : await sha256(bytes);
  if (!sizeDiffers && hash === expected.sha256?.toLowerCase()) return;
  const fact = sizeDiffers ? `it holds ${bytes.byteLength} bytes of ${expected.bytes}` : `its SHA-256 is ${hash} instead of ${expected.sha256}`;
  const sentence = `${path} is not the file that was written (${fact}); it is damaged or was changed, fetch or write it again.`;
  throw new LetheError("file/checksum", sentence, { path, expected, bytes: bytes.byteLength, sha256: hash });
}

/** The permissions of the file that will be replaced, or undefined where there is none. */
async function permissionsOf(path: string, fileSystem: FileSystem): Promise<number | undefined> {
  const stats = await statIfThere(path, fileSystem);
  if (stats === undefined) return undefined;
  if (!stats.isFile()) {
    const sentence = `${path} is a ${stats.isDirectory() ? "folder" : "device"} and not a file; choose another name than ${basename(path)}.`;
    throw new LetheError("file/not-writable", sentence, { path });
  }
  // A rename would pass over a file that its owner made read-only.
  await fileSystem.access(path, constants.W_OK);
  return stats.mode & 0o777;
}
