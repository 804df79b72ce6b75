import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { Model } from "./model.ts";

const { layers } = tf;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** A sequential network with everything that behaves differently in training. */
function sequential(ending: "softmax" | "sigmoid" | "linear" | "layer", units = 3): tf.LayersModel {
  const last = ending === "layer" ? [layers.dense({ units }), layers.softmax()] : [layers.dense({ units, activation: ending })];
  return tf.sequential({
    layers: [layers.dense({ units: 4, inputShape: [5] }), layers.batchNormalization(), layers.reLU(), layers.dropout({ rate: 0.5 }), ...last],
  });
}

function functional(): tf.LayersModel {
  const input = tf.input({ shape: [6, 6, 2] });
  const convolved = layers.conv2d({ filters: 3, kernelSize: 3, padding: "same", activation: "relu" }).apply(input) as tf.SymbolicTensor;
  const sum = layers.add().apply([convolved, layers.conv2d({ filters: 3, kernelSize: 1 }).apply(input) as tf.SymbolicTensor]) as tf.SymbolicTensor;
  const flat = layers.flatten().apply(layers.batchNormalization().apply(sum)) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: layers.dense({ units: 4, activation: "softmax" }).apply(flat) as tf.SymbolicTensor });
}

describe("logits", () => {
  it.each(["softmax", "layer"] as const)("undoes a softmax ending (%s)", (ending) => {
    const network = sequential(ending);
    const model = new Model(network);
    const inputs = tf.randomNormal([7, 5]);
    expect(model.ending).toBe("softmax");
    const viaLogits = tf.softmax(model.logits(model.parameters, inputs)).dataSync();
    const direct = (network.predict(inputs) as tf.Tensor).dataSync();
    viaLogits.forEach((value, i) => expect(value).toBeCloseTo(direct[i], 6));
  });

  it("undoes a sigmoid per class and reads a single unit as two classes", () => {
    const inputs = tf.randomNormal([7, 5]);
    const many = sequential("sigmoid");
    const logits = new Model(many).logits(new Model(many).parameters, inputs);
    tf.sigmoid(logits)
      .dataSync()
      .forEach((value, i) => expect(value).toBeCloseTo((many.predict(inputs) as tf.Tensor).dataSync()[i], 6));
    const one = sequential("sigmoid", 1);
    const binary = new Model(one);
    expect([binary.ending, binary.classCount]).toEqual(["binary", 2]);
    const probability = tf.softmax(binary.logits(binary.parameters, inputs)).slice([0, 1], [7, 1]).dataSync();
    probability.forEach((value, i) => expect(value).toBeCloseTo((one.predict(inputs) as tf.Tensor).dataSync()[i], 6));
  });

  it("sees through nested models and leaves a linear ending alone", () => {
    const inner = functional();
    const network = tf.sequential({ layers: [inner] });
    const inputs = tf.randomNormal([2, 6, 6, 2]);
    const nested = new Model(network);
    expect(nested.ending).toBe("softmax");
    const outer = tf.softmax(nested.logits(nested.parameters, inputs)).dataSync();
    outer.forEach((value, i) => expect(value).toBeCloseTo((inner.predict(inputs) as tf.Tensor).dataSync()[i], 6));
    expect(new Model(sequential("linear")).ending).toBe("linear");
  });

  it("refuses an ending that cannot be undone, and models with several outputs", () => {
    const tanh = tf.sequential({ layers: [layers.dense({ units: 3, inputShape: [2], activation: "tanh" })] });
    expect(() => new Model(tanh)).toThrow(expect.objectContaining({ code: "model/ending" }));
    const image = tf.sequential({ layers: [layers.conv2d({ filters: 3, kernelSize: 1, inputShape: [4, 4, 1] })] });
    expect(() => new Model(image)).toThrow(expect.objectContaining({ code: "model/outputs" }));
  });

  it("refuses inputs of another shape", () => {
    const model = new Model(functional());
    expect(() => model.logits(model.parameters, tf.zeros([1, 5, 6, 2]))).toThrow(expect.objectContaining({ code: "model/input-shape" }));
  });
});

