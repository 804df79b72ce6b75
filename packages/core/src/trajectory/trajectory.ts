import { LetheError } from "../errors/index.ts";
import type { TrainingSnapshot } from "../train/index.ts";
import { Chain, type SnapshotProvenance } from "./chain.ts";
import { visibleEntry, type StoredEntry, type TrajectoryEntry } from "./entry.ts";
import { encodeHead, headFile, type Head } from "./head.ts";
import type { DestroyedSnapshot } from "./recover.ts";
import { snapshotOfBits, valuesOf } from "./snapshot-bits.ts";
import type { TrajectoryStorage } from "./storage.ts";

/** A snapshot that takes the place of one that contained forgotten samples. */
export interface ReplacementSnapshot {
  readonly snapshot: TrainingSnapshot;
  readonly provenance: SnapshotProvenance;
}

export interface ForgetReport {
  /** Index of the first snapshot that the samples may have shaped; undefined where there is none. */
  readonly from: number | undefined;
  /** All snapshots that contained the samples, by index. */
  readonly destroyed: readonly DestroyedSnapshot[];
  /** Indices of the snapshots that took their place. */
  readonly published: readonly number[];
}

/** One tensor in two snapshots that follow each other. */
export interface TensorDifference {
  /** `parameters/`, `buffers/` or `slots/`, and the tensor's name. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly before: Float32Array | Int32Array;
  readonly after: Float32Array | Int32Array;
}

/**
 * Snapshots of a training run in order, 0 being the start, and which samples shaped each. Calls that change it are to be awaited one after the other.
 *
 * Only the first and the last snapshot are certain to be kept. Under a budget, whenever the snapshots outgrow it, every second one is given up, so
 * that those at multiples of 2, 4, 8, ... remain; the others can be had by training on from {@link nearest}. Should the first and the last
 * alone be too large, they stay.
 *
 * Whenever the program is killed, `openTrajectory` finds either the trajectory before the interrupted call or after it, never a mixture.
 */
export class Trajectory {
  readonly #storage: TrajectoryStorage;
  #head: Head;
  #chain: Chain;
  #generation: number;
  /** What the program before had left half destroyed, and opening destroyed. */
  readonly recovered: readonly DestroyedSnapshot[];

  /** Use `createTrajectory` or `openTrajectory`. */
  constructor(storage: TrajectoryStorage, head: Head, chain: Chain, recovered: readonly DestroyedSnapshot[]) {
    this.#storage = storage;
    this.#head = head;
    this.#chain = chain;
    this.#generation = chain.generation;
    this.recovered = recovered;
  }

  /** `null` where a sample was forgotten. */
  get ids(): readonly (string | null)[] {
    return this.#head.ids;
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.#head.metadata;
  }

  /** Snapshots that are kept, by index. */
  get entries(): readonly TrajectoryEntry[] {
    return this.#chain.entries.map(visibleEntry);
  }

  /** Snapshots so far, kept or not: the next one's index. */
  get length(): number {
    return this.#chain.length;
  }

  /** That the kept snapshots take. */
  get bytes(): number {
    return this.#chain.bytes;
  }

