import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset, subset, type Dataset } from "../data/index.ts";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { hashWeights, Model } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { blockOf, train, type BlockwiseRecipe, type Recipe, type TrainingSnapshot } from "../train/index.ts";
import { bitsOf } from "./fixtures/walk.ts";
import { openTrajectory } from "./open.ts";
import { trajectoryRecorder, type SnapshotCadence } from "./recorder.ts";
import { memoryStorage, type TrajectoryStorage } from "./storage.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** 22 samples: 3 steps an epoch, the last of 6. */
function data(): Dataset {
  const random = createRandom("points");
  return arrayDataset({
    inputs: Float32Array.from({ length: 44 }, () => random.normal()),
    inputShape: [2],
    labels: Array.from({ length: 22 }, (_, i) => i % 2),
    ids: Array.from({ length: 22 }, (_, i) => `id-${i}`),
  });
}

function model(): Model {
  const network = tf.sequential({
    layers: [
      tf.layers.dense({ name: "hidden", units: 4, inputShape: [2] }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.dense({ name: "classifier", units: 2, activation: "softmax" }),
    ],
  });
  return new Model(network).initialise(createRandom(1));
}

const recipe: Recipe = { seed: 3, epochs: 4, batchSize: 8, optimiser: { kind: "adam" }, schedule: { kind: "cosine", rate: 0.01 } };

type Run = Partial<Parameters<typeof train>[0]> & { readonly every?: SnapshotCadence; readonly storage?: TrajectoryStorage };

function run({ every = { steps: 1 }, storage = memoryStorage(), model: start = model(), ...rest }: Run = {}) {
  const recorder = trajectoryRecorder({ storage, every });
  return train({ model: start, data: data(), recipe, context: createContext(), ...rest, recorder });
}

/** The loss within an epoch is not recorded. */
const withoutLoss = (snapshot: TrainingSnapshot) => ({ ...snapshot, lossSum: 0 });

describe("trajectoryRecorder", () => {
  it("records what a checkpoint after every step would hold, and does not change the training", async () => {
    const checkpoints: TrainingSnapshot[] = [];
    const save = async (snapshot: TrainingSnapshot) => void checkpoints.push(snapshot);
    const plain = await train({ model: model(), data: data(), recipe, context: createContext(), checkpoint: { every: 1, save } });
    const borrowed = model();
    const before = tf.memory().numTensors;
    const { weights, artifact } = await run({ model: borrowed });
    expect(await hashWeights(weights)).toBe(await hashWeights(plain.weights));
    tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
    expect(tf.memory().numTensors).toBe(before);
    const trajectory = artifact!;
    expect(trajectory.length).toBe(13);
    for (let index = 1; index < 13; index++) {
      expect(bitsOf(await trajectory.read(index))).toEqual(bitsOf(withoutLoss(checkpoints[index - 1])));
    }
  });

  it("begins with the start, and knows the samples of each step by their ids", async () => {
    const { artifact } = await run({ every: { steps: 2 } });
    const trajectory = artifact!;
    const start = await trajectory.read(0);
    expect(start.parameters["hidden/kernel"].values).toEqual(await model().parameters["hidden/kernel"].data());
    expect(start.slots["moment1/hidden/kernel"].values.every((value) => value === 0)).toBe(true);
    expect(trajectory.entries.map(({ epoch, step }) => [epoch, step])).toEqual([
      [0, 0],
      [0, 2],
      [1, 1],
      [2, 0],
      [2, 2],
      [3, 1],
      [4, 0],
    ]);
    const order = createRandom(recipe.seed).split("order", 0).permutation(22);
    expect([...(await trajectory.samples(1))]).toEqual(Array.from(order.slice(0, 16)).toSorted((a, b) => a - b));
    expect(await trajectory.firstTouched([`id-${order[0]}`])).toBe(1);
    expect(await trajectory.firstTouched([`id-${order[21]}`])).toBe(2);
    expect(trajectory.ids).toEqual(data().ids);
  });

  it("takes snapshots by epochs, and where a block ends", async () => {
    const byEpoch = (await run({ every: { epochs: 3 } })).artifact!;
    expect(byEpoch.entries.map(({ epoch, step, block }) => [epoch, step, block])).toEqual([
      [0, 0, undefined],
      [3, 0, undefined],
      [4, 0, undefined],
    ]);
    expect(await byEpoch.samples(1)).toHaveLength(22);
    const blockwise: Recipe = { ...recipe, epochs: 2, order: { kind: "blocks", blocks: 3 } };
    const byBlock = (await run({ every: "blocks", recipe: blockwise })).artifact!;
    expect(byBlock.entries.map(({ block }) => block)).toEqual([undefined, 0, 1, 2]);
    const read = await Promise.all([0, 1, 2].map((block) => byBlock.samples(block + 1)));
    for (const [block, positions] of read.entries()) {
      expect(Array.from(positions, (position) => blockOf(blockwise as BlockwiseRecipe, `id-${position}`))).toEqual(
        Array.from(positions, () => block),
      );
    }
    expect(read.reduce((count, { length }) => count + length, 0)).toBe(22);
    expect(await rejectionCode(run({ every: "blocks" }))).toBe("trajectory/bad-cadence");
  });

  it("is gone on with after an interruption, from any of its snapshots, to the same bits", async () => {
    const whole = (await run()).artifact!;
    for (const from of [0, 1, 4, 5]) {
      const storage = memoryStorage();
      const abort = new AbortController();
      const context = createContext({ signal: abort.signal, onProgress: ({ completed }) => completed >= 38 && abort.abort() });
      expect(await rejectionCode(run({ storage, context }))).toBe("run/aborted");
      const interrupted = await openTrajectory(storage);
      expect(interrupted.length).toBe(6);
      const { artifact } = await run({ storage, resume: await interrupted.read(from) });
      expect(artifact!.entries).toEqual(whole.entries);
      expect((await openTrajectory(storage)).entries).toEqual(whole.entries);
    }
  });

  it("refuses a place where another run was recorded, and to go on from where there is no snapshot", async () => {
    const storage = memoryStorage();
    let last: TrainingSnapshot | undefined;
    const save = async (snapshot: TrainingSnapshot) => void (last ??= snapshot);
    await run({ storage, every: { steps: 3 }, checkpoint: { every: 2, save } });
    expect(await rejectionCode(run({ storage, recipe: { ...recipe, seed: 4 } }))).toBe("trajectory/other-run");
    expect(await rejectionCode(run({ storage, data: subset(data(), [1, 2, 3]) }))).toBe("trajectory/other-run");
    expect(await rejectionCode(run({ storage, model: model().initialise(createRandom(2)) }))).toBe("trajectory/other-run");
    expect(await rejectionCode(run({ storage, resume: last }))).toBe("trajectory/not-recorded");
    expect((await openTrajectory(storage)).length).toBe(5);
    for (const every of [{ steps: 0 }, { epochs: 1.5 }]) expect(await rejectionCode(run({ every }))).toBe("trajectory/bad-cadence");
  });

  it("tells what went wrong in the background, at the latest at the end", async () => {
    for (const failing of [2, 13]) {
      let writes = 0;
      const storage = memoryStorage();
      const write = async (name: string, bytes: Uint8Array) => {
        if (++writes > failing) throw new Error("no room");
        await storage.write(name, bytes);
      };
      await expect(run({ storage: { ...storage, write } })).rejects.toThrow("no room");
      expect((await openTrajectory(storage)).length).toBe(failing - 1);
    }
  });

  it("trains on while a snapshot is being written", async () => {
    const storage = memoryStorage();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let steps = 0;
    const write = async (name: string, bytes: Uint8Array) => {
      // The first snapshot hangs until three more steps are taken.
      if (name.startsWith("snapshot") && steps < 3) await held;
      await storage.write(name, bytes);
    };
    const onProgress = () => void (++steps === 3 && release());
    await run({ storage: { ...storage, write }, every: { epochs: 2 }, context: createContext({ onProgress }) });
    expect((await openTrajectory(storage)).length).toBe(3);
  });
});
