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
  /** The first file; see {@link filesOf}. */
  readonly file: string;
  readonly front: Front;
  readonly layout: Layout;
  /** Where each tensor's stream begins, and where the last one ends, as if all files were one. */
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
  return `snapshot-${generation}-${sixDigits(index)}.safetensors`;
}

/** Files of a snapshot, the one with its front first. */
export function filesOf({ file, front }: { readonly file: string; readonly front: Front }): readonly string[] {
  const { since, lengths, bytesPerFile = Infinity } = front.description;
  const bytes = lengths.reduce((sum, length) => sum + length, 0);
  const parts = Math.max(0, Math.ceil(bytes / bytesPerFile) - 1);
  // By what it builds on: a snapshot that is stored anew upon another one must not write over the parts of what counts until then.
  const base = file.replace(/\.safetensors$/, `-${sixDigits(since + 1)}`);
  return [file, ...Array.from({ length: parts }, (_, i) => `${base}.part-${i + 1}`)];
}

/** A file that belongs to a snapshot, by its name. */
export interface SnapshotFile {
  readonly file: string;
  readonly generation: number;
  readonly index: number;
  /** Whether it is the one with the front. */
  readonly isFirst: boolean;
}

/** Undefined for any other name. */
export function parseSnapshotFile(file: string): SnapshotFile | undefined {
  const [, stem, digits, index, rest] = /^(snapshot-(\d{1,9})-(\d{6,9}))(?=[.-])(.*)$/.exec(file) ?? [];
  const isFirst = rest === ".safetensors";
  if (!isFirst && !/^-\d{6,9}\.part-[1-9]\d{0,8}$/.test(rest ?? "")) return undefined;
  const parsed = { file, generation: Number(digits), index: Number(index), isFirst };
  return snapshotFile(parsed.generation, parsed.index) === `${stem}.safetensors` ? parsed : undefined;
}

function sixDigits(index: number): string {
  return String(index).padStart(6, "0");
}

/**
 * The entries that lead to the one in the last of `files`, first one first: from each, its front names the one before.
 *
 * @param first the first file of each snapshot, by index.
 * @throws LetheError `trajectory/damaged`, `trajectory/missing`.
 */
export async function readChain(
  first: ReadonlyMap<number, string>,
  last: number,
  readFrontOf: (file: string) => Promise<Front>,
): Promise<StoredEntry[]> {
  const found: { file: string; front: Front }[] = [];
  for (let index = last; index !== -1;) {
    const file = first.get(index);
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