  /**
   * Adds a snapshot after the last one. Its memory is kept until the next one is added.
   *
   * @param provenance the samples that training has read since the last snapshot.
   * @throws LetheError `trajectory/no-such-sample`, `trajectory/bad-snapshot`, `trajectory/unsupported-type`, and what the storage throws.
   */
  async append(snapshot: TrainingSnapshot, provenance: SnapshotProvenance): Promise<TrajectoryEntry> {
    const dropped = await this.#chain.append(snapshot, provenance, this.#head.stride);
    if (dropped) await this.#storage.remove(dropped.file);
    await this.#keepBudget();
    return visibleEntry(this.#chain.entries.at(-1)!);
  }

  /**
   * A snapshot that is kept, bit for bit, checked against its SHA-256. The caller's.
   *
   * @throws LetheError `trajectory/not-kept`, `trajectory/no-such-snapshot`, `trajectory/damaged`.
   */
  async read(index: number): Promise<TrainingSnapshot> {
    const entry = this.#kept(index);
    const { epoch, step, lossSum, key } = entry.front.description;
    return { epoch, step, lossSum, key, ...snapshotOfBits(await this.#chain.bitsOf(entry)) };
  }

  /**
   * The last snapshot kept at or before an index: where to train on from to have that of the index.
   *
   * @throws LetheError `trajectory/no-such-snapshot`.
   */
  nearest(index: number): TrajectoryEntry {
    const entry = index < this.length ? this.#chain.entries.findLast((each) => each.index <= index) : undefined;
    if (entry === undefined) throw this.#noSuchSnapshot(index);
    return visibleEntry(entry);
  }

  /**
   * Positions, in {@link ids}, of the samples that were read between the kept snapshot before this one and this one; ascending.
   *
   * @throws LetheError `trajectory/not-kept`, `trajectory/no-such-snapshot`, `trajectory/damaged`.
   */
  async samples(index: number): Promise<Uint32Array> {
    return (await this.#chain.samplesOf(this.#kept(index))).positions();
  }

  /**
   * Index of the first snapshot that any of these samples may have shaped; undefined where there is none. Where snapshots were given up, it is the
   * first after the last kept one that is certain to be free of them, so that training can go on from `nearest(index - 1)`.
   *
   * @throws LetheError `trajectory/unknown-id`, `trajectory/damaged`.
   */
  async firstTouched(ids: Iterable<string>): Promise<number | undefined> {
    const positions = this.#positionsOf(ids);
    for (const entry of this.#chain.entries) {
      const samples = await this.#chain.samplesOf(entry);
      if (positions.some((position) => samples.has(position))) return entry.since + 1;
    }
    return undefined;
  }

  /**
   * Every tensor in a snapshot and in the one before it, one after the other: only the two are in memory at a time, and what was yielded is the caller's.
   *
   * @throws LetheError `trajectory/not-kept` (of either), `trajectory/no-such-snapshot`, `trajectory/other-layout`, `trajectory/damaged`.
   */
  async *differences(index: number): AsyncGenerator<TensorDifference, void, undefined> {
    const [before, after] = [this.#kept(index - 1), this.#kept(index)];
    for (const [i, [name, type, shape]] of after.layout.entries()) {
      const at = before.layout.findIndex(([other]) => other === name);
      if (JSON.stringify(before.layout[at]) !== JSON.stringify(after.layout[i])) throw otherLayout(index, name);
      const from = await this.#chain.tensorOf(before, at);
      const to = await this.#chain.tensorOf(after, i, from);
      yield { name, shape, before: valuesOf(type, from), after: valuesOf(type, to) };
    }
  }

  /**
   * Destroys all snapshots from an index on.
   *
   * @throws LetheError what the storage throws.
   */
  async truncate(from: number): Promise<readonly DestroyedSnapshot[]> {
    const staged = this.#stage(from);
    // Not from `from`, which may have been given up or not be there yet: the next snapshot is to be of the new segment.
    return this.#publish(staged.length, staged, this.#head.ids);
  }

  /**
   * Makes the trajectory one of a training that never read these samples: destroys every snapshot that they shaped, publishes those that take their
   * place, and strikes the ids out.
   *
   * The new snapshots, which count from {@link firstTouched} on, are written first; then one file is replaced, and with it the old ones count no more;
   * then those are destroyed. A kill before leaves the old trajectory, one after it the new, and the next opening destroys what is left of the other.
   * A replacement that throws leaves the old one, too.
   *
   * How thoroughly files are destroyed is the storage's matter (`folderStorage` overwrites them, which a disk may undermine). Snapshots of which
   * someone made a copy are not known here, nor are checkpoints kept elsewhere.
   *
   * @param replacement snapshots from {@link firstTouched} on, of a training that was taken up at the one before it; none gives a trajectory that
   * ends there. Asked for only if a snapshot contains a sample; it may read the trajectory meanwhile. Positions as in {@link ids}.
   * @throws LetheError `trajectory/unknown-id`, `trajectory/still-touched` (a new snapshot has read a forgotten sample), `trajectory/damaged`.
   */
  async forget(ids: Iterable<string>, replacement: AsyncIterable<ReplacementSnapshot> | Iterable<ReplacementSnapshot>): Promise<ForgetReport> {
    const forgotten = new Set(ids);
    const positions = this.#positionsOf(forgotten);
    const left = this.ids.map((id) => (id === null || forgotten.has(id) ? null : id));
    const from = await this.firstTouched(forgotten);
    if (from === undefined) {
      await this.#replaceHead({ ...this.#head, ids: left });
      return { from, destroyed: [], published: [] };
    }
    const staged = this.#stage(from);
    try {
      for await (const { snapshot, provenance } of replacement) {
        expectFree(provenance, positions, this.ids);
        const dropped = await staged.append(snapshot, provenance, this.#head.stride);
        // What the old trajectory holds, too, goes when that goes.
        if (dropped && this.#chain.entry(dropped.index) !== dropped) await this.#storage.remove(dropped.file);
      }
    } catch (error) {
      for (const { file } of this.#onlyIn(staged)) await this.#storage.remove(file).catch(() => {}); // the first error is the one to tell; opening tries again
      throw error;
    }
    const published = this.#onlyIn(staged).map(({ index }) => index);
    const destroyed = await this.#publish(from, staged, left);
    await this.#keepBudget();
    return { from, destroyed, published };
  }

  /** A chain that parts from this one at `from`, in files of names of its own. */
  #stage(from: number): Chain {
    const shared = this.#chain.entries.filter(({ index }) => index < from);
    // Never the same twice: files that could not be removed after a failure must not pass for those of a later try.
    this.#generation += 1;
    return new Chain({ storage: this.#storage, samples: this.ids.length, keyFrameEvery: this.#head.keyFrameEvery }, this.#generation, shared);
  }

  async #publish(from: number, staged: Chain, ids: Head["ids"]): Promise<readonly DestroyedSnapshot[]> {
    const segments = [...this.#head.segments.filter((segment) => segment.from < from), { from, generation: staged.generation }];
    await this.#replaceHead({ ...this.#head, ids, segments });
    const old = this.#chain.entries.filter((entry) => staged.entry(entry.index) !== entry);
    this.#chain = staged;
    for (const { file } of old) await this.#storage.remove(file);
    return old.map(({ index, file }) => ({ index, file }));
  }

  #onlyIn(staged: Chain): readonly StoredEntry[] {
    return staged.entries.filter((entry) => this.#chain.entry(entry.index) !== entry);
  }

  async #keepBudget(): Promise<void> {
    const { bytes = Infinity } = this.#head.budget ?? {};
    while (this.#chain.bytes > bytes && this.#chain.entries.length > 2) {
      const stride = 2 * this.#head.stride;
      const dropped = await this.#chain.thin(stride);
      await this.#replaceHead({ ...this.#head, stride });
      for (const { file } of dropped) await this.#storage.remove(file);
    }
  }

  async #replaceHead(head: Head): Promise<void> {
    await this.#storage.write(headFile, await encodeHead(head));
    this.#head = head;
  }

  #kept(index: number): StoredEntry {
    const entry = this.#chain.entry(index);
    if (entry !== undefined) return entry;
    const nearest = this.nearest(index).index;
    const sentence = `Snapshot ${index} was given up to keep the budget; train on from snapshot ${nearest}, which is kept, to have it again.`;
    throw new LetheError("trajectory/not-kept", sentence, { index, nearest });
  }

  #noSuchSnapshot(index: number): LetheError {
    const sentence = `There is no snapshot ${index} in a trajectory of ${this.length}; ask for one from 0 to ${this.length - 1}.`;
    return new LetheError("trajectory/no-such-snapshot", sentence, { index, length: this.length });
  }

  #positionsOf(ids: Iterable<string>): readonly number[] {
    const positions = new Map(this.ids.map((id, position) => [id, position]));
    return Array.from(ids, (id) => {
      const position = positions.get(id);
      if (position !== undefined) return position;
      const sentence = `The trajectory was recorded without a sample ${id}, or it was forgotten before; leave it out.`;
      throw new LetheError("trajectory/unknown-id", sentence, { id });
    });
  }
}

function expectFree({ positions: read }: SnapshotProvenance, forgotten: readonly number[], ids: Head["ids"]): void {
  const found = Array.from(read).find((position) => forgotten.includes(position));
  if (found === undefined) return;
  const sentence = `A replacement snapshot has read the sample ${ids[found]} that is to be forgotten; train it on the remaining samples.`;
  throw new LetheError("trajectory/still-touched", sentence, { id: ids[found] });
}

function otherLayout(index: number, name: string): LetheError {
  const sentence = `The tensor ${name} of snapshot ${index} is not in the snapshot before it, or has another shape there; compare snapshots of one model and optimiser.`;
  return new LetheError("trajectory/other-layout", sentence, { index, name });
}
