import { isLetheError } from "../errors/index.ts";
import { filesOf, parseSnapshotFile, readChain, type SnapshotFile, type StoredEntry } from "./entry.ts";
import { damaged } from "./errors.ts";
import { generationAt, type Head, type Segment } from "./head.ts";
import type { DestroyedSnapshot } from "./removal.ts";
import { readFront, type Front } from "./snapshot-file.ts";
import type { TrajectoryStorage } from "./storage.ts";

/** What to do with snapshots that cannot be read: throw, or destroy them and everything that came after. */
export type DamagedPolicy = "refuse" | "drop";

/** What the files of a storage make up. */
export interface Recovery {
  readonly entries: readonly StoredEntry[];
  /** Those under which `dead` does not count, whenever that is removed. */
  readonly segments: readonly Segment[];
  /** More than that of any file, whether it counts or not. */
  readonly nextGeneration: number;
  /**
   * What was left over by a program that was killed: files that a deletion was about to destroy, or had written for a deletion that did not come to
   * pass, or that thinning was about to remove; and what is dropped for its damage. The last first.
   */
  readonly dead: readonly DestroyedSnapshot[];
}

/** @throws LetheError `trajectory/damaged`, `trajectory/missing`. */
export async function recoverChain(storage: TrajectoryStorage, head: Head, policy: DamagedPolicy): Promise<Recovery> {
  const names = await storage.names();
  const files = names.flatMap((name) => parseSnapshotFile(name) ?? []);
  const alive = files.filter(({ index, generation }) => generation === generationAt(head.segments, index));
  const entries = await lastChain(storage, alive, policy);
  const kept = new Set(entries.flatMap(filesOf));
  const dead = files.filter(({ file }) => !kept.has(file)).toSorted((a, b) => b.index - a.index);
  const nextGeneration = 1 + Math.max(...[...files, ...head.segments].map(({ generation }) => generation));
  return { entries, dead, ...segmentsAfter(entries, alive, head, nextGeneration) };
}

/** Where the last snapshots are gone, or dropped, the next ones belong to a segment in which no file counts that is there. */
function segmentsAfter(
  entries: readonly StoredEntry[],
  alive: readonly SnapshotFile[],
  { segments }: Head,
  next: number,
): Pick<Recovery, "segments" | "nextGeneration"> {
  const length = (entries.at(-1)?.index ?? -1) + 1;
  const isDropping = alive.some(({ isFirst, index }) => isFirst && index >= length);
  if (!isDropping) return { segments: segments.filter(({ from }) => from <= length), nextGeneration: next };
  return { segments: [...segments.filter(({ from }) => from < length), { from: length, generation: next }], nextGeneration: next + 1 };
}

async function lastChain(storage: TrajectoryStorage, alive: readonly SnapshotFile[], policy: DamagedPolicy): Promise<readonly StoredEntry[]> {
  const first = new Map(alive.filter(({ isFirst }) => isFirst).map(({ index, file }) => [index, file]));
  const present = new Set(alive.map(({ file }) => file));
  const fronts = new Map<string, Promise<Front>>();
  const readOnce = (file: string) => {
    const front = fronts.get(file) ?? readFront(storage, file);
    fronts.set(file, front);
    return front;
  };
  for (const last of [...first.keys()].toSorted((a, b) => b - a)) {
    try {
      const entries = await readChain(first, last, readOnce);
      for (const entry of entries) expectWhole(entry, present);
      return entries;
    } catch (error) {
      const damage = isLetheError(error) && ["trajectory/damaged", "trajectory/missing"].includes(error.code);
      if (!damage || policy === "refuse") throw error;
    }
  }
  return [];
}

function expectWhole(entry: StoredEntry, present: ReadonlySet<string>): void {
  const absent = filesOf(entry).find((file) => !present.has(file));
  if (absent !== undefined) throw damaged(entry.file, `its part ${absent} is missing`);
}
