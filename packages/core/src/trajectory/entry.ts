import { contentHash, streamOffsets, type Description, type Front } from "./snapshot-file.ts";
import { damaged, missing } from "./errors.ts";
import type { Layout } from "./snapshot-bits.ts";

/** A snapshot of a trajectory, as it is stored. */
export interface TrajectoryEntry {
  readonly index: number;
  /** Index of the kept snapshot before it, -1 for the first. The provenance of this one tells of the training between the two. */
  readonly since: number;
  readonly epoch: number;
  /** Steps taken in this epoch. */
  readonly step: number;
  /** The block of training data that it ends, where training goes by blocks. */
  readonly block: number | undefined;
  /** SHA-256 of names, shapes and bits of its tensors: equal exactly where those are equal. */
  readonly content: string;
  /** Stored bytes. */
  readonly bytes: number;
}

/** An entry with all that is needed to read it. */
export interface StoredEntry extends TrajectoryEntry {
  readonly file: string;
  readonly front: Front;
  readonly layout: Layout;
  /** Where each tensor's stream begins in the file, and where the last one ends. */
  readonly offsets: readonly number[];
}

/** @param before the kept entry before it. */
export async function entryOf(file: string, front: Front, before: StoredEntry | undefined): Promise<StoredEntry> {
  const { description, checksums } = front;
  const layout = description.layout ?? before?.layout;
  if (layout === undefined || layout.length !== description.lengths.length) throw damaged(file, "it does not go with the snapshot before it");
  const offsets = streamOffsets(front);
  return {
    ...positionOf(description),
    content: await contentHash(layout, checksums),
    bytes: offsets.at(-1)!,
    file,
    front,
    layout,
    offsets,
  };
}

/** What users see of an entry. */
export function visibleEntry({ index, since, epoch, step, block, content, bytes }: StoredEntry): TrajectoryEntry {
  return { index, since, epoch, step, block, content, bytes };
}

function positionOf({ index, since, epoch, step, block }: Description): Pick<TrajectoryEntry, "index" | "since" | "epoch" | "step" | "block"> {
  return { index, since, epoch, step, block };
}

export function snapshotFile(generation: number, index: number): string {
  return `snapshot-${generation}-${String(index).padStart(6, "0")}.safetensors`;
}

/** Generation and index in a snapshot's file name; undefined of any other name. */
export function parseSnapshotFile(file: string): { readonly file: string; readonly generation: number; readonly index: number } | undefined {
  const [, generation, index] = /^snapshot-(\d{1,9})-(\d{6,9})\.safetensors$/.exec(file) ?? [];
  if (generation === undefined || snapshotFile(Number(generation), Number(index)) !== file) return undefined;
  return { file, generation: Number(generation), index: Number(index) };
}

/**
 * The entries that lead to the one in the last of `files`, first one first: from each, its front names the one before.
 *
 * @param files by index.
 * @throws LetheError `trajectory/damaged`, `trajectory/missing`.
 */
export async function readChain(
  files: ReadonlyMap<number, string>,
  last: number,
  readFrontOf: (file: string) => Promise<Front>,
): Promise<StoredEntry[]> {
  const found: { file: string; front: Front }[] = [];
  for (let index = last; index !== -1;) {
    const file = files.get(index);
    if (file === undefined) throw missing(index, found.at(-1)?.file);
    const front = await readFrontOf(file);
    if (front.description.index !== index) throw damaged(file, `it holds snapshot ${front.description.index}`);
    found.push({ file, front });
    index = front.description.since;
  }
  const entries: StoredEntry[] = [];
  for (const { file, front } of found.toReversed()) entries.push(await entryOf(file, front, entries.at(-1)));
  return entries;
}
