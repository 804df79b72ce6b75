import { join } from "node:path";
import { LetheError } from "../errors/index.ts";
import { isJsonObject, isPathInside, parseJsonBytes, type Files } from "../io/index.ts";
import { sha256 } from "../tree/index.ts";
import type { Checksum } from "./atomic-file.ts";
import { isAbsent, readError, type FileSystem } from "./file-system.ts";

/** The name under which a folder lists what belongs to it. */
export const checksumsName = "lethe-checksums.json";

/** What belongs to a folder: every file's size and SHA-256, by name. */
export interface Checksums {
  readonly format: "lethe-checksums";
  readonly version: 1;
  readonly files: Readonly<Record<string, Checksum>>;
}

export async function checksumsOf(files: Files): Promise<Checksums> {
  const names = Object.keys(files).toSorted();
  const entries = await Promise.all(names.map(async (name) => [name, { bytes: files[name].byteLength, sha256: await sha256(files[name]) }] as const));
  return { format: "lethe-checksums", version: 1, files: Object.fromEntries(entries) };
}

export function encodeChecksums(checksums: Checksums): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(checksums, undefined, 2)}\n`);
}

/** @throws LetheError `file/bad-checksums`, `file/unsupported-version`. */
function decodeChecksums(bytes: Uint8Array, path: string): Checksums {
  let content: unknown;
  try {
    content = parseJsonBytes(bytes);
  } catch (cause) {
    throw badChecksums(path, cause);
  }
  if (!isJsonObject(content) || content.format !== "lethe-checksums") throw badChecksums(path);
  if (content.version !== 1) {
    const sentence = `${path} has version ${JSON.stringify(content.version)} where this release knows version 1; install a newer release of Lethe.`;
    throw new LetheError("file/unsupported-version", sentence, { path, version: content.version });
  }
  const { files } = content;
  if (!isJsonObject(files) || !Object.entries(files).every(([name, entry]) => isPathInside(name) && isChecksum(entry))) throw badChecksums(path);
  return content as unknown as Checksums;
}

/** The checksums of a folder, or undefined where it has none: nobody but Lethe writes them. */
export async function readChecksums(folder: string, fileSystem: FileSystem): Promise<Checksums | undefined> {
  const path = join(folder, checksumsName);
  try {
    return decodeChecksums(await fileSystem.readFile(path), path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw readError(error, path);
  }
}

function isChecksum(value: unknown): value is Checksum {
  return isJsonObject(value) && Number.isSafeInteger(value.bytes) && typeof value.sha256 === "string" && /^[0-9a-f]{64}$/.test(value.sha256);
}

function badChecksums(path: string, cause?: unknown): LetheError {
  const sentence = `${path} is not a list of checksums; restore it, or delete it to read the folder unchecked.`;
  return new LetheError("file/bad-checksums", sentence, { path }, { cause });
}
