import { LetheError } from "../errors/index.ts";
import type { ByteRange } from "../context/index.ts";
import type { TrainingSnapshot } from "../train/index.ts";
import { elementCount } from "../tree/index.ts";
import { concatenated, digestBytes, digestOfBits, sameBytes } from "./bytes.ts";
import { deflate, inflate } from "./deflate.ts";
import { entryOf, filesOf, snapshotFile, type StoredEntry } from "./entry.ts";
import { badIndex, damaged } from "./errors.ts";
import { SampleSet } from "./samples.ts";
import { bitsOfSnapshot, sameLayout, type SnapshotBits } from "./snapshot-bits.ts";
import { encodeSnapshot, type Description, type Front } from "./snapshot-file.ts";
import type { DestroyedSnapshot } from "./removal.ts";
import type { TrajectoryStorage } from "./storage.ts";
import { decodeTensor, encodeTensor } from "./tensor-code.ts";

export interface ChainOptions {
  readonly storage: TrajectoryStorage;
  /** Samples that provenance speaks of. */
  readonly samples: number;
  readonly keyFrameEvery: number;
  /** Of streams. */
  readonly bytesPerFile: number;
}

/** What training had to do with a snapshot since the one before. */
export interface SnapshotProvenance {
  /** Positions, in the trajectory's `ids`, of the samples that were read. */
  readonly positions: ArrayLike<number>;
  readonly block?: number;
  /**
   * Positions of samples that are forgotten, and of which the snapshot may hold something yet: it was not trained without them, but made
   * approximately so.
   */
  readonly residue?: ArrayLike<number>;
}

/** The samples that a snapshot has to do with. */
export interface SnapshotSamples {
  /** Read between the kept snapshot before it and this one. */
  readonly read: SampleSet;
  /** Forgotten, with something left of them. */
  readonly residue: SampleSet;
}

/**
 * Snapshots stored one upon the other. Every state of the storage in between is a valid chain: a snapshot's first file is written whole, with the name it
 * keeps and after all its other files, before anything that it replaces is removed.
 */
export class Chain {
  readonly #options: ChainOptions;
  /** In the names of the files that are appended. */
  readonly generation: number;
  /** By index, ascending. */
  readonly #entries: Map<number, StoredEntry>;
  /** What the next snapshot will be stored as differences with, where that was written here. */
  #latest: { readonly index: number; readonly bits: SnapshotBits } | undefined;

  constructor(options: ChainOptions, generation: number, entries: readonly StoredEntry[]) {
    this.#options = options;
    this.generation = generation;
    this.#entries = new Map(entries.map((entry) => [entry.index, entry]));
  }

