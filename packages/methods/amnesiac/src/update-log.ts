import { encodeSafetensors, hashTree, LetheError, sha256, type ContentStorage, type HostTree } from "@lethe/core";
import { damaged, decodeContent } from "./content.ts";
import { decodeHead, encodeHead, headFile, type FinishedLog, type LogHead } from "./log-head.ts";
import { encodeUpdate, indexOfFile, readDescription, readUpdate, updateFile, type LoggedUpdate, type UpdatePosition } from "./update-file.ts";

const startFile = "start.safetensors";

/** The file of an update of which nothing is left. */
export interface DestroyedUpdate {
  readonly index: number;
  readonly file: string;
}

/** The file of an update that counts no more, but that is still there. */
export interface UndestroyedUpdate extends DestroyedUpdate {
  /** What the storage said. */
  readonly reason: string;
}

export interface Removal {
  readonly destroyed: readonly DestroyedUpdate[];
  readonly undestroyed: readonly UndestroyedUpdate[];
}

/**
 * The updates of a training whose batches held a sensitive sample, each in a file that stands alone, so that one can be destroyed and no other be touched.
 * Calls that change it are to be awaited one after the other.
 *
 * Whenever the program is killed, {@link openLog} finds the log before the interrupted call or after it: a file is written whole, and a request replaces one
 * file, the head, which says which of the others count.
 */
export class UpdateLog {
  readonly #storage: ContentStorage;
  #head: LogHead;
  #updates: LoggedUpdate[];
  /** What the program before had left half destroyed, and opening destroyed. */
  readonly recovered: readonly DestroyedUpdate[];
  #undestroyed: readonly UndestroyedUpdate[];

  /** Use {@link createLog} or {@link openLog}. */
  constructor(storage: ContentStorage, head: LogHead, updates: readonly LoggedUpdate[], leftovers: Removal = { destroyed: [], undestroyed: [] }) {
    this.#storage = storage;
    this.#head = head;
    this.#updates = [...updates];
    this.recovered = leftovers.destroyed;
    this.#undestroyed = leftovers.undestroyed;
  }

  get head(): LogHead {
    return this.#head;
  }

  /** By index, those that are not published yet included. */
  get updates(): readonly LoggedUpdate[] {
    return this.#updates;
  }

