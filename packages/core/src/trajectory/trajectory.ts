import type { TrainingSnapshot } from "../train/index.ts";
import { Chain, removalOf, type SnapshotProvenance } from "./chain.ts";
import { visibleEntry, type StoredEntry, type TrajectoryEntry } from "./entry.ts";
import { noSuchSnapshot, notKept, otherLayout, stillTouched, uncertain, unknownId } from "./errors.ts";
import type { ForgetOptions, ForgetReport, ReplacementSnapshot } from "./forget-report.ts";
import { encodeHead, headFile, type Head } from "./head.ts";
import type { DestroyedSnapshot, Removal, Remover, UndestroyedSnapshot } from "./removal.ts";
import { snapshotOfBits, valuesOf } from "./snapshot-bits.ts";
import type { TrajectoryStorage } from "./storage.ts";

/** One tensor in two snapshots that follow each other. */
export interface TensorDifference {
  /** `parameters/`, `buffers/` or `slots/`, and the tensor's name. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly before: Float32Array | Int32Array;
  readonly after: Float32Array | Int32Array;
}

/** What a trajectory is made of. */
export interface TrajectoryParts {
  readonly storage: TrajectoryStorage;
  readonly head: Head;
  readonly chain: Chain;
  readonly nextGeneration: number;
  readonly remover: Remover;
  readonly recovered: readonly DestroyedSnapshot[];
}

/**
 * Snapshots of a training run in order, 0 being the start, and which samples shaped each. Calls that change it are to be awaited one after the other.
 *
 * Only the first and the last snapshot are certain to be kept. Under a budget, whenever the snapshots outgrow it, every second one is given up, so
 * that those at multiples of 2, 4, 8, ... (times `keepEvery`) remain; the others can be had by training on from {@link nearest}. Should the first and the
 * last alone be too large, they stay.
 *
 * Whenever the program is killed, `openTrajectory` finds either the trajectory before the interrupted call or after it, never a mixture. Where a write fails
 * that would have replaced something, only opening again shows which it is: until then snapshots are neither read nor changed (`trajectory/uncertain`).
 */
export class Trajectory {
  readonly #storage: TrajectoryStorage;
  #head: Head;
  #chain: Chain;
  #nextGeneration: number;
  readonly #remover: Remover;
  /** Whether a write has failed of which it is not known what it left. */
  #isUncertain = false;
  /** What the program before had left half destroyed, and opening destroyed. */
  readonly recovered: readonly DestroyedSnapshot[];

