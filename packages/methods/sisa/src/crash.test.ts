import * as tf from "@tensorflow/tfjs";
import { createContext, Model, train, unlearn, memoryStorage, type ContentStorage, type TrainingRecorder } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { contents, copied, inSlice, recipe, samples, untrained, watched, without, type Watched } from "./fixtures/training.ts";
import { sisa } from "./index.ts";

/** Of few steps: there are many ways to die. */
const by = { ...recipe, batchSize: 48, epochs: 2 } as never as typeof recipe;

let run: Watched;
let oracle: Watched;
const ids = () => [inSlice(0, 1)[0], inSlice(1, 2)[0], inSlice(2, 2)[0]];

beforeAll(async () => {
  await tf.setBackend("cpu");
  run = await watched(samples(), memoryStorage(), by);
  oracle = await watched(without(samples(), ids()), memoryStorage(), by);
});

const power = new Error("The power went out.");

/** Writes and removes so many times, and nothing after that. A request whose new checkpoints all count does not mind that the old ones stay. */
function dying(storage: ContentStorage, changes: number): ContentStorage & { readonly left: () => number } {
  let left = changes;
  const spend = () => {
    if (left === 0) throw power;
    left -= 1;
  };
  return {
    ...storage,
    write: async (name, bytes) => {
      spend();
      return storage.write(name, bytes);
    },
    remove: async (name) => {
      spend();
      return storage.remove(name);
    },
    left: () => left,
  };
}

const request = (storage: ContentStorage) =>
  unlearn({ model: run.network, data: samples(), forget: ids(), method: sisa(), artifact: run.artifact, storage });

describe("a program that dies", () => {
  it("at any change of a request leaves checkpoints from which the same request is answered", async () => {
    const counting = dying(await copied(run.storage), 1000);
    await request(counting);
    const changes = 1000 - counting.left();
    expect(changes).toBeGreaterThan(10);
    const answeredBefore = new Set<string>();
    for (let at = 0; at < changes; at++) {
      const storage = await copied(run.storage);
      await request(dying(storage, at)).catch((error: unknown) => expect(error).toBe(power));
      const { model, artifact, report } = await request(storage);
      expect(await new Model(model).hash()).toBe(oracle.hash);
      expect(artifact!.metadata["trajectories"]).toEqual(oracle.artifact.metadata["trajectories"]);
      expect(await contents(storage)).toEqual(await contents(oracle.storage));
      answeredBefore.add(JSON.stringify(report["answeredBefore"]));
    }
    // The last shard is replaced first.
    expect([...answeredBefore]).toEqual(["[]", "[2]", "[1,2]", "[0,1,2]"]);
  });

  it("may have been asked to forget more the next time, but not other samples", async () => {
    const counting = dying(await copied(run.storage), 1000);
    await request(counting);
    let found = 0;
    for (let at = 999 - counting.left(); at >= 0 && found === 0; at--) {
      const storage = await copied(run.storage);
      const isOver = await request(dying(storage, at)).then(
        () => true,
        () => false,
      );
      if (isOver) continue;
      const more = [...ids(), inSlice(2, 1)[0]];
      const next = { model: run.network, data: samples(), method: sisa(), artifact: run.artifact, storage };
      const others = unlearn({ ...next, storage: await copied(storage), forget: [inSlice(0, 0)[0]] });
      await expect(others).rejects.toMatchObject({ code: "sisa/other-checkpoints" });
      const { model } = await unlearn({ ...next, forget: more });
      expect(await new Model(model).hash()).toBe((await watched(without(samples(), more), memoryStorage(), by)).hash);
      found += 1;
    }
    expect(found).toBe(1);
  });

  it("at any change of a training leaves a place in which it can be begun again", async () => {
    const method = sisa();
    const recorder = (storage: ContentStorage) =>
      method.method.record!(method.options, createContext({ storage })) as TrainingRecorder<Watched["artifact"]>;
    const training = (storage: ContentStorage) =>
      train({ model: untrained(by), data: samples(), recipe: by, context: createContext(), recorder: recorder(storage) });
    for (const at of [0, 1, 2, 3, 5, 6, 9]) {
      const storage = memoryStorage();
      await expect(training(dying(storage, at))).rejects.toBe(power);
      expect((await training(storage)).artifact).toEqual(run.artifact);
    }
  });
});
