import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isLetheError, LetheError, sha256, type Files, type Json } from "@lethe/core";
import { readFolderChecked, writeFolderAtomic } from "@lethe/core/files";
import { contentsOf, hasSizes, sameContents, type Contents } from "./contents.ts";
import { decodeJson, encodeJson } from "./encode.ts";
import { canonicalJson, keyOf } from "./key.ts";

/** What was made once and need not be made again: folders named by the hash of what decided them. */
export interface Store {
  readonly path: string;
  /**
   * The files as they were saved; undefined where there are none, or damaged ones, which are removed and are to be made again.
   *
   * @throws LetheError `file/not-readable`, `file/read-failed`, `file/unsupported-version`: there is something that must not be thrown away.
   */
  find(facts: Json): Promise<Files | undefined>;
  /**
   * All of the files, or none: a killed process leaves nothing that `find` would take for whole. Where several processes save the same, one of them wins.
   *
   * @param scratch a flat folder from {@link Store.scratch} with what is too large for memory. If it is there, it is moved into the store, beside the files.
   * @throws LetheError `file/disk-full`, `file/not-writable`, `file/write-failed`, `file/too-large`.
   */
  save(facts: Json, files: Files, scratch?: string): Promise<void>;
  /**
   * The folder that was saved beside the files, every byte as it was; undefined where none was. It is the store's, and not to be written to.
   *
   * @throws LetheError `experiment/cache-changed` where it is damaged or gone. It is removed with its files, so that the next run makes both again.
   */
  folder(facts: Json): Promise<string | undefined>;
  /** Where a new folder may be made, on the disk of the store; whoever makes it removes it. */
  scratch(): string;
}

/** The facts themselves, so that a person can see what a folder is. */
const factsName = "facts.json";
/** What the folder beside the files holds. */
const contentsName = "contents.json";

/** What reading a folder says that a broken disk or a foreign hand has changed. */
const damages = ["file/checksum", "file/not-found", "file/bad-checksums"];

export function openStore(given: string): Store {
  // Worker processes are told of paths.
  const path = resolve(given);
  /** Folders that were read through since the store was opened. */
  const checked = new Set<string>();
  const entryOf = async (facts: Json) => {
    const key = await keyOf(facts);
    return join(path, key.slice(0, 2), key);
  };
  const remove = async (...folders: readonly string[]) => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  };

  /** The files of an entry, and the folder beside it, whose sizes are right. */
  const lookUp = async (facts: Json): Promise<{ readonly files: Files; readonly beside?: Beside } | undefined> => {
    const entry = await entryOf(facts);
    let all: Files | undefined;
    try {
      all = await readFolderChecked(entry, async ({ checksums, read }) => {
        if (checksums === undefined) return undefined;
        const names = Object.keys(checksums.files).filter((name) => name !== factsName);
        return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
      });
    } catch (error) {
      if (!isLetheError(error) || !damages.includes(error.code)) throw error;
      await remove(entry);
    }
    if (all === undefined) return undefined;
    const { [contentsName]: listed, ...files } = all;
    if (listed === undefined) return { files };
    const contents = decodeJson<Contents>(all, contentsName);
    const folder = await besideOf(entry, contents);
    if (await hasSizes(folder, contents)) return { files, beside: { folder, contents } };
    await remove(entry, folder);
    return undefined;
  };

  const store: Store = {
    path,
    find: async (facts) => (await lookUp(facts))?.files,
    async save(facts, files, scratch) {
      const entry = await entryOf(facts);
      const contents = scratch === undefined ? undefined : await contentsOf(scratch);
      // The folder goes first: without the files, nobody takes it for anything.
      if (scratch !== undefined && contents !== undefined) await moveIn(scratch, await besideOf(entry, contents), contents);
      const text = `${JSON.stringify(facts, undefined, 2)}\n`;
      const listed: Files = contents === undefined ? {} : { [contentsName]: encodeJson(contents) };
      try {
        await writeFolderAtomic(entry, { ...files, ...listed, [factsName]: new TextEncoder().encode(text) });
      } catch (error) {
        // Two writers are one too many for the folder, not for its content: another process may have made the same, and been faster.
        if ((await store.find(facts)) === undefined) throw error;
      }
    },
    async folder(facts) {
      const found = await lookUp(facts);
      if (found === undefined) throw cacheChanged(path);
      if (found.beside === undefined) return undefined;
      const { folder, contents } = found.beside;
      if (checked.has(folder)) return folder;
      const now = await contentsOf(folder);
      if (now === undefined || !sameContents(now, contents)) {
        await remove(await entryOf(facts), folder);
        throw cacheChanged(path);
      }
      checked.add(folder);
      return folder;
    },
    scratch: () => join(path, "scratch", crypto.randomUUID()),
  };
  return store;
}

function cacheChanged(path: string): LetheError {
  return new LetheError(
    "experiment/cache-changed",
    `What lay in ${path} has vanished or was damaged while it was needed; run the experiment again.`,
    {
      path,
    },
  );
}

interface Beside {
  readonly folder: string;
  readonly contents: Contents;
}

/** Named by what it holds: processes that save the same at once, or not quite the same, do not come into each other's way. */
async function besideOf(entry: string, contents: Contents): Promise<string> {
  const listing = canonicalJson(contents as unknown as Json);
  return `${entry}.${(await sha256(listing)).slice(0, 16)}`;
}

async function moveIn(scratch: string, folder: string, contents: Contents): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  try {
    await rename(scratch, folder);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && ["ENOTEMPTY", "EEXIST"].includes(String(error.code)))) throw error;
    // Another process was faster, or one was killed before it had saved the files.
    const there = await contentsOf(folder);
    if (there !== undefined && sameContents(there, contents)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(scratch, folder);
  }
}
