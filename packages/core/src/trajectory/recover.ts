import { isLetheError } from "../errors/index.ts";
import { parseSnapshotFile, readChain, type StoredEntry } from "./entry.ts";
import { generationAt, type Head } from "./head.ts";
import { readFront, type Front } from "./snapshot-file.ts";
import type { TrajectoryStorage } from "./storage.ts";

/** A snapshot of which nothing is left. */
export interface DestroyedSnapshot {
  readonly index: number;
  readonly file: string;
}

/** What to do with snapshots that cannot be read: throw, or destroy them and everything that came after. */
export type DamagedPolicy = "refuse" | "drop";

/**
 * The chain that the files of a storage make up, and what was left over by a program that was killed: files that a deletion was about to
 * destroy, or had written for a deletion that did not come to pass, or that thinning was about to remove. Those are destroyed.
 *
 * @throws LetheError `trajectory/damaged`, `trajectory/missing`.
 */
export async function recoverChain(
  storage: TrajectoryStorage,
  head: Head,
  policy: DamagedPolicy,
): Promise<{ readonly entries: readonly StoredEntry[]; readonly destroyed: readonly DestroyedSnapshot[] }> {
  const files = (await storage.names()).flatMap((name) => parseSnapshotFile(name) ?? []);
  const alive = files.filter(({ index, generation }) => generation === generationAt(head.segments, index));
  const byIndex = new Map(alive.map(({ index, file }) => [index, file]));
  const entries = await lastChain(storage, byIndex, policy);
  const kept = new Set(entries.map(({ file }) => file));
  const destroyed: DestroyedSnapshot[] = [];
  // The last first, so that what remains is a chain at every moment.
  for (const { index, file } of files.filter((each) => !kept.has(each.file)).toSorted((a, b) => b.index - a.index)) {
    await storage.remove(file);
    destroyed.push({ index, file });
  }
  return { entries, destroyed };
}

async function lastChain(storage: TrajectoryStorage, files: ReadonlyMap<number, string>, policy: DamagedPolicy): Promise<readonly StoredEntry[]> {
  const fronts = new Map<string, Promise<Front>>();
  const readOnce = (file: string) => {
    const front = fronts.get(file) ?? readFront(storage, file);
    fronts.set(file, front);
    return front;
  };
  for (const last of [...files.keys()].toSorted((a, b) => b - a)) {
    try {
      return await readChain(files, last, readOnce);
    } catch (error) {
      const damage = isLetheError(error) && ["trajectory/damaged", "trajectory/missing"].includes(error.code);
      if (!damage || policy === "refuse") throw error;
    }
  }
  return [];
}
