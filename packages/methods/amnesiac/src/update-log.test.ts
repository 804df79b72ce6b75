import { memoryStorage, type ContentStorage, type HostTree, type Recipe } from "@lethe/core";
import { describe, expect, it } from "vitest";
import { crashingStorage } from "./fixtures/crashing-storage.ts";
import { headFile } from "./log-head.ts";
import { createLog, openLog, type UpdateLog } from "./update-log.ts";
import { updateFile } from "./update-file.ts";

const recipe: Recipe = { seed: 1, epochs: 1, batchSize: 1, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 1 } };
const tree = (...values: number[]): HostTree => ({
  "a/w": { shape: [2], values: Float32Array.from(values) },
  "a/b": { shape: [], values: Float32Array.of(1) },
});
const at = (index: number) => tree(index, index ** 2);
const layout = Object.entries(at(0)).map(([name, { shape }]) => [name, shape] as const);

/** Five updates; the k-th is of the samples k and k + 1. */
async function logged(storage: ContentStorage): Promise<UpdateLog> {
  const log = await createLog(storage, { ids: ["a", "b", "c", "d", "e", "f"], recipe, key: "run", layout }, at(0));
  for (let index = 0; index < 5; index++)
    await log.append({ index, epoch: 0, step: index }, [index, index + 1], { before: at(index), after: at(index + 1) });
  await log.finish({ steps: 5, epochs: 1 });
  return log;
}

/** As a request for `c` does, with a repair of one step. */
async function forget(log: UpdateLog): Promise<void> {
  const subtracted = new Set(log.updates.filter(({ samples }) => samples.includes(2)));
  await log.append({ index: 5, epoch: 1, step: 0 }, [4], { before: at(7), after: at(8) });
  await log.publish({ forgotten: new Set([2]), subtracted, steps: 6, epochs: 2 });
}

describe("a log of updates", () => {
  it("gives back what was put in, by the update", async () => {
    const storage = memoryStorage();
    await logged(storage);
    const log = await openLog(storage);
    expect(log.updates.map(({ index, epoch, step, samples }) => [index, epoch, step, samples])).toEqual(
      [0, 1, 2, 3, 4].map((index) => [index, 0, index, [index, index + 1]]),
    );
    const { "a/w": w, "a/b": b } = await log.read(log.updates[3]);
    expect([w, b]).toEqual([
      { shape: [2], values: Float64Array.of(1, 7) },
      { shape: [], values: Float64Array.of(0) },
    ]);
    expect(await log.readStart()).toEqual(at(0));
    const sizes = await Promise.all(log.updates.map(async ({ file }) => (await storage.read(file)).length));
    expect(log.updates.map(({ bytes }) => bytes)).toEqual(sizes);
    expect(log.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });

  it("is old or new wherever the power fails in a request, and opening ends what was begun", async () => {
    const oldHash = await (await logged(memoryStorage())).hash();
    const fresh = await logged(memoryStorage());
    await forget(fresh);
    const newHash = await fresh.hash();
    const seen: string[] = [];
    for (const moment of ["before", "after"] as const) {
      for (let change = 1; ; change++) {
        const storage = memoryStorage();
        await logged(storage);
        const crashing = crashingStorage(storage, change, moment);
        await forget(await openLog(crashing.storage)).catch((error: Error) => expect(error.message).toBe("power failure"));
        const opened = await openLog(storage);
        const hash = await opened.hash();
        seen.push(hash);
        expect([oldHash, newHash]).toContain(hash);
        expect((await storage.names()).length).toBe(2 + opened.updates.length);
        expect(opened.head.ids.includes("c")).toBe(hash === oldHash);
        if (hash === oldHash) await forget(opened);
        expect(await (await openLog(storage)).hash()).toBe(newHash);
        if (!crashing.state.crashed) break;
      }
    }
    // The repair's update, the head, two updates to destroy; each at two moments, and once undisturbed each.
    expect(seen).toHaveLength(10);
    expect(new Set(seen)).toEqual(new Set([oldHash, newHash]));
  });

  it("is opened by the next where the power fails while it is opened", async () => {
    for (const moment of ["before", "after"] as const) {
      for (let change = 1; ; change++) {
        const storage = memoryStorage();
        await logged(storage);
        // The head is new, nothing is destroyed yet.
        await forget(await openLog(crashingStorage(storage, 3, "before").storage)).catch(() => {});
        const crashing = crashingStorage(storage, change, moment);
        await openLog(crashing.storage).catch((error: Error) => expect(error.message).toBe("power failure"));
        const opened = await openLog(storage);
        expect(opened.updates.map(({ index }) => index)).toEqual([0, 3, 4, 5]);
        expect((await storage.names()).length).toBe(6);
        if (!crashing.state.crashed) break;
      }
    }
  });

  it("knows damage of every byte of its files, and files that are missing", async () => {
    const storage = memoryStorage();
    await logged(storage);
    for (const file of [headFile, updateFile(2), "start.safetensors"]) {
      const whole = await storage.read(file);
      for (let at = 0; at < whole.length; at += 7) {
        const bytes = whole.slice();
        bytes[at] ^= 0x20;
        await storage.write(file, bytes);
        const use = async () => {
          const log = await openLog(storage);
          await log.readStart();
          return log.read(log.updates[2]);
        };
        const code = await use().then(
          (read) => (JSON.stringify(Object.values(read).map(({ values }) => [...values])) === "[[1,5],[0]]" ? "unchanged" : "wrong numbers"),
          (error: { readonly code?: string }) => error.code,
        );
        // A letter of the header's padding or of a name that nobody reads may change.
        expect(["amnesiac/damaged", "amnesiac/unsupported-version", "unchanged"], `${file} byte ${at}`).toContain(code);
      }
      for (const length of [0, 5, 40, whole.length - 1]) {
        await storage.write(file, whole.slice(0, length));
        const use = openLog(storage).then(async (log) => [await log.readStart(), await log.read(log.updates[2])]);
        await expect(use, `${file} cut to ${length}`).rejects.toMatchObject({ code: "amnesiac/damaged" });
      }
      await storage.write(file, whole);
    }
    await storage.remove(updateFile(2));
    await expect(openLog(storage)).rejects.toMatchObject({ code: "amnesiac/damaged", details: { file: updateFile(2), fact: "it is missing" } });
  });

  it("of a later release says so", async () => {
    const storage = memoryStorage();
    await logged(storage);
    const text = new TextDecoder("latin1").decode(await storage.read(headFile)).replace("lethe-update-log-1", "lethe-update-log-2");
    await storage.write(
      headFile,
      Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
    );
    await expect(openLog(storage)).rejects.toMatchObject({ code: "amnesiac/unsupported-version" });
  });
});
