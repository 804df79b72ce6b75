import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset, type Dataset } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import type { HostTree } from "../tree/index.ts";
import { batchGradientMoments } from "./batch-gradient-moments.ts";
import { gradientSum } from "./gradient-sum.ts";
import { crossEntropyObjective, squaredLogitNorm } from "./objective.ts";
import { naivePerSampleMoments, perSampleMoments } from "./per-sample-moments.ts";

const { layers } = tf;
const objective = crossEntropyObjective("softmax-cross-entropy");

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const image = [6, 5, 2];
const head = [layers.flatten, () => layers.dense({ units: 3, activation: "softmax" })] as const;
const onImage = (first: tf.layers.Layer, ...others: tf.layers.Layer[]): tf.LayersModel =>
  tf.sequential({ layers: [first, ...others, ...head.map((make) => make())] });

/** Name, network, shape of one input, size of the vocabulary where inputs are tokens, parameters that need the slow path. */
const table: { name: string; build: () => tf.LayersModel; shape: number[]; vocabulary?: number; slow?: number }[] = [
  {
    name: "dense with and without bias",
    build: () =>
      tf.sequential({ layers: [layers.dense({ units: 5, inputShape: [4], activation: "tanh" }), layers.dense({ units: 3, useBias: false })] }),
    shape: [4],
  },
  {
    name: "dense over tokens, layer norm",
    build: () => onImage(layers.dense({ units: 4, inputShape: [3, 5], activation: "relu" }), layers.layerNormalization()),
    shape: [3, 5],
  },
  {
    name: "layer norm over two axes",
    build: () => onImage(layers.layerNormalization({ axis: [2, 3], inputShape: image })),
    shape: image,
  },
  {
    name: "conv2d same, batch norm, relu",
    build: () =>
      onImage(layers.conv2d({ filters: 3, kernelSize: 3, padding: "same", inputShape: image }), layers.batchNormalization(), layers.reLU()),
    shape: image,
  },
  {
    name: "conv2d stride [2, 1] valid, rectangular kernel",
    build: () => onImage(layers.conv2d({ filters: 4, kernelSize: [3, 2], strides: [2, 1], inputShape: image, activation: "elu" })),
    shape: image,
  },
  {
    name: "conv2d stride 2 same on an odd size, 1x1 after it",
    build: () =>
      onImage(
        layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: "same", inputShape: image }),
        layers.conv2d({ filters: 2, kernelSize: 1, useBias: false }),
      ),
    shape: image,
  },
  {
    name: "depthwise, multiplier 2, stride 2",
    build: () =>
      onImage(layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: "same", inputShape: image, activation: "relu" })),
    shape: image,
  },
  {
    name: "separable",
    build: () =>
      onImage(layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, padding: "same", inputShape: image, activation: "relu" })),
    shape: image,
  },
  {
    name: "batch norm on vectors without scale, frozen dense",
    build: () =>
      tf.sequential({
        layers: [
          layers.dense({ units: 5, inputShape: [4], trainable: false }),
          layers.batchNormalization({ scale: false }),
          layers.dense({ units: 3, activation: "softmax" }),
        ],
      }),
    shape: [4],
  },
  {
    name: "embedding with repeated tokens, mean pool",
    build: () =>
      tf.sequential({
        layers: [layers.embedding({ inputDim: 7, outputDim: 4, inputLength: 6 }), layers.globalAveragePooling1d(), layers.dense({ units: 3 })],
      }),
    shape: [6],
    vocabulary: 7,
  },
  {
    name: "an unknown kind (simple RNN)",
    build: () => tf.sequential({ layers: [layers.simpleRNN({ units: 4, inputShape: [3, 2] }), layers.dense({ units: 3 })] }),
    shape: [3, 2],
    slow: 3,
  },
  {
    name: "one layer used twice, and a residual sum",
    build: () => {
      const input = tf.input({ shape: [4] });
      const shared = layers.dense({ units: 4, activation: "tanh" });
      const once = shared.apply(input) as tf.SymbolicTensor;
      const twice = shared.apply(once) as tf.SymbolicTensor;
      const sum = layers.add().apply([once, twice]) as tf.SymbolicTensor;
      return tf.model({ inputs: input, outputs: layers.dense({ units: 3 }).apply(sum) as tf.SymbolicTensor });
    },
    shape: [4],
    slow: 2,
  },
];

function randomData(shape: number[], vocabulary?: number): Dataset {
  const random = createRandom("data");
  const size = 11;
  const count = size * shape.reduce((a, b) => a * b, 1);
  const inputs = vocabulary
    ? Int32Array.from({ length: count }, () => random.integer(vocabulary))
    : Float32Array.from({ length: count }, () => random.normal());
  return arrayDataset({ inputs, inputShape: shape, labels: Array.from({ length: size }, () => random.integer(3)), classCount: 3 });
}

