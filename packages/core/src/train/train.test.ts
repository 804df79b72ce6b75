import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset, type Dataset } from "../data/index.ts";
import { aborted } from "../errors/index.ts";
import { encodeSafetensors } from "../io/index.ts";
import { hashWeights, Model } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { createOptimiser } from "./optimiser.ts";
import type { TrainingRecorder } from "./recorder.ts";
import type { OptimiserOptions, Recipe } from "./recipe.ts";
import { learningRate } from "./schedule.ts";
import { decodeSnapshot, encodeSnapshot, type TrainingSnapshot } from "./snapshot.ts";
import { train } from "./train.ts";

const { layers } = tf;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Two interleaved rings of images, so that there is something to learn; 43 samples, so that the last batch is short. */
function data(): Dataset {
  const random = createRandom("rings");
  const labels = Array.from({ length: 43 }, (_, i) => i % 3);
  const inputs = new Float32Array(43 * 16);
  labels.forEach((label, n) => {
    for (let i = 0; i < 16; i++) inputs[n * 16 + i] = Math.sin(i * (label + 1)) + 0.3 * random.normal();
  });
  return arrayDataset({ inputs, inputShape: [4, 4, 1], labels });
}

function model(activation: "softmax" | "linear" = "softmax"): Model {
  const network = tf.sequential({
    layers: [
      layers.conv2d({ name: "convolution", filters: 3, kernelSize: 3, inputShape: [4, 4, 1] }),
      layers.batchNormalization({ name: "norm" }),
      layers.reLU({ name: "relu" }),
      layers.flatten({ name: "flatten" }),
      layers.dropout({ name: "dropout", rate: 0.2 }),
      layers.dense({ name: "dense", units: 3, activation }),
    ],
  });
  return new Model(network).initialise(createRandom(1));
}

const recipe: Recipe = {
  seed: 5,
  epochs: 3,
  batchSize: 8,
  optimiser: { kind: "sgd", momentum: 0.9, weightDecay: 1e-4 },
  schedule: { kind: "cosine", rate: 0.1 },
  augmentation: { crop: 1, flip: 0.5 },
};

const adam: Recipe = { ...recipe, optimiser: { kind: "adam" }, schedule: { kind: "exponential", rate: 0.01, factor: 0.9, warmUp: 1 } };

const blockwise: Recipe = { ...adam, order: { kind: "blocks", blocks: 4 } };

async function finalHash(options: Partial<Parameters<typeof train>[0]> = {}): Promise<string> {
  const { weights } = await train({ model: model(), data: data(), recipe, context: createContext(), ...options });
  return hashWeights(weights);
}

