import * as tf from "@tensorflow/tfjs";
import { createContext, memoryStorage, train, type ContentStorage, type TrainingRecorder, type TrainingSnapshot } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { contents, copied, recipe, samples, untrained, watched, type Watched } from "./fixtures/training.ts";
import { sisa } from "./index.ts";

let undisturbed: Watched;

beforeAll(async () => {
  await tf.setBackend("cpu");
  undisturbed = await watched();
});

const method = sisa();
const recorder = (storage: ContentStorage) =>
  method.method.record!(method.options, createContext({ storage })) as TrainingRecorder<Watched["artifact"]>;
const run = { data: samples(), recipe };

/** Trains until a number of samples have been read; the last checkpoint of the training itself. */
async function interrupted(storage: ContentStorage, samplesRead: number): Promise<TrainingSnapshot> {
  const abort = new AbortController();
  let saved: TrainingSnapshot | undefined;
  const checkpoint = { every: 1000, save: async (snapshot: TrainingSnapshot) => void (saved = snapshot) };
  const context = createContext({ signal: abort.signal, onProgress: ({ completed }) => completed >= samplesRead && abort.abort() });
  const training = train({ ...run, model: untrained(), context, recorder: recorder(storage), checkpoint });
  await expect(training).rejects.toMatchObject({ code: "run/aborted" });
  return saved!;
}

describe("a training that is watched", () => {
  it("has a checkpoint from before each shard and after each of its stages", async () => {
    const found = await contents(undisturbed.storage);
    expect(found.map((shard) => shard.map(([stage]) => stage))).toEqual(Array(3).fill([undefined, 0, 1, 2]));
    const plain = await train({ ...run, model: untrained(), context: createContext() });
    expect(await untrained().copy(plain.weights).hash()).toBe(undisturbed.hash);
  });

  it("is gone on with where it was interrupted, and leaves the same artifact", async () => {
    for (const samplesRead of [4, 40, 70, 130]) {
      const storage = memoryStorage();
      const resume = await interrupted(storage, samplesRead);
      const { weights, artifact } = await train({ ...run, model: untrained(), context: createContext(), resume, recorder: recorder(storage) });
      expect(await untrained().copy(weights).hash()).toBe(undisturbed.hash);
      expect(artifact).toEqual(undisturbed.artifact);
    }
  });

  it("is taken up from an earlier moment than it was interrupted at, or begun again, in the same place", async () => {
    const storage = memoryStorage();
    const early = await interrupted(memoryStorage(), 40);
    await interrupted(storage, 130);
    const again = await copied(storage);
    expect((await train({ ...run, model: untrained(), context: createContext(), resume: early, recorder: recorder(storage) })).artifact).toEqual(
      undisturbed.artifact,
    );
    expect((await train({ ...run, model: untrained(), context: createContext(), recorder: recorder(again) })).artifact).toEqual(undisturbed.artifact);
  });

  it("is refused a place that lacks its checkpoints or holds others", async () => {
    const resume = await interrupted(memoryStorage(), 130);
    const resumed = (storage: ContentStorage) => train({ ...run, model: untrained(), context: createContext(), resume, recorder: recorder(storage) });
    await expect(resumed(memoryStorage())).rejects.toMatchObject({ code: "sisa/not-recorded" });
    const early = memoryStorage();
    await interrupted(early, 40);
    await expect(resumed(early)).rejects.toMatchObject({ code: "sisa/not-recorded" });
    const other = { ...recipe, batchSize: 5 };
    const storage = await copied(undisturbed.storage);
    const training = train({ ...run, recipe: other, model: untrained(), context: createContext(), recorder: recorder(storage) });
    await expect(training).rejects.toMatchObject({ code: "sisa/other-run" });
    const elsewhere = untrained();
    elsewhere.network.setWeights(undisturbed.network.getWeights());
    await expect(train({ ...run, model: elsewhere, context: createContext(), recorder: recorder(storage) })).rejects.toMatchObject({
      code: "sisa/other-run",
    });
  });
});