describe("purity", () => {
  it("computes with the parameters it is given and leaves the network as it was", async () => {
    const network = functional();
    const model = new Model(network);
    const other = model.initialise(createRandom(1));
    const inputs = tf.randomNormal([3, 6, 6, 2]);
    const before = await model.hash();
    const borrowed = model.logits(other.parameters, inputs).dataSync();
    const own = other.logits(other.parameters, inputs).dataSync();
    expect(Array.from(borrowed)).toEqual(Array.from(own));
    expect(await model.hash()).toBe(before);
  });

  it("returns what training mode writes to the buffers instead of writing it", async () => {
    const model = new Model(sequential("softmax"));
    const before = await model.hash();
    const { buffers } = model.forward(model.weights, tf.randomNormal([9, 5], 3), "training", createRandom(1));
    const name = Object.keys(buffers).find((each) => each.endsWith("moving_mean"))!;
    expect(Array.from(buffers[name].dataSync())).not.toEqual(Array.from(model.buffers[name].dataSync()));
    expect(await model.hash()).toBe(before);
  });

  it("draws dropout from the given stream alone", () => {
    // No rectifier before the mask, on 64 positions: two masks agree once in 2^64.
    const network = tf.sequential({ layers: [layers.dense({ units: 16, inputShape: [5] }), layers.dropout({ rate: 0.5 }), layers.softmax()] });
    const model = new Model(network);
    const inputs = tf.randomNormal([4, 5]);
    const run = (seed: number) => Array.from(model.logits(model.parameters, inputs, "training", createRandom(seed)).dataSync());
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it("keeps no tensor", () => {
    const model = new Model(sequential("softmax"));
    const inputs = tf.randomNormal([4, 5]);
    const before = tf.memory().numTensors;
    model.logits(model.parameters, inputs, "training", createRandom(1)).dispose();
    model.logits(model.parameters, inputs).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("restores the network when the pass throws", async () => {
    const model = new Model(functional());
    const before = await model.hash();
    const [first] = Object.keys(model.parameters);
    const wrong = { ...model.parameters, [first]: tf.zeros([1]) };
    expect(() => model.logits(wrong, tf.zeros([1, 6, 6, 2]))).toThrow(/conv2d/);
    expect(await model.hash()).toBe(before);
  });
});

describe("copies", () => {
  it("copies weights and shares none", async () => {
    const model = new Model(functional());
    const copy = model.copy();
    expect(await copy.hash()).toBe(await model.hash());
    const before = await model.hash();
    (Object.values(copy.parameters)[0] as tf.Variable).assign(tf.zerosLike(Object.values(copy.parameters)[0]));
    expect(await model.hash()).toBe(before);
  });

  it("keeps what frozen layers hold when it initialises", () => {
    const network = tf.sequential({
      layers: [
        layers.dense({ units: 4, inputShape: [5], trainable: false }),
        layers.batchNormalization({ trainable: false }),
        layers.dense({ units: 2 }),
      ],
    });
    network.setWeights(network.getWeights().map((weight) => tf.fill(weight.shape, 3)));
    const fresh = new Model(network).initialise(createRandom(1));
    const values = Object.fromEntries(
      fresh.network.weights.map((weight) => [weight.originalName.split("/").slice(-2).join("/"), weight.read().dataSync()[0]]),
    );
    const of = (role: string) =>
      Object.entries(values)
        .filter(([name]) => name.endsWith(role))
        .map(([, value]) => value);
    expect(of("gamma")).toEqual([3]);
    expect(of("moving_mean")).toEqual([0]);
    // Trainable weights come first.
    expect(of("kernel")[0]).not.toBe(3);
    expect(of("kernel")[1]).toBe(3);
  });

  it("initialises by the seed alone", async () => {
    const model = new Model(functional());
    const [a, b, c] = await Promise.all([1, 1, 2].map((seed) => model.initialise(createRandom(seed)).hash()));
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });
});
