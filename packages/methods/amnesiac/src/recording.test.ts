import * as tf from "@tensorflow/tfjs";
import {
  createContext,
  createRandom,
  decodeSnapshot,
  encodeSnapshot,
  memoryStorage,
  train,
  unlearn,
  type ContentStorage,
  type Recipe,
  type TrainingSnapshot,
} from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { crashingStorage } from "./fixtures/crashing-storage.ts";
import { recipe, samples, untrained, watched, without } from "./fixtures/training.ts";
import { openLog } from "./update-log.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** 3 steps an epoch. */
const short: Recipe = { ...recipe, epochs: 2, batchSize: 8 };
const byBlocks: Recipe = { ...short, order: { kind: "blocks", blocks: 3 } };
const sensitive = ["s1", "s4", "s9"];

const logHash = async (storage: ContentStorage) => (await openLog(storage)).hash();

async function copied(storage: ContentStorage): Promise<ContentStorage> {
  const copy = memoryStorage();
  for (const name of await storage.names()) await copy.write(name, await storage.read(name));
  return copy;
}

/** Checkpoints of a training, as files. */
async function checkpoints(each: Recipe): Promise<readonly Uint8Array[]> {
  const files: Uint8Array[] = [];
  const save = async (snapshot: TrainingSnapshot) => void files.push(encodeSnapshot(snapshot));
  await train({ model: untrained(), data: samples(), recipe: each, context: createContext(), checkpoint: { every: 1, save } });
  return files;
}

describe("a training that is recorded", () => {
  it.each([
    ["shuffled", short],
    ["by blocks", byBlocks],
  ])("is gone on with from any checkpoint, to the same log: %s", async (_, each) => {
    const undisturbed = await watched({ sensitive }, { recipe: each });
    const expected = await logHash(undisturbed.storage);
    for (const file of await checkpoints(each)) {
      const storage = await copied(undisturbed.storage);
      const { artifact } = await watched({ sensitive }, { recipe: each, resume: decodeSnapshot(file) }, storage);
      expect(await logHash(storage)).toBe(expected);
      expect(artifact).toEqual(undisturbed.artifact);
    }
  });

  it("is begun anew where it was interrupted before the first checkpoint", async () => {
    const storage = memoryStorage();
    const abort = new AbortController();
    const model = untrained();
    const tensors = tf.memory().numTensors;
    const context = createContext({ signal: abort.signal, onProgress: ({ completed }) => completed > 20 && abort.abort() });
    await expect(watched({}, { model, recipe: short, context }, storage)).rejects.toMatchObject({ code: "run/aborted" });
    expect(tf.memory().numTensors).toBe(tensors);
    const cut = await openLog(storage);
    expect(cut.head.finished).toBeNull();
    expect(cut.updates.length).toBeGreaterThan(1);
    await watched({}, { recipe: short }, storage);
    expect(await logHash(storage)).toBe(await logHash((await watched({}, { recipe: short })).storage));
  });

  it("survives a power failure at every change of the storage, and goes on from its last checkpoint", async () => {
    const expected = await logHash((await watched({ sensitive }, { recipe: short })).storage);
    let crashes = 0;
    for (const moment of ["before", "after"] as const) {
      for (let change = 1; ; change++) {
        const storage = memoryStorage();
        const crashing = crashingStorage(storage, change, moment);
        let resume: TrainingSnapshot | undefined;
        const save = async (snapshot: TrainingSnapshot) => void (resume = snapshot);
        const run = watched({ sensitive }, { recipe: short, checkpoint: { every: 1, save } }, crashing.storage);
        await run.catch((error: Error) => expect(error.message).toBe("power failure"));
        const { artifact } = await watched({ sensitive }, { recipe: short, resume }, storage);
        expect(artifact.metadata["log"]).toBe(expected);
        expect(await logHash(storage)).toBe(expected);
        if (!crashing.state.crashed) break;
        crashes += 1;
      }
    }
    // The old head, the start, the head, an update for each of the steps that read one of three samples, and the head.
    expect(crashes).toBe(2 * (3 + (await openLog((await watched({ sensitive }, { recipe: short })).storage)).updates.length + 1));
  });

  it("is missed where part of it went by unrecorded", async () => {
    const files = (await checkpoints(short)).map((file) => decodeSnapshot(file));
    const late = watched({}, { recipe: short, resume: files[1] });
    await expect(late).rejects.toMatchObject({ code: "amnesiac/not-recorded" });
    // One step is recorded, and again those from the third or the fifth on: the gap lies in the epoch that is gone on with, or in one that is over.
    for (const resumed of [1, 3]) {
      const storage = memoryStorage();
      const abort = new AbortController();
      const context = createContext({ signal: abort.signal, onProgress: () => abort.abort() });
      await expect(watched({}, { recipe: short, context }, storage)).rejects.toMatchObject({ code: "run/aborted" });
      const gap = watched({}, { recipe: short, resume: files[resumed] }, storage);
      await expect(gap).rejects.toMatchObject({ code: "amnesiac/incomplete" });
      expect((await openLog(storage)).head.finished).toBeNull();
    }
  });

  it("is not mixed with another, nor with one from which a request was answered", async () => {
    const run = await watched({ sensitive }, { recipe: short });
    const again = async (options: Parameters<typeof watched>[0], changes: Parameters<typeof watched>[1]) =>
      expect(watched(options, changes, run.storage)).rejects.toMatchObject({ code: "amnesiac/other-run" });
    await again({ sensitive }, { recipe: { ...short, seed: 6 } });
    await again({ sensitive }, { recipe: short, data: without(samples(), ["s2"]) });
    await again({}, { recipe: short });
    expect(await logHash(run.storage)).toBe(run.artifact.metadata["log"]);
    const { model, artifact, storage, method } = run;
    await unlearn({ model, data: samples(), forget: ["s4"], method, artifact, storage });
    await again({ sensitive }, { recipe: short });
  });

  it("may not be finished yet when a request comes", async () => {
    const storage = memoryStorage();
    const { model, artifact, method } = await watched({ sensitive }, { recipe: short });
    const abort = new AbortController();
    const context = createContext({ signal: abort.signal, onProgress: () => abort.abort() });
    await expect(watched({ sensitive }, { recipe: short, context }, storage)).rejects.toMatchObject({ code: "run/aborted" });
    const early = unlearn({ model, data: samples(), forget: ["s4"], method, artifact, storage });
    await expect(early).rejects.toMatchObject({ code: "amnesiac/other-log" });
  });

  it("of models in shards is refused", async () => {
    const shards = { ...short, order: { kind: "shards", shards: 2 } } as unknown as Recipe;
    const method = (await watched({}, { recipe: short })).method;
    const recorder = method.method.record!(method.options, createContext({ storage: memoryStorage() }));
    const model = untrained().initialise(createRandom(1));
    const begun = recorder.begin({ model, data: samples(), recipe: shards, weights: model.weights, at: { epoch: 0, step: 0 } });
    await expect(begun).rejects.toMatchObject({ code: "amnesiac/unsupported-order" });
  });
});