function expectClose(actual: HostTree, expected: HostTree): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, { values, shape }] of Object.entries(expected)) {
    expect(actual[name].shape).toEqual(shape);
    let scale = 0;
    for (const value of values) scale = Math.max(scale, Math.abs(value));
    values.forEach((value, i) => expect(Math.abs(actual[name].values[i] - value), `${name}[${i}]`).toBeLessThanOrEqual(1e-5 * scale));
  }
}

const options = (batchSize: number) => ({ batchSize, phase: "test", context: createContext(), objective });

describe.each(table)("$name", ({ build, shape, vocabulary, slow = 0 }) => {
  const setUp = (): { model: Model; data: Dataset } => {
    const model = new Model(build()).initialise(createRandom(3));
    // Batch-norm statistics, scales and shifts away from their neutral start, or their rules would hardly be tested.
    const random = createRandom(4);
    for (const [name, tensor] of Object.entries({ ...model.parameters, ...model.buffers })) {
      if (!/gamma|beta|moving|bias/.test(name)) continue;
      (tensor as tf.Variable).assign(
        tf.tensor(
          Float32Array.from({ length: tensor.size }, () => 0.5 + random.uniform()),
          tensor.shape,
        ),
      );
    }
    return { model, data: randomData(shape, vocabulary) };
  };

  it.each([2, 1] as const)("agrees with one gradient per sample (power %i)", async (power) => {
    const { model, data } = setUp();
    const expected = await naivePerSampleMoments(model, data, { ...options(4), power });
    const actual = await perSampleMoments(model, data, { ...options(4), power });
    expectClose(actual.sums, expected.sums);
    expect(actual.count).toBe(11);
    expect(actual.oneByOne).toHaveLength(slow);
    expect(Object.values(expected.sums).some(({ values }) => values.some((value) => value > 0))).toBe(true);
  });

  it("does not depend on batch size", async () => {
    const { model, data } = setUp();
    const [a, b] = await Promise.all([1, 11].map((batchSize) => perSampleMoments(model, data, { ...options(batchSize), power: 2 })));
    expectClose(a.sums, b.sums);
  });

  it("keeps no tensor", async () => {
    const { model, data } = setUp();
    const before = tf.memory().numTensors;
    await perSampleMoments(model, data, { ...options(4), power: 2 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("other passes", () => {
  const model = () => new Model(table[0].build()).initialise(createRandom(3));

  it("label-free moments need no label", async () => {
    const data = randomData([4]);
    const network = model();
    const relabelled = arrayDataset({
      inputs: (await data.read([...Array(11).keys()])).inputs.values as Float32Array,
      inputShape: [4],
      labels: Array(11).fill(0),
      classCount: 3,
    });
    const moments = (d: Dataset) => perSampleMoments(network, d, { ...options(4), objective: squaredLogitNorm, power: 1 });
    expect((await moments(data)).sums).toEqual((await moments(relabelled)).sums);
  });

  it("a batch of one makes the squared batch gradient the per-sample square", async () => {
    const data = randomData([4]);
    const network = model();
    const each = await naivePerSampleMoments(network, data, { ...options(4), power: 2 });
    const batches = await batchGradientMoments(network, data, objective, 2, options(1));
    expectClose(batches.sums, each.sums);
    expect(batches.batches).toBe(11);
  });

  it("the gradient sum agrees with central differences", async () => {
    const data = randomData([4]);
    const network = model();
    const gradient = await gradientSum(network, data, objective, options(4));
    const { inputs, labels } = await data.read([...Array(11).keys()]);
    const total = (name: string, at: number, step: number): number =>
      tf.tidy(() => {
        const values = network.parameters[name].dataSync().slice();
        values[at] += step;
        const parameters = { ...network.parameters, [name]: tf.tensor(values, network.parameters[name].shape) };
        const logits = network.logits(parameters, tf.tensor(inputs.values as Float32Array, [11, 4]));
        return tf.sum(objective(logits, tf.tensor1d(labels, "int32"))).dataSync()[0];
      });
    for (const name of Object.keys(gradient)) {
      for (const at of [0, gradient[name].values.length - 1]) {
        const difference = (total(name, at, 1e-2) - total(name, at, -1e-2)) / 2e-2;
        expect(gradient[name].values[at]).toBeCloseTo(difference, 2);
      }
    }
  });

  it("refuses NaN in the data and names the sample", async () => {
    const inputs = new Float32Array(8).fill(1);
    inputs[5] = Number.NaN;
    const data = arrayDataset({ inputs, inputShape: [4], labels: [0, 1], classCount: 3, ids: ["good", "bad"] });
    await expect(gradientSum(model(), data, objective, options(2))).rejects.toMatchObject({ code: "data/non-finite", details: { id: "bad" } });
  });

  it("stops when the signal fires", async () => {
    const abort = new AbortController();
    abort.abort();
    const context = createContext({ signal: abort.signal });
    await expect(gradientSum(model(), randomData([4]), objective, { ...options(4), context })).rejects.toMatchObject({ code: "run/aborted" });
  });
});
