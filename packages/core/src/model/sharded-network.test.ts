import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { filesInMemory, loadNetwork, saveNetwork } from "../io/index.ts";
import { createRandom } from "../random/index.ts";
import { valueAndGradient } from "../autodiff/gradient.ts";
import { hessianVectorProduct } from "../autodiff/index.ts";
import { defaultLoss, lossFunction } from "./loss.ts";
import { Model } from "./model.ts";
import type { Aggregation } from "./shard-aggregate.ts";
import { ensembleOf, shardedNetwork } from "./sharded-network.ts";

const { layers } = tf;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const inputs = () => tf.randomNormal([5, 4], 0, 1, "float32", 7);

/** The sole layer's kernel is 1: what goes in are the logits. */
function identity(units: number, activation: "softmax" | "sigmoid" | "linear"): tf.LayersModel {
  return tf.sequential({ layers: [layers.dense({ units, activation, useBias: false, inputShape: [units], kernelInitializer: "identity" })] });
}

/** Logits of an ensemble of identities whose constituents say `said`. */
function aggregated(
  said: readonly (readonly number[])[],
  aggregation: Aggregation,
  activation: "softmax" | "sigmoid" | "linear",
  weights?: number[],
) {
  const units = said[0].length;
  const model = new Model(shardedNetwork(identity(units, activation), { shards: said.length, aggregation }));
  const parameters = Object.fromEntries(Object.entries(model.parameters).map(([name], shard) => [name, tf.diag(tf.tensor1d([...said[shard]]))]));
  const buffers = { "aggregate/weights": tf.tensor1d(weights ?? said.map(() => 1)) };
  const { logits } = model.forward({ parameters, buffers }, tf.ones([1, units]), "inference");
  return { model, logits: Array.from(logits.dataSync()) };
}

const softmax = (z: readonly number[]) => z.map((value) => Math.exp(value) / z.reduce((sum, each) => sum + Math.exp(each), 0));
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

