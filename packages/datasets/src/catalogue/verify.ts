import { stat } from "node:fs/promises";
import { join } from "node:path";
import { unreadable } from "../files/unreadable.ts";
import type { CatalogueEntry, CatalogueFile, Sum } from "./entry.ts";
import { sumOf } from "./sums.ts";

/** A file of a data set, compared with what it should be. */
export interface VerifiedFile {
  readonly name: string;
  readonly verdict: "ok" | "missing" | "wrong-size" | "changed";
  readonly bytes: number | null;
  readonly algorithm: Sum["algorithm"];
  readonly expected: string;
  /** The sum that was found; null where the size is wrong already. */
  readonly found: string | null;
}

/** Compares every file of a data set in `folder` with its published sum. @throws LetheError `data/unreadable`. */
export async function verifyData(entry: CatalogueEntry, folder: string, signal?: AbortSignal): Promise<readonly VerifiedFile[]> {
  const verified: VerifiedFile[] = [];
  for (const file of entry.files) verified.push(await verifyFile(file, join(folder, file.name), signal));
  return verified;
}

export async function verifyFile({ name, bytes: expectedBytes, sum }: CatalogueFile, path: string, signal?: AbortSignal): Promise<VerifiedFile> {
  const facts = { name, algorithm: sum.algorithm, expected: sum.value };
  try {
    const bytes = await sizeOf(path);
    if (bytes === undefined) return { ...facts, verdict: "missing", bytes: null, found: null };
    if (bytes !== expectedBytes) return { ...facts, verdict: "wrong-size", bytes, found: null };
    const found = await sumOf(path, sum.algorithm, signal);
    return { ...facts, verdict: found === sum.value ? "ok" : "changed", bytes, found };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreadable(path, error);
  }
}

/** Whether all files are there in their sizes, some or none of them; quick, for no file is read. */
export async function presence(entry: CatalogueEntry, folder: string): Promise<"here" | "incomplete" | "absent"> {
  const sizes = await Promise.all(entry.files.map(({ name }) => sizeOf(join(folder, name))));
  if (sizes.every((size, i) => size === entry.files[i].bytes)) return "here";
  return sizes.every((size) => size === undefined) ? "absent" : "incomplete";
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw unreadable(path, error);
  }
}
