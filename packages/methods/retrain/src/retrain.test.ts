import * as tf from "@tensorflow/tfjs";
import {
  arrayDataset,
  createContext,
  createProblem,
  createRandom,
  createTrainedProblem,
  hashWeights,
  Model,
  subset,
  train,
  unlearn,
  type Dataset,
  type Recipe,
} from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { retrain, type RetrainInput } from "./index.ts";

const { layers } = tf;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const recipe: Recipe = {
  seed: 11,
  epochs: 3,
  batchSize: 4,
  optimiser: { kind: "sgd", momentum: 0.9, weightDecay: 1e-3 },
  schedule: { kind: "cosine", rate: 0.05, warmUp: 1 },
  augmentation: { crop: 1, flip: 0.5 },
};

/** Everything whose randomness could go astray: initial weights, dropout, batch statistics, augmentation. */
function network(): tf.LayersModel {
  return tf.sequential({
    layers: [
      layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 1] }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
}

function images(size = 14): Dataset {
  const random = createRandom("images");
  const labels = Array.from({ length: size }, (_, i) => i % 3);
  return arrayDataset({ inputs: Float32Array.from({ length: size * 25 }, () => random.normal()), inputShape: [5, 5, 1], labels });
}

const forget = ["2", "5", "9"];
const retained = (data: Dataset) =>
  subset(
    data,
    [...data.ids.keys()].filter((position) => !forget.includes(data.ids[position])),
  );

/** Hash of the weights after training on D_r directly. */
async function trainedDirectly(architecture: Model, data: Dataset, by: Recipe): Promise<string> {
  const { weights } = await train({
    model: architecture.initialise(createRandom(by.seed)),
    data: retained(data),
    recipe: by,
    context: createContext(),
  });
  return hashWeights(weights);
}

async function retrained(model: tf.LayersModel, data: Dataset, options?: RetrainInput, by: Recipe = recipe, seed = 0) {
  const result = await unlearn({ model, data, forget, recipe: by, method: retrain(options), seed });
  return { ...result, hash: await hashWeights(new Model(result.model).weights) };
}

describe("retrain", () => {
  it("is training on the retained data, to the bit", async () => {
    const model = network();
    const { status, hash, report } = await retrained(model, images());
    expect(status).toBe("completed");
    expect(hash).toBe(await trainedDirectly(new Model(model), images(), recipe));
    expect(report).toMatchObject({ epochs: 3, steps: 9, seed: 11, finalLoss: expect.any(Number) });
  });

  it("takes another seed for an oracle and none from the request", async () => {
    const model = network();
    const { hash } = await retrained(model, images(), { seed: "oracle 1" });
    expect(hash).toBe(await trainedDirectly(new Model(model), images(), { ...recipe, seed: "oracle 1" }));
    expect(hash).not.toBe((await retrained(model, images())).hash);
    expect((await retrained(model, images(), {}, recipe, 99)).hash).toBe((await retrained(model, images())).hash);
  });

  it("never reads a forgotten sample", async () => {
    const data = images();
    const guarded: Dataset = {
      ...data,
      read: async (positions) => {
        const read = Array.from(positions, (position) => data.ids[position]).filter((id) => forget.includes(id));
        if (read.length > 0) throw new Error(`${read.join(", ")} was read.`);
        return data.read(positions);
      },
    };
    expect((await retrained(network(), guarded)).status).toBe("completed");
  });

  it("depends on the architecture alone, not on the trained weights", async () => {
    const first = network();
    const second = new Model(first).initialise(createRandom("others")).network;
    expect((await retrained(second, images())).hash).toBe((await retrained(first, images())).hash);
  });

  it("uses the loss of the request rather than the recipe's", async () => {
    const model = network();
    const result = await unlearn({ model, data: images(), forget, recipe, loss: "sigmoid-cross-entropy", method: retrain() });
    const expected = await trainedDirectly(new Model(model), images(), { ...recipe, loss: "sigmoid-cross-entropy" });
    expect(await hashWeights(new Model(result.model).weights)).toBe(expected);
  });

  it("takes as many steps as the original run if asked to", async () => {
    const long = { ...recipe, batchSize: 2, epochs: 11 };
    const { report } = await retrained(network(), images(), { duration: "steps" }, long);
    // 11 epochs of ceil(14 / 2) steps are 77; 13 epochs of ceil(11 / 2) are 78.
    expect(report).toMatchObject({ epochs: 13, steps: 78 });
  });

  it("keeps frozen layers, and begins batch-norm statistics anew", async () => {
    const build = () =>
      tf.sequential({
        layers: [
          layers.flatten({ inputShape: [5, 5, 1] }),
          layers.dense({ units: 4, trainable: false, name: "given" }),
          layers.batchNormalization({ trainable: false, name: "norm" }),
          layers.dense({ units: 3, name: "own" }),
        ],
      });
    const model = build();
    for (const weight of [...model.getLayer("given").weights, ...model.getLayer("norm").weights]) weight.write(tf.fill(weight.shape as number[], 2));
    const { augmentation: _, ...plain } = recipe;
    const result = await unlearn({ model, data: images(), forget, recipe: { ...plain, epochs: 0 }, method: retrain() });
    const values = (layer: string) =>
      result.model
        .getLayer(layer)
        .getWeights()
        .map((tensor) => tensor.dataSync()[0]);
    expect(values("given")).toEqual([2, 2]);
    // gamma and beta as given; moving mean and variance as an untrained layer has them.
    expect(values("norm")).toEqual([2, 2, 0, 1]);
    const untouched = (await new Model(model).initialise(createRandom(recipe.seed))).network.getLayer("own").getWeights();
    expect(values("own")).toEqual(untouched.map((tensor) => tensor.dataSync()[0]));
  });

  it("leaves the model as it was when training diverges, and says what to try", async () => {
    const model = new Model(network());
    const trained = createTrainedProblem({ model, data: images(), recipe: { ...recipe, schedule: { kind: "constant", rate: 1e20 } } });
    const problem = createProblem(trained, Uint32Array.of(0));
    const tensors = tf.memory().numTensors;
    const { method, options } = retrain();
    const outcome = await method.unlearn(problem, undefined, options, createContext());
    expect(outcome.status).toBe("non-finite");
    expect(outcome.message).toMatch(/seed 11 .* lower the learning rate.* warm-up/);
    expect(await hashWeights(outcome.weights)).toBe(await model.hash());
    tf.dispose([outcome.weights.parameters, outcome.weights.buffers] as tf.TensorContainer);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("refuses to work without a recipe", async () => {
    const refusal = { code: "method/needs-recipe" };
    await expect(unlearn({ model: network(), data: images(), forget, method: retrain() })).rejects.toMatchObject(refusal);
    const problem = createProblem(createTrainedProblem({ model: new Model(network()), data: images() }), Uint32Array.of(0));
    const { method, options } = retrain();
    await expect(method.unlearn(problem, undefined, options, createContext())).rejects.toMatchObject(refusal);
  });
});