  /** Use `createTrajectory` or `openTrajectory`. */
  constructor({ storage, head, chain, nextGeneration, remover, recovered }: TrajectoryParts) {
    this.#storage = storage;
    this.#head = head;
    this.#chain = chain;
    this.#nextGeneration = nextGeneration;
    this.#remover = remover;
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

  /** Files of snapshots that count no more, but could not be removed. The next deletion, or the next opening, tries again. */
  get undestroyed(): readonly UndestroyedSnapshot[] {
    return this.#remover.left;
  }

  /**
   * Adds a snapshot after the last one. Its memory is kept until the next one is added.
   *
   * @param provenance the samples that training has read since the last snapshot.
   * @throws LetheError `trajectory/no-such-sample`, `trajectory/bad-snapshot`, `trajectory/unsupported-type`, `trajectory/uncertain` (after a
   * write that failed), and what the storage throws where it writes.
   */
  async append(snapshot: TrainingSnapshot, provenance: SnapshotProvenance): Promise<TrajectoryEntry> {
    this.#expectCertain();
    const dropped = await this.#chain.append(snapshot, provenance, this.#head);
    await this.#remover.remove(dropped ? removalOf(dropped) : []);
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
    if (entry === undefined) throw noSuchSnapshot(index, this.length);
    return visibleEntry(entry);
  }

  /**
   * Positions, in {@link ids}, of the samples that were read between the kept snapshot before this one and this one; ascending.
   *
   * @throws LetheError `trajectory/not-kept`, `trajectory/no-such-snapshot`, `trajectory/damaged`.
   */
  async samples(index: number): Promise<Uint32Array> {
    return (await this.#chain.samplesOf(this.#kept(index))).read.positions();
  }

  /**
   * Positions, in {@link ids}, of forgotten samples of which this snapshot may hold something yet, as its provenance said; ascending. Their ids are
   * struck out.
   *
   * @throws LetheError `trajectory/not-kept`, `trajectory/no-such-snapshot`, `trajectory/damaged`.
   */
  async residue(index: number): Promise<Uint32Array> {
    return (await this.#chain.samplesOf(this.#kept(index))).residue.positions();
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
      const { read } = await this.#chain.samplesOf(entry);
      if (positions.some((position) => read.has(position))) return entry.since + 1;
    }
    return undefined;
  }

  /**
   * Every tensor in a snapshot and in the one of the index before, one after the other: only the two are in memory at a time, and what was yielded is the
   * caller's. Of the files no more is read than the tensors that are asked for.
   *
   * @param isWanted of a tensor's name, see {@link TensorDifference}; default: all.
   * @throws LetheError `trajectory/not-kept` (of either), `trajectory/no-such-snapshot`, `trajectory/other-layout`, `trajectory/damaged`.
   */
  async *differences(index: number, isWanted: (name: string) => boolean = () => true): AsyncGenerator<TensorDifference, void, undefined> {
    const [before, after] = [this.#kept(index - 1), this.#kept(index)];
    const gone = before.layout.find(([name]) => isWanted(name) && !after.layout.some(([other]) => other === name));
    if (gone) throw otherLayout(index, gone[0]);
    for (const [i, [name, type, shape]] of after.layout.entries()) {
      if (!isWanted(name)) continue;
      const at = before.layout.findIndex(([other]) => other === name);
      if (JSON.stringify(before.layout[at]) !== JSON.stringify(after.layout[i])) throw otherLayout(index, name);
      const from = await this.#chain.tensorOf(before, at);
      const to = await this.#chain.tensorOf(after, i, from);
      yield { name, shape, before: valuesOf(type, from), after: valuesOf(type, to) };
    }
  }

  /**
   * Destroys all snapshots from an index on; see {@link undestroyed} for what could not be removed.
   *
   * @throws LetheError `trajectory/uncertain`, and what the storage throws where it writes.
   */
  async truncate(from: number): Promise<readonly DestroyedSnapshot[]> {
    this.#expectCertain();
    const staged = this.#stage(from);
    // Not from `from`, which may have been given up or not be there yet: the next snapshot is to be of the new segment.
    return (await this.#publish(staged.length, staged, {})).destroyed;
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
   * someone made a copy are not known here, nor are checkpoints kept elsewhere. From the moment at which the one file is replaced, nothing throws any more:
   * what cannot be removed then is reported, and a budget that cannot be kept is kept with the next snapshot.
   *
   * @param replacement snapshots from {@link firstTouched} on, of a training that was taken up at the one before it; none gives a trajectory that
   * ends there. Asked for only if a snapshot contains a sample; it may read the trajectory meanwhile. Positions as in {@link ids}.
   * @throws LetheError `trajectory/unknown-id`, `trajectory/still-touched` (a new snapshot has read a forgotten sample), `trajectory/damaged`,
   * `trajectory/uncertain`, and what the storage throws before the one file is replaced, or while it is: then open the trajectory again to see which it is.
   */
  async forget(
    ids: Iterable<string>,
    replacement: AsyncIterable<ReplacementSnapshot> | Iterable<ReplacementSnapshot>,
    { metadata = this.metadata }: ForgetOptions = {},
  ): Promise<ForgetReport> {
    this.#expectCertain();
    const forgotten = new Set(ids);
    const positions = new Set(this.#positionsOf(forgotten));
    const left = this.ids.map((id) => (id === null || forgotten.has(id) ? null : id));
    const from = await this.firstTouched(forgotten);
    if (from === undefined) {
      await this.#replaceHead({ ...this.#head, ids: left, metadata });
      return { from, ...(await this.#remover.removeAll([])), published: [] };
    }
    const staged = this.#stage(from);
    try {
      for await (const { snapshot, provenance, index } of replacement) {
        expectFree(provenance, positions, this.ids);
        const dropped = await staged.append(snapshot, provenance, { stride: this.#head.stride, index });
        // What the old trajectory holds, too, goes when that goes.
        if (dropped && this.#chain.entry(dropped.index) !== dropped) await this.#remover.remove(removalOf(dropped));
      }
    } catch (error) {
      await this.#remover.remove(this.#onlyIn(staged).flatMap(removalOf));
      throw error;
    }
    const published = this.#onlyIn(staged).map(({ index }) => index);
    const removal = await this.#publish(from, staged, { ids: left, metadata });
    await this.#keepBudget().catch(() => {}); // the deletion stands; the next snapshot tries again, or says that it is uncertain
    return { from, ...removal, published };
  }

  /** A chain that parts from this one at `from`, in files of names of its own. */
  #stage(from: number): Chain {
    const shared = this.#chain.entries.filter(({ index }) => index < from);
    // Never the same twice: files that could not be removed after a failure must not pass for those of a later try.
    return this.#chain.partingWith(shared, this.#nextGeneration++);
  }

  async #publish(from: number, staged: Chain, change: Partial<Pick<Head, "ids" | "metadata">>): Promise<Removal> {
    const segments = [...this.#head.segments.filter((segment) => segment.from < from), { from, generation: staged.generation }];
    await this.#replaceHead({ ...this.#head, ...change, segments });
    const old = this.#chain.entries.filter((entry) => staged.entry(entry.index) !== entry);
    this.#chain = staged;
    return this.#remover.removeAll(old.flatMap(removalOf));
  }

  #onlyIn(staged: Chain): readonly StoredEntry[] {
    return staged.entries.filter((entry) => this.#chain.entry(entry.index) !== entry);
  }

  async #keepBudget(): Promise<void> {
    const { bytes = Infinity } = this.#head.budget ?? {};
    while (this.#chain.bytes > bytes && this.#chain.entries.length > 2) {
      const stride = 2 * this.#head.stride;
      const dropped = await this.#certainly(this.#chain.thin(stride));
      await this.#replaceHead({ ...this.#head, stride });
      await this.#remover.remove(dropped);
    }
  }

  async #replaceHead(head: Head): Promise<void> {
    await this.#certainly(encodeHead(head).then((bytes) => this.#storage.write(headFile, bytes)));
    this.#head = head;
  }

  /** A write that replaces what counts may have done so even where it fails. */
  async #certainly<Result>(writing: Promise<Result>): Promise<Result> {
    try {
      return await writing;
    } catch (error) {
      this.#isUncertain = true;
      throw error;
    }
  }

  #expectCertain(): void {
    if (this.#isUncertain) throw uncertain();
  }

  #kept(index: number): StoredEntry {
    this.#expectCertain();
    const entry = this.#chain.entry(index);
    if (entry !== undefined) return entry;
    throw notKept(index, this.nearest(index).index);
  }

  #positionsOf(ids: Iterable<string>): readonly number[] {
    const positions = new Map(this.ids.map((id, position) => [id, position]));
    return Array.from(ids, (id) => {
      const position = positions.get(id);
      if (position !== undefined) return position;
      throw unknownId(id);
    });
  }
}

function expectFree({ positions: read }: SnapshotProvenance, forgotten: ReadonlySet<number>, ids: Head["ids"]): void {
  const found = Array.from(read).find((position) => forgotten.has(position));
  if (found !== undefined) throw stillTouched(ids[found]);
}