  /** That the updates take. */
  get bytes(): number {
    return this.#updates.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Adds the update of a step, which has to come after all that are there. In the storage once this has resolved. */
  async append(position: UpdatePosition, samples: readonly number[], change: { readonly before: HostTree; readonly after: HostTree }): Promise<void> {
    const { update, bytes } = await encodeUpdate(position, samples, change);
    await this.#storage.write(update.file, bytes);
    this.#updates.push(update);
  }

  /** `theta_b - theta_(b-1)` in float64, to the bit. */
  async read(update: LoggedUpdate): Promise<HostTree> {
    return readUpdate(this.#storage, update, this.#head.layout);
  }

  /** theta_0: the parameters that training started from. */
  async readStart(): Promise<HostTree> {
    const { tensors } = decodeContent(await this.#storage.read(startFile), startFile);
    if ((await hashTree(tensors)) !== this.#head.start) throw damaged(startFile, "it does not agree with its checksum");
    return tensors;
  }

  /** Takes up the training again where these updates have not been taken yet. */
  async reopen(left: (update: LoggedUpdate) => boolean): Promise<void> {
    if (this.#head.finished !== null) await this.#replaceHead({ ...this.#head, finished: null });
    await this.drop((update) => !left(update));
  }

  /** Destroys updates that do not count: those of steps that will be taken again, or that came to nothing. The last first. */
  async drop(which: (update: LoggedUpdate) => boolean): Promise<void> {
    for (const update of this.#updates.filter(which).toReversed()) {
      await this.#storage.remove(update.file);
      this.#updates = this.#updates.filter((each) => each !== update);
    }
  }

  /** The training is over: from now on exactly these updates count. */
  async finish({ steps, epochs }: Pick<FinishedLog, "steps" | "epochs">): Promise<void> {
    const updates = this.#updates.map(({ index }) => index);
    await this.#replaceHead({ ...this.#head, finished: { updates, steps, epochs, subtracted: 0 } });
  }

  /**
   * Publishes what a request left: these updates count no more and are destroyed, those that were appended meanwhile count, and the samples at these
   * positions are struck out. The head is replaced first; a kill before leaves the old log, one after it the new, and opening ends what was begun. A file
   * that the storage cannot remove is no reason to fail any more: the next request and the next opening try again.
   */
  async publish(
    change: { readonly forgotten: ReadonlySet<number>; readonly subtracted: ReadonlySet<LoggedUpdate> } & Pick<FinishedLog, "steps" | "epochs">,
  ): Promise<Removal> {
    const { forgotten, subtracted, steps, epochs } = change;
    const ids = this.#head.ids.map((id, position) => (forgotten.has(position) ? null : id));
    const updates = this.#updates.filter((update) => !subtracted.has(update)).map(({ index }) => index);
    const before = this.#head.finished?.subtracted ?? 0;
    await this.#replaceHead({ ...this.#head, ids, finished: { updates, steps, epochs, subtracted: before + subtracted.size } });
    this.#updates = this.#updates.filter((update) => !subtracted.has(update));
    // A repair may have written to the name of a file that was left.
    const left = this.#undestroyed.filter(({ index }) => !updates.includes(index));
    const removal = await removeAll(this.#storage, [...left, ...subtracted]);
    this.#undestroyed = removal.undestroyed;
    return removal;
  }

  /** Equal where the samples, the updates and the numbers in them are. */
  async hash(): Promise<string> {
    const { ids, recipe, layout, start, finished } = this.#head;
    return sha256(JSON.stringify([ids, recipe, layout, start, finished, this.#updates.map(({ samples, content }) => [samples, content])]));
  }

  async #replaceHead(head: LogHead): Promise<void> {
    await this.#storage.write(headFile, await encodeHead(head));
    this.#head = head;
  }
}

/**
 * Begins a log anew, with the parameters that training starts from. Whatever log was there is destroyed, the head first.
 *
 * @throws LetheError what the storage throws.
 */
export async function createLog(storage: ContentStorage, head: Omit<LogHead, "start" | "finished">, start: HostTree): Promise<UpdateLog> {
  await storage.remove(headFile);
  for (const name of await storage.names()) if (indexOfFile(name) !== undefined) await storage.remove(name);
  await storage.write(startFile, encodeSafetensors(start));
  const created: LogHead = { ...head, start: await hashTree(start), finished: null };
  await storage.write(headFile, await encodeHead(created));
  return new UpdateLog(storage, created, []);
}

/** Whether {@link openLog} would find a log. */
export async function holdsLog(storage: ContentStorage): Promise<boolean> {
  return (await storage.names()).includes(headFile);
}

/**
 * Opens a log, and ends what a killed program had begun: destroys updates that were subtracted, and those of a repair that was not published. Reads the
 * beginning of each file; the numbers are checked when they are read.
 *
 * @throws LetheError `amnesiac/no-log`, `amnesiac/damaged`, `amnesiac/unsupported-version`, and what the storage throws.
 */
export async function openLog(storage: ContentStorage): Promise<UpdateLog> {
  if (!(await holdsLog(storage))) {
    throw new LetheError("amnesiac/no-log", "The storage holds no log of updates; check the place, or train with the method's recorder there first.");
  }
  const head = await decodeHead(await storage.read(headFile));
  const found = (await storage.names()).flatMap((name) => indexOfFile(name) ?? []).toSorted((a, b) => a - b);
  const counted = new Set(head.finished?.updates ?? found);
  const leftovers = found.filter((index) => !counted.has(index)).map((index) => ({ index, file: updateFile(index) }));
  const present = new Set(found);
  const missing = [...counted].find((index) => !present.has(index));
  if (missing !== undefined) throw damaged(updateFile(missing), "it is missing");
  const updates: LoggedUpdate[] = [];
  for (const index of counted) updates.push(await readDescription(storage, updateFile(index)));
  return new UpdateLog(storage, head, updates, await removeAll(storage, leftovers));
}

async function removeAll(storage: ContentStorage, files: readonly DestroyedUpdate[]): Promise<Removal> {
  const destroyed: DestroyedUpdate[] = [];
  const undestroyed: UndestroyedUpdate[] = [];
  for (const { index, file } of files) {
    try {
      await storage.remove(file);
      destroyed.push({ index, file });
    } catch (error) {
      undestroyed.push({ index, file, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { destroyed, undestroyed };
}
