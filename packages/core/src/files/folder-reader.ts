import { join } from "node:path";
import { LetheError, isLetheError } from "../errors/index.ts";
import { isPathInside } from "../io/index.ts";
import { checksumsName, readChecksums, type Checksums } from "./checksums.ts";
import { readFileChecked } from "./atomic-file.ts";
import { nodeFileSystem, type FileSystem } from "./file-system.ts";
import { recoverFolder } from "./atomic-folder.ts";

/** A folder being read. */
export interface FolderReader {
  readonly path: string;
  /** What the folder says it holds; undefined where Lethe did not write it, and nothing can be checked. */
  readonly checksums: Checksums | undefined;
  /**
   * Reads the file at a path inside the folder and compares it with the checksums.
   *
   * @throws LetheError `file/bad-name`, `file/not-found`, `file/not-readable`, `file/read-failed`, `file/checksum`.
   */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** Each one means that the folder was replaced while it was read. */
const maximumReads = 5;

/**
 * Reads files of one folder, all of them from the same write: `body` is run again if the folder was replaced meanwhile.
 *
 * @param body reads what it needs and returns it; must be safe to repeat.
 * @throws LetheError `file/bad-checksums`, `file/unsupported-version`, and whatever `body` throws.
 *
 * @example
 * const [a, b] = await readFolderChecked("run", (folder) => Promise.all([folder.read("a.txt"), folder.read("b.txt")]));
 */
export async function readFolderChecked<Result>(
  path: string,
  body: (folder: FolderReader) => Promise<Result>,
  options: { readonly fileSystem?: FileSystem } = {},
): Promise<Result> {
  const { fileSystem = nodeFileSystem } = options;
  for (let reads = 1; ; reads++) {
    const target = await recoverFolder(path, { fileSystem });
    const checksums = await readChecksums(target, fileSystem);
    const [outcome] = await Promise.allSettled([body(folderReader(target, checksums, fileSystem))]);
    if (reads < maximumReads && (await wasReplaced(target, checksums, fileSystem))) continue;
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  }
}

function folderReader(path: string, checksums: Checksums | undefined, fileSystem: FileSystem): FolderReader {
  return {
    path,
    checksums,
    read: async (name) => {
      if (!isPathInside(name)) {
        throw new LetheError("file/bad-name", `${JSON.stringify(name)} does not name a file inside ${path}; use a path below it.`, { path, name });
      }
      const files = checksums?.files ?? {};
      const expected = Object.hasOwn(files, name) ? files[name] : {};
      try {
        return await readFileChecked(join(path, name), { ...expected, fileSystem });
      } catch (error) {
        if (!isLetheError(error) || error.code !== "file/checksum") throw error;
        throw new LetheError(error.code, `${error.message} If the change was yours, delete ${checksumsName}.`, error.details, { cause: error });
      }
    },
  };
}

async function wasReplaced(path: string, before: Checksums | undefined, fileSystem: FileSystem): Promise<boolean> {
  const after = await readChecksums(path, fileSystem);
  return JSON.stringify(after) !== JSON.stringify(before);
}
