import { rm } from "node:fs/promises";
import type { Files, Json } from "@lethe/core";
import type { Watch } from "../jobs/workers.ts";
import { keyOf } from "../store/key.ts";
import type { Store } from "../store/store.ts";
import type { Stages } from "./stages.ts";

/** A piece of work whose result is worth keeping. */
export interface Work<Value> {
  readonly stage: string;
  /** Everything that decides the result. */
  readonly facts: Json;
  /** @param scratch where a folder may be made for what is too large for memory; if it is there at the end, it is kept beside the files. */
  make(watch: Watch, scratch: string): Promise<Files>;
  /** The result as its files have it; what was just made is read back in the same way. */
  read(files: Files): Value;
}

/** Does each piece of work at most once. */
export interface Keeper {
  /** What the facts lead to: remembered, else found in the store, else made. A failure is remembered too; the same work would fail in the same way. */
  keep<Value>(work: Work<Value>): Promise<Value>;
  /** Waits until nothing is being made or saved. */
  settled(): Promise<void>;
}

export function createKeeper(store: Store, stages: Stages): Keeper {
  const known = new Map<string, Promise<unknown>>();
  return {
    async keep<Value>({ stage, facts, make, read }: Work<Value>): Promise<Value> {
      const key = await keyOf(facts);
      const before = known.get(key) as Promise<Value> | undefined;
      if (before !== undefined) return before;
      const find = async () => {
        const files = await store.find(facts);
        return files && read(files);
      };
      const value = stages.run(stage, find, async (watch) => {
        const scratch = store.scratch();
        try {
          const files = await make(watch, scratch);
          await store.save(facts, files, scratch);
          return read(files);
        } finally {
          await rm(scratch, { recursive: true, force: true });
        }
      });
      known.set(key, value);
      return value;
    },
    async settled() {
      await Promise.allSettled(known.values());
    },
  };
}