  /** Another chain that begins with some of these entries. */
  partingWith(shared: readonly StoredEntry[], generation: number): Chain {
    return new Chain(this.#options, generation, shared);
  }

  get entries(): readonly StoredEntry[] {
    return [...this.#entries.values()];
  }

  /** One more than the index of the last snapshot. */
  get length(): number {
    return (this.entries.at(-1)?.index ?? -1) + 1;
  }

  get bytes(): number {
    return this.entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  entry(index: number): StoredEntry | undefined {
    return this.#entries.get(index);
  }

  /**
   * Appends a snapshot. The last one stays unless its index is no multiple of `stride`: then its provenance passes to the new one, and it is
   * returned, to be removed.
   */
  async append(
    snapshot: TrainingSnapshot,
    { positions, block, residue = [] }: SnapshotProvenance,
    { stride, index = this.length }: { readonly stride: number; readonly index?: number | undefined },
  ): Promise<StoredEntry | undefined> {
    const { epoch, step, lossSum, key } = snapshot;
    if (!(Number.isSafeInteger(index) && index >= this.length)) throw badIndex(index, this.length);
    if (![epoch, step, lossSum].every(Number.isFinite)) {
      throw new LetheError(
        "trajectory/bad-snapshot",
        "The snapshot's epoch, step or loss is no number; record a training run that has not diverged.",
      );
    }
    const bits = bitsOfSnapshot(snapshot);
    const samples = { read: this.#setOf(positions), residue: this.#setOf(residue) };
    const last = this.entries.at(-1);
    const dropped = last !== undefined && last.index % stride !== 0 ? last : undefined;
    if (dropped) samples.read.addAll((await this.samplesOf(dropped)).read);
    const before = dropped ? this.entries.at(-2) : last;
    const position = { index, since: before?.index ?? -1, epoch, step, lossSum, key, ...(block === undefined ? {} : { block }) };
    const entry = await this.#write(snapshotFile(this.generation, index), position, bits, samples, before);
    if (dropped) this.#entries.delete(dropped.index);
    this.#entries.set(index, entry);
    if (index % stride === 0) this.#latest = { index, bits };
    return dropped;
  }

  /**
   * Stores every second, fourth, ... snapshot upon the one that will be before it once all but the multiples of `stride` and the last are gone.
   * The files that nothing builds on any more are returned, to be removed.
   */
  async thin(stride: number): Promise<readonly DestroyedSnapshot[]> {
    const all = this.entries;
    const kept = all.filter(({ index }) => index % stride === 0 || index === all.at(-1)!.index);
    const replaced: DestroyedSnapshot[] = [];
    for (const [i, { index, since }] of kept.entries()) {
      if (i === 0 || since === kept[i - 1].index) continue;
      for (const file of await this.#rebase(index, kept[i - 1].index)) replaced.push({ index, file });
    }
    const dropped = all.filter((entry) => !kept.includes(entry));
    for (const { index } of dropped) this.#entries.delete(index);
    return [...replaced, ...dropped.flatMap(removalOf)];
  }

  /**
   * Writes an entry anew as differences with an earlier one; its provenance then covers all that lies between.
   *
   * @returns files of its old form that its new one did not replace.
   */
  async #rebase(index: number, since: number): Promise<readonly string[]> {
    const entry = this.#entries.get(index)!;
    const samples = { read: this.#setOf([]), residue: (await this.samplesOf(entry)).residue };
    for (const between of this.entries) {
      if (between.index > since && between.index <= index) samples.read.addAll((await this.samplesOf(between)).read);
    }
    const { epoch, step, lossSum, key, block } = entry.front.description;
    const position = { index, since, epoch, step, lossSum, key, ...(block === undefined ? {} : { block }) };
    const written = await this.#write(entry.file, position, await this.bitsOf(entry), samples, this.#entries.get(since));
    this.#entries.set(index, written);
    const files = filesOf(written);
    return filesOf(entry).filter((file) => !files.includes(file));
  }

  /** Sets of the caller's. */
  async samplesOf({ file, front }: StoredEntry): Promise<SnapshotSamples> {
    const bound = this.#options.samples;
    const bytes = Math.ceil(bound / 8);
    const bits = await inflate(front.samples, front.description.residue ? 2 * bytes : bytes);
    if (bits === undefined) throw damaged(file, "its list of samples cannot be read");
    const residue = front.description.residue ? bits.slice(bytes) : new Uint8Array(bytes);
    return { read: new SampleSet(bound, bits.slice(0, bytes)), residue: new SampleSet(bound, residue) };
  }

  #setOf(positions: ArrayLike<number>): SampleSet {
    return new SampleSet(this.#options.samples).add(positions);
  }

  async bitsOf(entry: StoredEntry): Promise<SnapshotBits> {
    const tensors: Int32Array[] = [];
    for (let i = 0; i < entry.layout.length; i++) tensors.push(await this.tensorOf(entry, i));
    return { layout: entry.layout, tensors };
  }

  /**
   * The bits of tensor `i`, in memory of their own, checked against their SHA-256.
   *
   * @param before the same tensor of the entry before, where that is at hand: it may spare the way from the last entry stored by itself.
   */
  async tensorOf(entry: StoredEntry, i: number, before?: Int32Array): Promise<Int32Array> {
    const isDifference = entry.front.description.layout === undefined;
    const bits = before && isDifference ? await this.#step(entry, i, before) : await this.#follow(entry, i);
    if (await agrees(bits, entry.front, i)) return bits;
    // Whichever file on the way is wrong, it is not certain to be this one.
    for (const link of this.#linksOf(entry)) {
      if (await agrees(await this.#follow(link, i), link.front, i)) continue;
      throw damaged(link.file, `the tensor ${entry.layout[i][0]} is not the one that was written`);
    }
    throw damaged(entry.file, `the tensor ${entry.layout[i][0]} changed while it was read`);
  }

  async #follow(entry: StoredEntry, i: number): Promise<Int32Array> {
    const [first, ...rest] = this.#linksOf(entry);
    let bits = await this.#step(first, i, undefined);
    for (const link of rest) bits = await this.#step(link, i, bits);
    return bits;
  }

  /** From tensor `i` of the entry before to that of this one. */
  async #step(entry: StoredEntry, i: number, before: Int32Array | undefined): Promise<Int32Array> {
    const { file, offsets, layout } = entry;
    const [name, , shape] = layout[i];
    const range = { begin: offsets[i], end: offsets[i + 1] };
    const stream = await this.#read(entry, range);
    if (stream.length !== range.end - range.begin) throw damaged(file, `it is cut short before the tensor ${name}`);
    const bits = await decodeTensor(stream, elementCount(shape), before);
    if (bits === undefined) throw damaged(file, `the tensor ${name} cannot be decoded`);
    return bits;
  }

  /** Bytes of the streams, wherever they are. */
  async #read(entry: StoredEntry, { begin, end }: ByteRange): Promise<Uint8Array> {
    const { streamsAt, description } = entry.front;
    const { bytesPerFile = Infinity } = description;
    const pieces: Uint8Array[] = [];
    for (const [part, file] of filesOf(entry).entries()) {
      const first = part === 0 ? 0 : streamsAt + part * bytesPerFile;
      const range = { begin: Math.max(begin, first) - first, end: Math.min(end, streamsAt + (part + 1) * bytesPerFile) - first };
      if (range.begin < range.end) pieces.push(await this.#options.storage.read(file, range));
    }
    return pieces.length === 1 ? pieces[0] : concatenated(pieces);
  }

  /** From the entry that is stored by itself to this one. */
  #linksOf(entry: StoredEntry): readonly StoredEntry[] {
    const links = [entry];
    while (links[0].front.description.layout === undefined) links.unshift(this.#entries.get(links[0].since)!);
    return links;
  }

  async #write(
    file: string,
    position: Omit<Description, "lengths" | "layout" | "bytesPerFile" | "residue">,
    bits: SnapshotBits,
    { read, residue }: SnapshotSamples,
    before: StoredEntry | undefined,
  ): Promise<StoredEntry> {
    const near = before !== undefined && this.#linksOf(before).length < this.#options.keyFrameEvery;
    const base = near && sameLayout(before.layout, bits.layout) ? before : undefined;
    const baseBits = this.#latest?.index === base?.index ? this.#latest?.bits : undefined;
    const streams: Uint8Array[] = [];
    const checksums: Uint8Array[] = [];
    for (const [i, tensor] of bits.tensors.entries()) {
      checksums.push(await digestOfBits(tensor));
      streams.push(await encodeTensor(tensor, base && (baseBits?.tensors[i] ?? (await this.tensorOf(base, i)))));
    }
    const lengths = streams.map(({ length }) => length);
    const { bytesPerFile } = this.#options;
    const isSplit = lengths.reduce((sum, length) => sum + length, 0) > bytesPerFile;
    const description: Description = {
      ...position,
      lengths,
      ...(isSplit ? { bytesPerFile } : {}),
      ...(residue.isEmpty ? {} : { residue: true }),
      ...(base ? {} : { layout: bits.layout }),
    };
    const checksum = concatenated(checksums);
    const samples = await deflate(residue.isEmpty ? read.bits : concatenated([read.bits, residue.bits]));
    const { first, parts, streamsAt } = await encodeSnapshot(description, checksum, samples, streams);
    const front = { description, checksums: checksum, samples, streamsAt };
    const files = filesOf({ file, front });
    for (const [i, part] of parts.entries()) await this.#options.storage.write(files[i + 1], part);
    await this.#options.storage.write(file, first);
    return entryOf(file, front, before);
  }
}

/** Its files, as what is to be removed: the first one first, without which the others are nothing. */
export function removalOf(entry: StoredEntry): readonly DestroyedSnapshot[] {
  return filesOf(entry).map((file) => ({ index: entry.index, file }));
}

async function agrees(bits: Int32Array, { checksums }: Front, i: number): Promise<boolean> {
  return sameBytes(await digestOfBits(bits), checksums.subarray(i * digestBytes, (i + 1) * digestBytes));
}
