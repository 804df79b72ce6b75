import type { ContentStorage } from "../context/index.ts";

/** Where a trajectory lives: a storage of its own, for one trajectory and one process at a time. */
export type TrajectoryStorage = ContentStorage;

/**
 * A storage that lasts as long as the program.
 *
 * @example
 * const storage = memoryStorage();
 * await storage.write("a", Uint8Array.of(1, 2, 3));
 * await storage.read("a", { begin: 1, end: 9 }); // [2, 3]
 */
export function memoryStorage(): TrajectoryStorage {
  const contents = new Map<string, Uint8Array>();
  return {
    write: async (name, bytes) => void contents.set(name, bytes.slice()),
    read: async (name, { begin, end } = { begin: 0, end: Infinity }) => {
      const content = contents.get(name);
      if (content === undefined) throw new Error(`There is no content ${name}.`);
      return content.slice(begin, end);
    },
    remove: async (name) => void contents.delete(name),
    names: async () => [...contents.keys()],
  };
}
