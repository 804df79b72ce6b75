import { LetheError } from "../errors/index.ts";
import type { TrainingSnapshot } from "../train/index.ts";
import { elementCount } from "../tree/index.ts";
import { concatenated, digestBytes, digestOfBits, sameBytes } from "./bytes.ts";
import { deflate, inflate } from "./deflate.ts";
import { entryOf, snapshotFile, type StoredEntry } from "./entry.ts";
import { damaged } from "./errors.ts";
import { SampleSet } from "./samples.ts";
import { bitsOfSnapshot, sameLayout, type SnapshotBits } from "./snapshot-bits.ts";
import { encodeSnapshotFile, type Description, type Front } from "./snapshot-file.ts";
import type { TrajectoryStorage } from "./storage.ts";
import { decodeTensor, encodeTensor } from "./tensor-code.ts";

export interface ChainOptions {
  readonly storage: TrajectoryStorage;
  /** Samples that provenance speaks of. */
  readonly samples: number;
  readonly keyFrameEvery: number;
}

/** What training had to do with a snapshot since the one before. */
export interface SnapshotProvenance {
  /** Positions, in the trajectory's `ids`, of the samples that were read. */
  readonly positions: ArrayLike<number>;
  readonly block?: number;
}

/**
 * Snapshots stored one upon the other. Every state of the storage in between is a valid chain: a file is written whole, with the name it
 * keeps, before anything that it replaces is removed.
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
  async append(snapshot: TrainingSnapshot, { positions, block }: SnapshotProvenance, stride: number): Promise<StoredEntry | undefined> {
    const { epoch, step, lossSum, key } = snapshot;
    if (![epoch, step, lossSum].every(Number.isFinite)) {
      throw new LetheError(
        "trajectory/bad-snapshot",
        "The snapshot's epoch, step or loss is no number; record a training run that has not diverged.",
      );
    }
    const bits = bitsOfSnapshot(snapshot);
    const samples = new SampleSet(this.#options.samples).add(positions);
    const last = this.entries.at(-1);
    const dropped = last !== undefined && last.index % stride !== 0 ? last : undefined;
    if (dropped) samples.addAll(await this.samplesOf(dropped));
    const before = dropped ? this.entries.at(-2) : last;
    const index = this.length;
    const position = { index, since: before?.index ?? -1, epoch, step, lossSum, key, ...(block === undefined ? {} : { block }) };
    const entry = await this.#write(snapshotFile(this.generation, index), position, bits, samples, before);
    if (dropped) this.#entries.delete(dropped.index);
    this.#entries.set(index, entry);
    if (index % stride === 0) this.#latest = { index, bits };
    return dropped;
  }

  /**
   * Stores every second, fourth, ... snapshot upon the one that will be before it once all but the multiples of `stride` and the last are gone.
   * Those, which nothing builds on any more, are returned, to be removed.
   */
  async thin(stride: number): Promise<readonly StoredEntry[]> {
    const all = this.entries;
    const kept = all.filter(({ index }) => index % stride === 0 || index === all.at(-1)!.index);
    for (const [i, { index, since }] of kept.entries()) {
      if (i > 0 && since !== kept[i - 1].index) await this.#rebase(index, kept[i - 1].index);
    }
    const dropped = all.filter((entry) => !kept.includes(entry));
    for (const { index } of dropped) this.#entries.delete(index);
    return dropped;
  }

  /** Writes an entry anew as differences with an earlier one; its provenance then covers all that lies between. */
  async #rebase(index: number, since: number): Promise<void> {
    const entry = this.#entries.get(index)!;
    const samples = new SampleSet(this.#options.samples);
    for (const between of this.entries) if (between.index > since && between.index <= index) samples.addAll(await this.samplesOf(between));
    const { lengths: _, layout: __, ...position } = entry.front.description;
    this.#entries.set(index, await this.#write(entry.file, { ...position, since }, await this.bitsOf(entry), samples, this.#entries.get(since)));
  }

  async samplesOf({ file, front }: StoredEntry): Promise<SampleSet> {
    const bound = this.#options.samples;
    const bits = await inflate(front.samples, Math.ceil(bound / 8));
    if (bits === undefined) throw damaged(file, "its list of samples cannot be read");
    return new SampleSet(bound, bits);
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
  async #step({ file, offsets, layout }: StoredEntry, i: number, before: Int32Array | undefined): Promise<Int32Array> {
    const [name, , shape] = layout[i];
    const range = { begin: offsets[i], end: offsets[i + 1] };
    const stream = range.begin === range.end ? new Uint8Array(0) : await this.#options.storage.read(file, range);
    if (stream.length !== range.end - range.begin) throw damaged(file, `it is cut short before the tensor ${name}`);
    const bits = await decodeTensor(stream, elementCount(shape), before);
    if (bits === undefined) throw damaged(file, `the tensor ${name} cannot be decoded`);
    return bits;
  }

  /** From the entry that is stored by itself to this one. */
  #linksOf(entry: StoredEntry): readonly StoredEntry[] {
    const links = [entry];
    while (links[0].front.description.layout === undefined) links.unshift(this.#entries.get(links[0].since)!);
    return links;
  }

  async #write(
    file: string,
    position: Omit<Description, "lengths" | "layout">,
    bits: SnapshotBits,
    samples: SampleSet,
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
    const description = { ...position, lengths: streams.map(({ length }) => length), ...(base ? {} : { layout: bits.layout }) };
    const checksum = concatenated(checksums);
    const deflated = await deflate(samples.bits);
    const bytes = await encodeSnapshotFile(description, checksum, deflated, streams);
    await this.#options.storage.write(file, bytes);
    const streamsAt = bytes.length - streams.reduce((sum, { length }) => sum + length, 0);
    return entryOf(file, { description, checksums: checksum, samples: deflated, streamsAt }, before);
  }
}

async function agrees(bits: Int32Array, { checksums }: Front, i: number): Promise<boolean> {
  return sameBytes(await digestOfBits(bits), checksums.subarray(i * digestBytes, (i + 1) * digestBytes));
}
