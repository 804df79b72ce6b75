import * as tf from "@tensorflow/tfjs";
import { memoryStorage, Model, openTrajectory, unlearn, type Artifact, type ContentStorage } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { inBlock, samples, trainedOn, untrained, watched, without } from "./fixtures/training.ts";
import { deepObliviate, recoverRecorded } from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const forget = [inBlock(6)[0]];
const options = { threshold: 0 };

async function copyOf(storage: ContentStorage): Promise<ContentStorage> {
  const copy = memoryStorage();
  for (const name of await storage.names()) await copy.write(name, await storage.read(name));
  return copy;
}

/** Dies at a change of the given number, before or after it; no change after it does anything. */
function dying(storage: ContentStorage, atChange: number, moment: "before" | "after"): { readonly storage: ContentStorage; isDead: boolean } {
  let changes = 0;
  const change = async (body: () => Promise<void>) => {
    changes += 1;
    if (changes < atChange) return body();
    if (changes === atChange && moment === "after") await body();
    state.isDead = true;
    throw new Error("killed");
  };
  const state = {
    isDead: false,
    storage: {
      ...storage,
      write: (name: string, bytes: Uint8Array) => change(() => storage.write(name, bytes)),
      remove: (name: string) => change(() => storage.remove(name)),
    },
  };
  return state;
}

const hashOf = (network: tf.LayersModel) => new Model(network).hash();

describe("recoverRecorded", () => {
  it("gives the model and the artifact of the training, or of the request, wherever in its changes of the storage the program ends", async () => {
    const recorded = memoryStorage();
    const { network, artifact } = await watched(samples(), options, recorded);
    const request = { model: network, data: samples(), forget, method: deepObliviate(options), artifact };
    const whole = await unlearn({ ...request, storage: await copyOf(recorded) });
    const expected = { old: [await hashOf(network), artifact], new: [await hashOf(whole.model), whole.artifact] } as const;
    const seen = new Set<string>();
    for (const moment of ["before", "after"] as const) {
      for (let change = 1; ; change++) {
        const storage = await copyOf(recorded);
        const dead = dying(storage, change, moment);
        await unlearn({ ...request, storage: dead.storage }).catch((error: Error) => expect(error.message).toBe("killed"));
        const recovered = await recoverRecorded(storage, untrained());
        const [side] = Object.entries(expected).find(([, [hash]]) => hash === recovered.artifact.model)!;
        seen.add(side);
        const [hash, left] = expected[side as keyof typeof expected];
        expect(await hashOf(recovered.model)).toBe(hash);
        expect(recovered.artifact).toEqual(left);
        expect(recovered.ids).toEqual(side === "old" ? samples().ids : without(samples(), forget).ids);
        expect(await storage.names()).toHaveLength(10);
        if (!dead.isDead) break;
      }
    }
    expect(seen).toEqual(new Set(["old", "new"]));
  });

  it("gives what further requests begin from", async () => {
    const storage = memoryStorage();
    const { network, artifact } = await watched(samples(), options, storage);
    const method = deepObliviate(options);
    await unlearn({ model: network, data: samples(), forget, method, artifact, storage });
    await expect(unlearn({ model: network, data: samples(), forget, method, artifact, storage })).rejects.toMatchObject({
      code: "deep-obliviate/other-trajectory",
      message: expect.stringContaining("recoverRecorded"),
    });
    const recovered = await recoverRecorded(storage, network);
    const data = without(samples(), forget);
    const second = [inBlock(7)[0]];
    const { model } = await unlearn({ model: recovered.model, data, forget: second, method, artifact: recovered.artifact, storage });
    const oracle = await trainedOn(without(data, second), memoryStorage());
    expect(await hashOf(model)).toBe(await oracle.model.hash());
  });

  it("tells which old snapshots were destroyed only now, and a request tells it of those that opening found", async () => {
    const storage = memoryStorage();
    const { network, artifact, method } = await watched(samples(), options, storage);
    const remove = () => Promise.reject(new Error("in use"));
    const first = await unlearn({ model: network, data: samples(), forget, method, artifact, storage: { ...storage, remove } });
    const left = first.report["undestroyed"] as { index: number; file: string; reason: string }[];
    expect(left.map(({ index, reason }) => [index, reason])).toEqual([7, 8].map((index) => [index, "in use"]));
    expect(first.report["destroyed"]).toEqual([]);
    expect(first.message).toContain("2 files of old snapshots could not be removed");
    const copy = await copyOf(storage);
    const files = left.map(({ file }) => file).toSorted();
    expect((await recoverRecorded(copy, network)).destroyed.map(({ file }) => file).toSorted()).toEqual(files);
    const again = { model: first.model, data: without(samples(), forget), forget: [inBlock(7)[0]], method, artifact: first.artifact as Artifact };
    const second = await unlearn({ ...again, storage });
    const destroyed = (second.report["destroyed"] as { file: string }[]).map(({ file }) => file);
    expect(destroyed).toEqual(expect.arrayContaining(files));
    expect(destroyed).toHaveLength(3);
    expect(second.report["undestroyed"]).toEqual([]);
  });

  it("says what is missing", async () => {
    const storage = memoryStorage();
    await watched(samples(), options, storage);
    const other = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    await expect(recoverRecorded(storage, other)).rejects.toMatchObject({ code: "deep-obliviate/other-model" });
    await (await openTrajectory(storage)).truncate(5);
    await expect(recoverRecorded(storage, untrained())).rejects.toMatchObject({ code: "deep-obliviate/unfinished", details: { block: 3, last: 7 } });
    await expect(recoverRecorded(memoryStorage(), untrained())).rejects.toMatchObject({ code: "trajectory/none" });
  });
});
