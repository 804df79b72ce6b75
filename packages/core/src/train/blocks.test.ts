import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset, subset, type Dataset } from "../data/index.ts";
import { hashWeights, Model } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { cloneTree, disposeTree, toHost } from "../tree/index.ts";
import { blockOf } from "./blocks.ts";
import type { Recipe } from "./recipe.ts";
import type { TrainingState } from "./snapshot.ts";
import { train, trainingSteps } from "./train.ts";

const { layers } = tf;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Everything whose randomness could depend on what other blocks hold: dropout, augmentation, Adam's count of steps, the schedule. */
const recipe = {
  seed: 3,
  epochs: 2,
  batchSize: 4,
  order: { kind: "blocks", blocks: 4 },
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 0.02 },
  augmentation: { crop: 1, flip: 0.5 },
} as const satisfies Recipe;

function data(): Dataset {
  const random = createRandom("blocks");
  const inputs = Float32Array.from({ length: 30 * 16 }, () => random.normal());
  return arrayDataset({ inputs, inputShape: [4, 4, 1], labels: Array.from({ length: 30 }, (_, i) => i % 3) });
}

function model(): Model {
  const network = tf.sequential({
    layers: [
      layers.conv2d({ name: "convolution", filters: 2, kernelSize: 3, inputShape: [4, 4, 1] }),
      layers.batchNormalization({ name: "norm" }),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ name: "dense", units: 3 }),
    ],
  });
  return new Model(network).initialise(createRandom(1));
}

const without = (all: Dataset, block: number, keep = 0) => {
  const gone = all.ids.filter((id) => blockOf(recipe, id) === block).slice(keep);
  const left = Array.from(all.ids.keys()).filter((position) => !gone.includes(all.ids[position]));
  return subset(all, left);
};

async function trained(on: Dataset): Promise<string> {
  const { weights } = await train({ model: model(), data: on, recipe, context: createContext() });
  return hashWeights(weights);
}

/** The state at the end of a block. */
async function stateAfter(block: number, on: Dataset): Promise<TrainingState> {
  for await (const step of trainingSteps({ model: model(), data: on, recipe, context: createContext() })) {
    if (step.block !== block || !step.ends.includes("block")) continue;
    const { weights, slots, next } = step;
    return { ...next, lossSum: 0, parameters: await toHost(weights.parameters), buffers: await toHost(weights.buffers), slots: await toHost(slots) };
  }
  throw new Error(`Block ${block} has no samples.`);
}

describe("training by blocks", () => {
  // All but one sample of the block, and all of them.
  it.each([1, 0])("without samples of one block (%i kept) is what follows from the state before that block", async (keep) => {
    const reduced = without(data(), 2, keep);
    expect(reduced.size).toBeLessThan(28);
    const from = await stateAfter(1, data());
    let hash = "";
    const blocks = new Set<number | undefined>();
    for await (const step of trainingSteps({ model: model(), data: reduced, recipe, context: createContext(), from })) {
      blocks.add(step.block);
      if (!step.ends.includes("run")) continue;
      const kept = { parameters: cloneTree(step.weights.parameters), buffers: cloneTree(step.weights.buffers) };
      hash = await hashWeights(kept);
      disposeTree(kept.parameters);
      disposeTree(kept.buffers);
    }
    expect([...blocks]).toEqual(keep === 0 ? [3] : [2, 3]);
    expect(hash).toBe(await trained(reduced));
    expect(hash).not.toBe(await trained(data()));
  });

  it("is over when asked to stop, and keeps nothing", async () => {
    const start = model();
    const tensors = tf.memory().numTensors;
    for await (const step of trainingSteps({ model: start, data: data(), recipe, context: createContext() })) if (step.taken === 2) break;
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
