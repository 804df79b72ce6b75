import type { TrajectoryStorage } from "./storage.ts";

/** A file of a snapshot of which nothing is left. */
export interface DestroyedSnapshot {
  readonly index: number;
  readonly file: string;
}

/** A file of a snapshot that counts no more, but that is still there. */
export interface UndestroyedSnapshot extends DestroyedSnapshot {
  /** What the storage said. */
  readonly reason: string;
}

export interface Removal {
  readonly destroyed: readonly DestroyedSnapshot[];
  readonly undestroyed: readonly UndestroyedSnapshot[];
}

/**
 * Removes files that count no more. What the storage cannot remove is no reason to fail, for the trajectory is what it is without them: it is kept in mind,
 * and tried again with the next deletion and, by its name, with the next opening.
 */
export class Remover {
  readonly #storage: TrajectoryStorage;
  #left: readonly UndestroyedSnapshot[] = [];

  constructor(storage: TrajectoryStorage) {
    this.#storage = storage;
  }

  /** What could not be removed so far. */
  get left(): readonly UndestroyedSnapshot[] {
    return this.#left;
  }

  /** @returns those of the files of which nothing is left. */
  async remove(files: readonly DestroyedSnapshot[]): Promise<readonly DestroyedSnapshot[]> {
    const destroyed: DestroyedSnapshot[] = [];
    for (const { index, file } of files) {
      try {
        await this.#storage.remove(file);
        destroyed.push({ index, file });
      } catch (error) {
        this.#left = [...this.#left, { index, file, reason: error instanceof Error ? error.message : String(error) }];
      }
    }
    return destroyed;
  }

  /** These files, and those that are left from before. */
  async removeAll(files: readonly DestroyedSnapshot[]): Promise<Removal> {
    const before = this.#left;
    this.#left = [];
    const destroyed = await this.remove([...before, ...files]);
    return { destroyed, undestroyed: this.#left };
  }
}