describe("the aggregate", () => {
  const said = [
    [2, -1, 0],
    [0, 3, 1],
    [-1, 0.5, 0.25],
  ];
  const close = (found: readonly number[], expected: readonly number[]) => found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));

  it("is the log of the weighted mean of softmaxes", () => {
    const weights = [1, 5, 2];
    const mean = [0, 1, 2].map((c) => said.reduce((sum, z, s) => sum + (weights[s] * softmax(z)[c]) / 8, 0));
    const { logits } = aggregated(said, "mean", "softmax", weights);
    close(softmax(logits), mean);
    close(logits, mean.map(Math.log));
  });

  it("is the log odds of the mean of sigmoids, class by class", () => {
    const mean = [0, 1, 2].map((c) => said.reduce((sum, z) => sum + sigmoid(z[c]) / 3, 0));
    close(
      aggregated(said, "mean", "sigmoid").logits,
      mean.map((p) => Math.log(p / (1 - p))),
    );
    const { model, logits } = aggregated([[2], [-1], [0.5]], "mean", "sigmoid");
    const one = (sigmoid(2) + sigmoid(-1) + sigmoid(0.5)) / 3;
    expect(model.ending).toBe("binary");
    close(logits, [0, Math.log(one / (1 - one))]);
  });

  it("stays finite where probabilities are 0 in float32, and does not hear a constituent of weight 0", () => {
    const opposite = [
      [400, -400],
      [-300, 300],
    ];
    close(aggregated(opposite, "mean", "softmax").logits, [-Math.log(2), -Math.log(2)]);
    close(aggregated([opposite[0], opposite[0]], "mean", "softmax").logits, [0, -800]);
    close(aggregated(opposite, "mean", "softmax", [0, 4]).logits, [-600, 0]);
  });

  it("counts votes, those of the lowest class first where they are equal", () => {
    const votes = aggregated(
      [
        [1, 2, 0],
        [0, 1, 5],
        [0, 9, 1],
        [1, 0, 2],
      ],
      "vote",
      "softmax",
    ).logits;
    // 0, 2 and 2 votes of 4.
    close(
      votes,
      [1, 3, 3].map((count) => Math.log(count / 7)),
    );
    expect(votes[1]).toBe(votes[2]);
    expect(tf.argMax(tf.tensor1d(votes)).dataSync()[0]).toBe(1);
    // One constituent's own tie.
    close(
      aggregated([[4, 4, 4]], "vote", "softmax").logits,
      [2, 1, 1].map((count) => Math.log(count / 4)),
    );
    const weighted = aggregated(
      [
        [1, 0],
        [0, 1],
        [0, 1],
      ],
      "vote",
      "softmax",
      [7, 3, 4],
    ).logits;
    expect(weighted[0]).toBe(weighted[1]);
    close(aggregated([[1], [-1], [0]], "vote", "sigmoid").logits, [0, Math.log(2 / 3)]);
  });

  it("has the gradient and the second derivative of its formula", () => {
    const model = new Model(shardedNetwork(identity(3, "softmax"), { shards: 2 })).initialise(createRandom(3));
    const [x, labels] = [tf.randomNormal([4, 3], 0, 1, "float32", 2), tf.tensor1d([0, 1, 2, 1], "int32")];
    const loss = lossFunction(defaultLoss(model.ending));
    const objective = (parameters: tf.NamedTensorMap) => tf.mean<tf.Scalar>(loss(model.logits(parameters, x), labels));
    const at = model.parameters as tf.NamedTensorMap;
    const direction = Object.fromEntries(Object.entries(at).map(([name, { shape }]) => [name, tf.randomNormal(shape, 0, 1, "float32", 5)]));
    const moved = (by: number) => Object.fromEntries(Object.entries(at).map(([name, value]) => [name, tf.add(value, tf.mul(direction[name], by))]));
    const slope = (tree: tf.NamedTensorMap) =>
      Object.entries(tree).reduce((sum, [name, value]) => sum + tf.sum(tf.mul(value, direction[name])).dataSync()[0], 0);
    const step = 1e-2;
    const gradientAt = (by: number) => slope(valueAndGradient((p) => objective(p as tf.NamedTensorMap), moved(by)).gradient as tf.NamedTensorMap);
    const values = [step, -step].map((by) => objective(moved(by)).dataSync()[0]);
    expect(gradientAt(0)).toBeCloseTo((values[0] - values[1]) / (2 * step), 3);
    const product = hessianVectorProduct((p) => objective(p as tf.NamedTensorMap), at, direction);
    expect(slope(product as tf.NamedTensorMap)).toBeCloseTo((gradientAt(step) - gradientAt(-step)) / (2 * step), 3);
  });
});

const bases: Readonly<Record<string, () => tf.LayersModel>> = {
  "a sequential network": () =>
    tf.sequential({
      layers: [
        layers.dense({ units: 3, inputShape: [4], activation: "tanh", name: "hidden" }),
        layers.batchNormalization({ name: "norm" }),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 3, activation: "softmax", name: "head" }),
      ],
    }),
  "a functional network with a branch and a softmax layer": () => {
    const input = tf.input({ shape: [4] });
    const a = layers.dense({ units: 3, name: "a" }).apply(input) as tf.SymbolicTensor;
    const b = layers.dense({ units: 3, name: "b" }).apply(input) as tf.SymbolicTensor;
    const sum = layers.add({ name: "sum" }).apply([a, b]) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs: layers.softmax().apply(sum) as tf.SymbolicTensor });
  },
  "a network within a network": () => {
    const inner = tf.sequential({ name: "inner", layers: [layers.dense({ units: 3, inputShape: [4], activation: "relu" })] });
    return tf.sequential({ layers: [inner, layers.dense({ units: 3 }), layers.activation({ activation: "sigmoid" })] });
  },
  "a recurrent network": () =>
    tf.sequential({
      layers: [
        layers.reshape({ targetShape: [2, 2], inputShape: [4] }),
        layers.bidirectional({ layer: layers.lstm({ units: 2 }) as tf.RNN, mergeMode: "concat" }),
        layers.dense({ units: 3 }),
      ],
    }),
};