describe("train", () => {
  it("learns", async () => {
    // Flipped or moved, these patterns would mean another class.
    const plain: Recipe = { ...recipe, epochs: 8, augmentation: {} };
    const { losses } = await train({ model: model(), data: data(), recipe: plain, context: createContext() });
    expect(losses).toHaveLength(8);
    expect(losses[7]).toBeLessThan(0.6 * losses[0]);
  });

  it.each([recipe, adam])("gives the same bits for the same seed, and others for another ($optimiser.kind)", async (each) => {
    expect(await finalHash({ recipe: each })).toBe(await finalHash({ recipe: each }));
    expect(await finalHash({ recipe: each })).not.toBe(await finalHash({ recipe: { ...each, seed: 6 } }));
  });

  it.each([recipe, adam, blockwise])(
    "resumes from every checkpoint, through bytes, to the same bits ($optimiser.kind, $order.kind)",
    async (each) => {
      const files: Uint8Array[] = [];
      const save = async (snapshot: TrainingSnapshot) => void files.push(encodeSnapshot(snapshot));
      const undisturbed = await finalHash({ recipe: each, checkpoint: { every: 4, save } });
      expect(files.length).toBeGreaterThanOrEqual(4);
      for (const file of files) expect(await finalHash({ recipe: each, resume: decodeSnapshot(file) })).toBe(undisturbed);
    },
  );

  it.each([recipe, blockwise])("leaves a snapshot when it is interrupted, and goes on from there ($order.kind)", async (each) => {
    const undisturbed = await finalHash({ recipe: each });
    const abort = new AbortController();
    let last: TrainingSnapshot | undefined;
    const context = createContext({ signal: abort.signal, onProgress: ({ completed }) => completed >= 60 && abort.abort() });
    const checkpoint = { every: 1000, save: async (snapshot: TrainingSnapshot) => void (last = snapshot) };
    await expect(finalHash({ recipe: each, context, checkpoint })).rejects.toMatchObject({ code: "run/aborted" });
    expect(last!.epoch).toBeGreaterThan(0);
    expect(await finalHash({ recipe: each, resume: last })).toBe(undisturbed);
  });

  it("does not repeat a step when the recorder was interrupted after it", async () => {
    const undisturbed = await finalHash();
    // The second step of an epoch, and the last, after which the epoch has not been closed yet.
    for (const stopAt of [2, 6]) {
      let taken = 0;
      let saved: TrainingSnapshot | undefined;
      let cancelled = false;
      const recorder: TrainingRecorder<undefined> = {
        begin: async () => undefined,
        step: async () => {
          taken += 1;
          if (taken === stopAt) throw aborted();
        },
        finish: async () => undefined,
        cancel: async () => void (cancelled = true),
      };
      const checkpoint = { every: 1000, save: async (snapshot: TrainingSnapshot) => void (saved = snapshot) };
      await expect(train({ model: model(), data: data(), recipe, context: createContext(), recorder, checkpoint })).rejects.toMatchObject({
        code: "run/aborted",
      });
      expect(cancelled).toBe(true);
      expect(await finalHash({ resume: decodeSnapshot(encodeSnapshot(saved!)) })).toBe(undisturbed);
    }
  });

  it("refuses data that the model cannot take, and damaged snapshots", async () => {
    const wide = arrayDataset({ inputs: new Float32Array(16), inputShape: [4, 4, 1], labels: [4] });
    await expect(finalHash({ data: wide })).rejects.toMatchObject({ code: "problem/class-count" });
    const damaged = encodeSafetensors({}, { format: "lethe-training-snapshot-1", state: "{}" });
    expect(() => decodeSnapshot(damaged)).toThrow(expect.objectContaining({ code: "train/not-a-snapshot" }));
  });

  it("refuses a snapshot of another run", async () => {
    let snapshot: TrainingSnapshot | undefined;
    await finalHash({ checkpoint: { every: 5, save: async (each) => void (snapshot = each) } });
    await expect(finalHash({ resume: snapshot, recipe: { ...recipe, batchSize: 9 } })).rejects.toMatchObject({ code: "train/other-run" });
    await expect(finalHash({ resume: snapshot, model: model("linear") })).rejects.toMatchObject({ code: "train/other-run" });
  });

  it("changes neither the model nor the number of tensors", async () => {
    const start = model();
    const before = await start.hash();
    const tensors = tf.memory().numTensors;
    const { weights } = await train({ model: start, data: data(), recipe, context: createContext() });
    tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(await start.hash()).toBe(before);
  });

  it("says so when the loss is no longer finite, and keeps no tensor", async () => {
    const start = model();
    const tensors = tf.memory().numTensors;
    const wild: Recipe = { ...recipe, schedule: { kind: "constant", rate: 1e30 } };
    await expect(train({ model: start, data: data(), recipe: wild, context: createContext() })).rejects.toMatchObject({ code: "train/non-finite" });
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("looks at the weights after the last step, which no loss has seen", async () => {
    const once: Recipe = { ...recipe, epochs: 1, batchSize: 43, schedule: { kind: "constant", rate: 1e39 } };
    await expect(finalHash({ recipe: once })).rejects.toMatchObject({ code: "train/non-finite" });
  });

  it("minds the regularisers of layers, and does not mind their constraints, as tfjs's own training", async () => {
    const network = tf.sequential({
      layers: [
        layers.dense({
          units: 2,
          inputShape: [16],
          kernelRegularizer: tf.regularizers.l2({ l2: 0.05 }),
          biasRegularizer: tf.regularizers.l1({ l1: 0.01 }),
        }),
        tf.sequential({
          layers: [layers.dense({ units: 3, inputShape: [2], activation: "softmax", kernelConstraint: tf.constraints.maxNorm({ maxValue: 0.5 }) })],
        }),
      ],
    });
    const model = new Model(network).initialise(createRandom(1));
    const theirs = model.copy().network;
    theirs.compile({ optimizer: tf.train.sgd(0.1), loss: "sparseCategoricalCrossentropy" });
    const { inputs, labels } = await data().read([...Array(43).keys()]);
    await theirs.fit(tf.tensor(inputs.values as Float32Array, [43, 16]), tf.tensor1d(Float32Array.from(labels)), {
      epochs: 5,
      batchSize: 43,
      shuffle: false,
    });
    const flat = arrayDataset({ inputs: inputs.values as Float32Array, inputShape: [16], labels });
    const plain: Recipe = { seed: 1, epochs: 5, batchSize: 43, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } };
    const { weights } = await train({ model, data: flat, recipe: plain, context: createContext() });
    Object.values(weights.parameters).forEach((tensor, i) => {
      const expected = theirs.getWeights()[i].dataSync();
      tensor.dataSync().forEach((value, at) => expect(value).toBeCloseTo(expected[at], 5));
    });
  });

  it("tells a recorder every step, with positions that cover each epoch once", async () => {
    const seen: number[][] = [];
    let begun = 0;
    const recorder: TrainingRecorder<number> = {
      begin: async ({ data: trainedOn }) => void (begun += trainedOn.size),
      step: async ({ epoch, indices }) => void (seen[epoch] ??= []).push(...indices),
      finish: async () => seen.length,
    };
    const { artifact } = await train({ model: model(), data: data(), recipe, context: createContext(), recorder });
    expect(artifact).toBe(3);
    expect(begun).toBe(43);
    expect(seen.map((each) => each.toSorted((a, b) => a - b))).toEqual(Array(3).fill([...Array(43).keys()]));
  });

  it.each([
    { epochs: -1 },
    { batchSize: 0 },
    { seed: undefined },
    { schedule: { kind: "constant", rate: Number.NaN } },
    { schedule: { kind: "step", rate: 0.1 } },
    { schedule: { kind: "exponential", rate: 0.1 } },
    { schedule: { kind: "linear", rate: 0.1 } },
    { optimiser: { kind: "sgd", nesterov: true } },
    { optimiser: { kind: "sgd", momentun: 0.9 } },
    { optimiser: { kind: "adam", beta1: "0.9" } },
    { optimizer: { kind: "sgd" } },
    { augmentation: { flip: 2 } },
    { order: { kind: "blocks" } },
    { order: { kind: "blocks", blocks: 2.5 } },
    { order: { kind: "sorted", blocks: 2 } },
    { order: "blocks" },
    { loss: "mse" },
  ] as unknown as Partial<Recipe>[])("refuses %o", async (change) => {
    await expect(finalHash({ recipe: { ...recipe, ...change } })).rejects.toMatchObject({ code: "recipe/invalid" });
  });
});

describe("schedules", () => {
  it.each([
    [{ kind: "constant", rate: 0.2 }, 7, 0.2],
    [{ kind: "constant", rate: 0.2, warmUp: 2 }, 0.5, 0.05],
    [{ kind: "step", rate: 1, milestones: [3, 6], factor: 0.1 }, 2.99, 1],
    [{ kind: "step", rate: 1, milestones: [3, 6], factor: 0.1 }, 6, 0.01],
    [{ kind: "cosine", rate: 1, final: 0.5 }, 5, 0.75],
    [{ kind: "exponential", rate: 1, factor: 0.5 }, 2.9, 0.25],
  ] as const)("%o at %f", (schedule, time, expected) => {
    expect(learningRate(schedule, time, 10)).toBeCloseTo(expected, 12);
  });
});

describe("optimisers against a plain loop over numbers", () => {
  const gradients = [0.5, -1, 0.25, 2];

  function run(options: OptimiserOptions): number {
    return tf.tidy(() => {
      const optimiser = createOptimiser(options);
      let state = { parameters: { p: tf.scalar(1) } as tf.NamedTensorMap, slots: {} as tf.NamedTensorMap };
      state.slots = { ...optimiser.start(state.parameters) };
      gradients.forEach((gradient, step) => {
        state = optimiser.update(state, { p: tf.scalar(gradient) }, 0.1, step) as typeof state;
      });
      return state.parameters["p"].dataSync()[0];
    });
  }

  it.each(["off", "on"] as const)("sgd with momentum and decay, Nesterov %s", (nesterov) => {
    let p = 1;
    let v = 0;
    for (const gradient of gradients) {
      const g = gradient + 0.01 * p;
      v = 0.9 * v + g;
      p -= 0.1 * (nesterov === "on" ? g + 0.9 * v : v);
    }
    expect(run({ kind: "sgd", momentum: 0.9, weightDecay: 0.01, nesterov })).toBeCloseTo(p, 6);
  });

  it("adam", () => {
    let p = 1;
    let m = 0;
    let v = 0;
    gradients.forEach((gradient, step) => {
      const g = gradient + 0.01 * p;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      p -= (0.1 * (m / (1 - 0.9 ** (step + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (step + 1))) + 1e-8);
    });
    expect(run({ kind: "adam", weightDecay: 0.01 })).toBeCloseTo(p, 5);
  });
});
