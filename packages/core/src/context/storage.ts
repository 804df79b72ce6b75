/** Bytes `begin` up to, not including, `end`. */
export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * Where what is too large for an artifact is kept, such as the snapshots of a training: named contents, flat. `folderStorage` of `@lethe/core/files`
 * keeps them in a folder, `memoryStorage` in memory; a browser may keep them in the origin private file system or in IndexedDB.
 *
 * Names are plain file names. One process at a time to a storage.
 */
export interface ContentStorage {
  /** All or nothing: after a crash there are the old bytes or the new ones, and once this has resolved they are the new ones. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** The bytes of the range that exist, fewer than asked for where the content ends within it; all bytes without a range. The caller's. */
  read(name: string, range?: ByteRange): Promise<Uint8Array>;
  /** Destroys a content as thoroughly as the storage can, in any number of moves; one that is not there is no error. */
  remove(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

/**
 * A part of a storage as a storage of its own: what has a name that begins with `prefix`, under the rest of its name. Parts whose prefixes do not begin
 * with one another have nothing in common.
 *
 * @example
 * const storage = memoryStorage();
 * const part = storageWithin(storage, "shard-1.");
 * await part.write("a", Uint8Array.of(1));
 * await part.names(); // ["a"]
 * await storage.names(); // ["shard-1.a"]
 */
export function storageWithin(storage: ContentStorage, prefix: string): ContentStorage {
  return {
    write: (name, bytes) => storage.write(prefix + name, bytes),
    read: (name, range) => storage.read(prefix + name, range),
    remove: (name) => storage.remove(prefix + name),
    names: async () => (await storage.names()).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
  };
}
