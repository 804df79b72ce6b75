import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset, subset, type Dataset } from "../data/index.ts";
import { ensembleOf, hashWeights, Model, shardedNetwork, type Weights } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { hashTree, toHost, type TensorTree } from "../tree/index.ts";
import type { Recipe, ShardOrderOptions } from "./recipe.ts";
import { shardPlaces } from "./shard-assignment.ts";
import { shardStart } from "./shards.ts";
import type { TrainingSnapshot, TrainingState } from "./snapshot.ts";
import { train, trainingSteps } from "./train.ts";

const { layers } = tf;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Everything whose randomness or memory could depend on other shards: dropout, batch norm, augmentation, Adam's count of steps, the schedule. */
const shuffled = {
  seed: 3,
  epochs: 2,
  batchSize: 4,
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 0.02 },
  augmentation: { crop: 1, flip: 0.5 },
} as const satisfies Recipe;
const recipe = { ...shuffled, order: { kind: "shards", shards: 3, slices: 2 } as ShardOrderOptions };

function data(): Dataset {
  const random = createRandom("shards");
  const inputs = Float32Array.from({ length: 30 * 16 }, () => random.normal());
  return arrayDataset({ inputs, inputShape: [4, 4, 1], labels: Array.from({ length: 30 }, (_, i) => i % 3) });
}

const network = () =>
  tf.sequential({
    layers: [
      layers.conv2d({ name: "convolution", filters: 2, kernelSize: 3, inputShape: [4, 4, 1] }),
      layers.batchNormalization({ name: "norm" }),
      layers.flatten({ name: "flatten" }),
      layers.dropout({ name: "dropout", rate: 0.3 }),
      layers.dense({ name: "dense", units: 3, activation: "softmax" }),
    ],
  });

const model = (shards = 3) => new Model(shardedNetwork(network(), { shards })).initialise(createRandom(1));
const places = () => shardPlaces(recipe, data());
const without = (position: number) =>
  subset(
    data(),
    [...Array(30).keys()].filter((each) => each !== position),
  );

async function trained(on: Dataset, by: Recipe = recipe, start = model(by.order?.kind === "shards" ? by.order.shards : 3)): Promise<Weights> {
  return (await train({ model: start, data: on, recipe: by, context: createContext() })).weights;
}

async function hashOfShard({ parameters, buffers }: Weights, shard: number): Promise<string> {
  const own = (tree: TensorTree) => Object.fromEntries(Object.entries(tree).filter(([name]) => name.startsWith(`shard${shard + 1}/`)));
  return hashTree(await toHost({ ...own(parameters), ...own(buffers) }));
}

describe("training by shards", () => {
  it("without a sample is the same in all shards but its own", async () => {
    const gone = places().findIndex(({ shard }) => shard === 1);
    const [whole, reduced] = [await trained(data()), await trained(without(gone))];
    for (const shard of [0, 2]) expect(await hashOfShard(reduced, shard)).toBe(await hashOfShard(whole, shard));
    expect(await hashOfShard(reduced, 1)).not.toBe(await hashOfShard(whole, 1));
  });

  it("of one shard alone, from its own state before a stage, is what the whole training leads to", async () => {
    const start = model();
    const expected = await trained(data());
    const gone = places().findIndex(({ shard, slice }) => shard === 1 && slice === 1);
    const retained = await trained(without(gone));
    let state: TrainingState | undefined;
    for (const [on, whole] of [
      [data(), expected],
      [without(gone), retained],
    ] as const) {
      const stages: number[] = [];
      let hash = "";
      const { constituents } = ensembleOf(start);
      for await (const step of trainingSteps({ model: start, data: on, recipe, context: createContext(), shard: 1, from: state })) {
        expect(Object.keys(step.weights.parameters)).toEqual(Object.keys(constituents[1].parameters));
        if (!step.ends.includes("stage")) continue;
        stages.push(step.stage!);
        const { weights, slots, next } = step;
        const [parameters, buffers, onHost] = [await toHost(weights.parameters), await toHost(weights.buffers), await toHost(slots)];
        if (step.stage === 0) state = { ...next, lossSum: 0, parameters, buffers, slots: onHost };
        hash = await hashOfShard(weights, 1);
      }
      // The second time, the first slice's stage is not gone through again.
      expect(stages).toEqual(on.size === 30 ? [0, 1] : [1]);
      expect(hash).toBe(await hashOfShard(whole, 1));
    }
    expect(state!.epoch).toBe(shardStart(recipe, 1).epoch + 1);
  });

  it("of one shard and one slice is plain training of the network, to the bit", async () => {
    const one = model(1);
    const plain = new Model(network()).initialise(createRandom(1));
    const values = async ({ parameters, buffers }: Weights) => Object.values(await toHost({ ...parameters, ...buffers })).map((each) => each.values);
    const [ensemble, alone] = [
      await trained(data(), { ...shuffled, order: { kind: "shards", shards: 1 } }, one),
      await trained(data(), shuffled, plain),
    ];
    const expected = await values(alone);
    expect((await values(ensemble)).slice(0, expected.length)).toEqual(expected);
  });

  it("goes on where it was interrupted", async () => {
    const undisturbed = await trained(data());
    for (const at of [1, 4, 9]) {
      const abort = new AbortController();
      let saved: TrainingSnapshot | undefined;
      const checkpoint = { every: 1, save: async (snapshot: TrainingSnapshot) => void (saved = snapshot) };
      let steps = 0;
      const context = createContext({ signal: abort.signal, onProgress: () => ++steps === at && abort.abort() });
      await expect(train({ model: model(), data: data(), recipe, context, checkpoint })).rejects.toMatchObject({ code: "run/aborted" });
      const { weights } = await train({ model: model(), data: data(), recipe, context: createContext(), resume: saved });
      expect(await hashWeights(weights)).toBe(await hashWeights(undisturbed));
    }
  });

  it("says in the aggregate how many samples each constituent has", async () => {
    const bySize = { ...recipe, order: { ...recipe.order, weighting: "size" } as const };
    const { buffers } = await trained(data(), bySize);
    const sizes = [0, 1, 2].map((shard) => places().filter((place) => place.shard === shard).length);
    expect(Array.from(buffers["aggregate/weights"].dataSync())).toEqual(sizes);
  });

  it("leaves no tensors but the weights", async () => {
    const start = model();
    const before = tf.memory().numTensors;
    const weights = await trained(data(), recipe, start);
    expect(tf.memory().numTensors - before).toBe(Object.keys({ ...weights.parameters, ...weights.buffers }).length);
  });

  it("is refused for a network that does not go with the recipe", async () => {
    const attempt = (start: Model, order: ShardOrderOptions = recipe.order) => trained(data(), { ...recipe, order }, start);
    await expect(attempt(new Model(network()))).rejects.toMatchObject({ code: "model/not-sharded" });
    await expect(attempt(model(2))).rejects.toMatchObject({ code: "train/other-shards", details: { shards: 2 } });
    await expect(attempt(model(), { ...recipe.order, aggregation: "vote" })).rejects.toMatchObject({ code: "train/other-shards" });
    const steps = (shard: number, by: Recipe) => trainingSteps({ model: model(), data: data(), recipe: by, context: createContext(), shard }).next();
    await expect(steps(3, recipe)).rejects.toMatchObject({ code: "train/no-such-shard" });
    await expect(steps(0, shuffled)).rejects.toMatchObject({ code: "train/no-such-shard" });
  });
});
