import type { Dataset } from "@lethe/core";

/** What was read from a data set, and a place to hook in. */
export interface Reads {
  /** Ids, one list per call. */
  readonly calls: (readonly string[])[];
  /** Called at every read, before it is answered. */
  onRead: () => void;
}

/** The same data set, keeping a list of what is read. Hashing the content reads all of it. */
export function watch(data: Dataset): { data: Dataset; reads: Reads } {
  const reads: Reads = { calls: [], onRead: () => undefined };
  const note = (ids: readonly string[]) => {
    reads.calls.push(ids);
    reads.onRead();
  };
  const watched: Dataset = {
    ...data,
    async read(indices) {
      note(Array.from(indices, (position) => data.ids[position]));
      return data.read(indices);
    },
    async hash() {
      note(data.ids);
      return data.hash();
    },
  };
  return { data: watched, reads };
}
