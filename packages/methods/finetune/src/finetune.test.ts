import * as tf from "@tensorflow/tfjs";
import { arrayDataset, createContext, createProblem, createTrainedProblem, hashWeights, Model, unlearn, type Dataset } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { finetune, finetuningRecipe, type FinetuneInput } from "./index.ts";
import { softmaxRegression } from "./fixtures/softmax-regression.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const rows = [
  [0.5, -1],
  [1.5, 0.25],
  [-0.75, 2],
  [0.1, 0.9],
  [-1.2, -0.4],
  [2, 1],
];
const labels = [0, 1, 2, 2, 0, 1];
const kernel = [
  [0.3, -0.2, 0.1],
  [-0.5, 0.4, 0.2],
];
const bias = [0.05, -0.1, 0];
const forget = ["1", "4"];
const kept = [0, 2, 3, 5];

const data = (): Dataset => arrayDataset({ inputs: Float32Array.from(rows.flat()), inputShape: [2], labels });

function network(): tf.LayersModel {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2], activation: "softmax", name: "classifier" })] });
  tf.tidy(() => model.setWeights([tf.tensor2d(kernel), tf.tensor1d(bias)]));
  return model;
}

async function finetuned(options: FinetuneInput, from: Dataset = data(), seed = 0) {
  return unlearn({ model: network(), data: from, forget, method: finetune(options), seed });
}

describe("finetune", () => {
  // All retained samples in one batch, so that an epoch is a step and the order plays no part.
  it.each(["constant", "cosine"] as const)("takes the steps of a loop written by hand (%s)", async (schedule) => {
    const options = { epochs: 4, rate: 0.3, momentum: 0.8, weightDecay: 0.01, schedule, batchSize: 10 };
    const { model, report } = await finetuned(options);
    const expected = softmaxRegression({ ...options, rows: kept.map((i) => rows[i]), labels: kept.map((i) => labels[i]), kernel, bias });
    const [actualKernel, actualBias] = model.getWeights().map((tensor) => Array.from(tensor.dataSync()));
    expected.kernel.flat().forEach((value, i) => expect(actualKernel[i]).toBeCloseTo(value, 6));
    expected.bias.forEach((value, i) => expect(actualBias[i]).toBeCloseTo(value, 6));
    expect(report).toMatchObject({ epochs: 4, steps: 4 });
    expect(report["finalLoss"]).toBeCloseTo(expected.losses[3], 6);
  });

  it("never reads a forgotten sample, and reads every other once an epoch", async () => {
    const whole = data();
    const read: string[] = [];
    const watched: Dataset = {
      ...whole,
      read: async (positions) => {
        read.push(...Array.from(positions, (position) => whole.ids[position]));
        return whole.read(positions);
      },
    };
    const { cost } = await finetuned({ epochs: 3, batchSize: 2 }, watched);
    expect(new Set(read)).toEqual(new Set(kept.map(String)));
    expect(cost).toMatchObject({ samplesForward: 12, samplesBackward: 12 });
  });

  it("shuffles by the seed of the request", async () => {
    const run = async (seed: number) => hashWeights(new Model((await finetuned({ epochs: 2, batchSize: 1, rate: 0.5 }, data(), seed)).model).weights);
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it("has the defaults of the published comparison", () => {
    expect(finetune().options).toEqual({ epochs: 5, rate: 0.02, schedule: "constant", momentum: 0.9, weightDecay: 5e-4, batchSize: 64 });
  });

  it("augments as the problem's recipe says, and trains the problem's loss", () => {
    const augmentation = { flip: 0.5 };
    const recipe = { seed: 1, epochs: 1, batchSize: 1, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 1 }, augmentation } as const;
    const trained = createTrainedProblem({ model: new Model(network()), data: data(), recipe, loss: "sigmoid-cross-entropy" });
    const derived = finetuningRecipe(createProblem(trained, Uint32Array.of(1)), finetune({ epochs: 2 }).options, createContext());
    expect(derived).toMatchObject({ augmentation, loss: "sigmoid-cross-entropy", epochs: 2, optimiser: { kind: "sgd", momentum: 0.9 } });
    expect(derived.seed).not.toBe(recipe.seed);
  });

  it("says what was done, one of a thing in the singular", async () => {
    const { message } = await finetuned({ epochs: 1, batchSize: 64 });
    expect(message).toMatch(/^The model was fine-tuned on \d+ samples for 1 epoch \(1 step\)\.$/);
  });

  it("leaves the model as it was when it diverges, and names a lower rate", async () => {
    const model = new Model(network());
    const problem = createProblem(createTrainedProblem({ model, data: data() }), Uint32Array.of(1, 4));
    const { method, options } = finetune({ rate: 1e30, batchSize: 1 });
    const tensors = tf.memory().numTensors;
    const outcome = await method.unlearn(problem, undefined, options, createContext());
    expect(outcome.status).toBe("non-finite");
    expect(outcome.message).toContain("Try a rate of 1e+29.");
    expect(await hashWeights(outcome.weights)).toBe(await model.hash());
    tf.dispose([outcome.weights.parameters, outcome.weights.buffers] as tf.TensorContainer);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("leaves the model as it was when the very last step overflows, which no loss shows", async () => {
    const result = await finetuned({ epochs: 1, rate: 1e39, batchSize: 10 });
    expect(result.status).toBe("non-finite");
    expect(await hashWeights(new Model(result.model).weights)).toBe(await hashWeights(new Model(network()).weights));
  });
});
