import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isLetheError, type Files, type Json } from "@lethe/core";
import { readFolderChecked, writeFolderAtomic } from "@lethe/core/files";
import { keyOf } from "./key.ts";

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
   * @throws LetheError `file/disk-full`, `file/not-writable`, `file/write-failed`, `file/too-large`.
   */
  save(facts: Json, files: Files): Promise<void>;
}

/** The facts themselves, so that a person can see what a folder is. */
const factsName = "facts.json";

/** What reading a folder says that a broken disk or a foreign hand has changed. */
const damages = ["file/checksum", "file/not-found", "file/bad-checksums"];

export function openStore(path: string): Store {
  const folderOf = async (facts: Json) => {
    const key = await keyOf(facts);
    return join(path, key.slice(0, 2), key);
  };
  const store: Store = {
    path,
    async find(facts) {
      const folder = await folderOf(facts);
      try {
        return await readFolderChecked(folder, async ({ checksums, read }) => {
          if (checksums === undefined) return undefined;
          const names = Object.keys(checksums.files).filter((name) => name !== factsName);
          return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
        });
      } catch (error) {
        if (!isLetheError(error) || !damages.includes(error.code)) throw error;
        await rm(folder, { recursive: true, force: true });
        return undefined;
      }
    },
    async save(facts, files) {
      const text = `${JSON.stringify(facts, undefined, 2)}\n`;
      try {
        await writeFolderAtomic(await folderOf(facts), { ...files, [factsName]: new TextEncoder().encode(text) });
      } catch (error) {
        // Two writers are one too many for the folder, not for its content: another process may have made the same, and been faster.
        if ((await store.find(facts)) === undefined) throw error;
      }
    },
  };
  return store;
}