describe.each(Object.entries(bases))("%s in shards", (_, build) => {
  const sharded = () => new Model(shardedNetwork(build(), { shards: 3 })).initialise(createRandom(1));

  it("ends as it did, and is what its constituents say together", () => {
    const base = new Model(build());
    const model = sharded();
    expect(model.ending).toBe(base.ending);
    expect(model.classCount).toBe(3);
    const { constituents } = ensembleOf(model);
    const probabilities = (each: Model) => {
      const logits = each.logits(each.parameters, inputs());
      return base.ending === "sigmoid" ? tf.sigmoid(logits) : tf.softmax(logits);
    };
    const mean = tf.div(tf.addN(constituents.map(probabilities)), 3).dataSync();
    probabilities(model)
      .dataSync()
      .forEach((value, i) => expect(value).toBeCloseTo(mean[i], 5));
    const [first, second] = constituents.map((each) => probabilities(each).dataSync());
    expect(first).not.toEqual(second);
  });

  it("starts from its weights", () => {
    const network = build();
    const model = new Model(shardedNetwork(network, { shards: 2 }));
    const base = new Model(network);
    const expected = base.logits(base.parameters, inputs()).dataSync();
    for (const each of ensembleOf(model).constituents) expect(each.logits(each.parameters, inputs()).dataSync()).toEqual(expected);
  });

  it("has constituents whose names are the ensemble's, also once it went through files", async () => {
    const model = sharded();
    const files: Record<string, Uint8Array> = {};
    await saveNetwork(model.network, filesInMemory(files));
    const loaded = new Model(await loadNetwork(filesInMemory(files), "the ensemble"));
    expect(await loaded.hash()).toBe(await model.hash());
    expect(loaded.architecture).toBe(model.architecture);
    expect(loaded.logits(loaded.parameters, inputs()).dataSync()).toEqual(model.logits(model.parameters, inputs()).dataSync());
    for (const each of [model, loaded, model.copy()]) {
      const { constituents, weights, aggregation } = ensembleOf(each);
      const names = constituents.flatMap(({ parameters, buffers }) => Object.keys({ ...parameters, ...buffers }));
      expect([...names, weights].toSorted()).toEqual(Object.keys({ ...each.parameters, ...each.buffers }).toSorted());
      expect(aggregation).toBe("mean");
      constituents.forEach(({ parameters }, shard) => {
        for (const name of Object.keys(parameters)) expect(name).toMatch(new RegExp(`^shard${shard + 1}/`));
      });
    }
  });
});

describe("a sharded network", () => {
  it("keeps what is frozen, and the user's network as it was", () => {
    const network = bases["a sequential network"]();
    network.layers[0].trainable = false;
    const model = new Model(shardedNetwork(network, { shards: 2 }));
    expect(Object.keys(model.parameters).filter((name) => name.includes("hidden"))).toEqual([]);
    expect(Object.keys(model.buffers)).toContain("shard2/hidden/kernel");
    expect(new Model(network).ending).toBe("softmax");
  });

  it("leaves no tensors beyond its weights", () => {
    const network = bases["a sequential network"]();
    const before = tf.memory().numTensors;
    const ensemble = shardedNetwork(network, { shards: 2 });
    expect(tf.memory().numTensors - before).toBe(2 * network.weights.length + 1);
    new Model(ensemble).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("has a whole number of shards, and a plain one none", () => {
    const network = identity(3, "softmax");
    for (const shards of [0, 1.5, Number.NaN])
      expect(() => shardedNetwork(network, { shards })).toThrow(expect.objectContaining({ code: "model/bad-option" }));
    expect(() => ensembleOf(new Model(network))).toThrow(expect.objectContaining({ code: "model/not-sharded" }));
  });
});
