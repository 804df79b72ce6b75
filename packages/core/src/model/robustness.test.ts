import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset, type Dataset } from "../data/index.ts";
import { crossEntropyObjective, perSampleMoments } from "../passes/index.ts";
import { createRandom } from "../random/index.ts";
import { train } from "../train/index.ts";
import { Model } from "./model.ts";

const { layers } = tf;
const objective = crossEntropyObjective("softmax-cross-entropy");

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function noise(shape: number[], size = 6): Dataset {
  const random = createRandom("noise");
  const inputs = Float32Array.from({ length: shape.reduce((a, b) => a * b, size) }, () => random.normal());
  return arrayDataset({ inputs, inputShape: shape, labels: Array.from({ length: size }, (_, i) => i % 3) });
}

/** tfjs has no gradient for it. */
class RunningProduct extends layers.Layer {
  static readonly className = "LetheTestRunningProduct";
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.cumprod(Array.isArray(inputs) ? inputs[0] : inputs, 1);
  }
}

const moments = (model: Model, data: Dataset) =>
  perSampleMoments(model, data, { context: createContext(), batchSize: 4, phase: "test", objective, power: 2 });

describe("endings", () => {
  const input = () => tf.input({ shape: [4] });
  const head = (from: tf.SymbolicTensor) => layers.dense({ units: 3, activation: "softmax" }).apply(from) as tf.SymbolicTensor;
  const model = (build: (from: tf.SymbolicTensor) => tf.SymbolicTensor) => {
    const from = input();
    return tf.model({ inputs: from, outputs: build(from) });
  };

  it.each<[string, () => tf.LayersModel]>([
    ["an average of two softmax heads", () => model((x) => layers.average().apply([head(x), head(x)]) as tf.SymbolicTensor)],
    ["batch norm over a softmax", () => model((x) => layers.batchNormalization().apply(head(x)) as tf.SymbolicTensor)],
    ["a ReLU layer", () => model((x) => layers.reLU().apply(layers.dense({ units: 3 }).apply(x)) as tf.SymbolicTensor)],
    [
      "pooled softmax maps",
      () =>
        tf.sequential({
          layers: [layers.conv2d({ filters: 3, kernelSize: 1, activation: "softmax", inputShape: [4, 4, 1] }), layers.globalAveragePooling2d({})],
        }),
    ],
    [
      "a softmax per token",
      () => tf.sequential({ layers: [layers.dense({ units: 2, activation: "softmax", inputShape: [3, 2] }), layers.flatten()] }),
    ],
  ])("refuses %s", (_, build) => {
    expect(() => new Model(build())).toThrow(expect.objectContaining({ code: "model/ending" }));
  });

  it.each<[string, () => tf.LayersModel, string]>([
    [
      "softmax, then layers that only move values",
      () => model((x) => layers.activation({ activation: "linear" }).apply(layers.gaussianNoise({ stddev: 1 }).apply(head(x))) as tf.SymbolicTensor),
      "softmax",
    ],
    [
      "pooled linear maps of ReLUs",
      () =>
        tf.sequential({
          layers: [layers.conv2d({ filters: 3, kernelSize: 1, activation: "relu", inputShape: [4, 4, 1] }), layers.globalAveragePooling2d({})],
        }),
      "linear",
    ],
    ["a softmax inside, with a dense layer after it", () => model((x) => layers.dense({ units: 3 }).apply(head(x)) as tf.SymbolicTensor), "linear"],
  ])("takes %s", (_, build, ending) => {
    expect(new Model(build()).ending).toBe(ending);
  });

  it("refuses what is no layers model, and layers that carry state", () => {
    expect(() => new Model({} as tf.LayersModel)).toThrow(expect.objectContaining({ code: "model/not-layers" }));
    const stateful = tf.sequential({ layers: [layers.lstm({ units: 2, stateful: true, batchInputShape: [2, 3, 2] }), layers.dense({ units: 3 })] });
    expect(() => new Model(stateful)).toThrow(expect.objectContaining({ code: "model/stateful" }));
  });
});

describe("copies", () => {
  it("of a model with a frozen base inside, as transfer learning makes it", async () => {
    const base = tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [3] }), layers.dense({ units: 4 })] });
    base.trainable = false;
    const model = new Model(tf.sequential({ layers: [base, layers.dense({ units: 2, activation: "softmax" })] }));
    expect(Object.keys(model.parameters)).toHaveLength(2);
    expect(await model.copy().hash()).toBe(await model.hash());
    const fresh = model.initialise(createRandom(1));
    expect(Object.keys(fresh.parameters)).toEqual(Object.keys(model.parameters));
    // The base was given, not trained.
    expect(Array.from(Object.values(fresh.buffers)[0].dataSync())).toEqual(Array.from(Object.values(model.buffers)[0].dataSync()));
  });

  it("draw anew even where an initialiser has a seed of its own", async () => {
    const seeded = layers.dense({ units: 3, inputShape: [4], kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }) });
    const model = new Model(tf.sequential({ layers: [seeded] }));
    expect(await model.initialise(createRandom(1)).hash()).not.toBe(await model.initialise(createRandom(2)).hash());
  });
});

describe("per-sample moments", () => {
  it("of a dilated first convolution agree with finite differences", async () => {
    const data = noise([7, 7, 1]);
    const model = new Model(
      tf.sequential({
        layers: [
          layers.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2, padding: "same", inputShape: [7, 7, 1] }),
          layers.flatten(),
          layers.dense({ units: 3 }),
        ],
      }),
    );
    const [kernel] = Object.keys(model.parameters);
    const { sums } = await moments(model, data);
    const { inputs, labels } = await data.read([...Array(6).keys()]);
    const losses = (at: number, step: number): Float32Array =>
      tf.tidy(() => {
        const values = model.parameters[kernel].dataSync().slice();
        values[at] += step;
        const parameters = { ...model.parameters, [kernel]: tf.tensor(values, model.parameters[kernel].shape) };
        return objective(
          model.logits(parameters, tf.tensor(inputs.values as Float32Array, [6, 7, 7, 1])),
          tf.tensor1d(labels, "int32"),
        ).dataSync() as Float32Array;
      });
    for (const at of [0, 8, 17]) {
      const [above, below] = [losses(at, 1e-2), losses(at, -1e-2)];
      const expected = above.reduce((sum, value, n) => sum + ((value - below[n]) / 2e-2) ** 2, 0);
      expect(sums[kernel].values[at] / expected).toBeCloseTo(1, 2);
    }
  });

  it("work where the network leaves the size of images free", async () => {
    const model = new Model(
      tf.sequential({
        layers: [
          layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [null as unknown as number, null as unknown as number, 1] }),
          layers.maxPooling2d({ poolSize: 2 }),
          layers.conv2d({ filters: 2, kernelSize: 3 }),
          layers.globalAveragePooling2d({}),
          layers.dense({ units: 3 }),
        ],
      }),
    );
    expect((await moments(model, noise([12, 12, 1]))).oneByOne).toEqual([]);
  });

  it.each([{ center: false }, { scale: false }, { center: false, scale: false }])("pass a batch norm with %o", async (options) => {
    const model = new Model(
      tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [3] }), layers.batchNormalization(options), layers.dense({ units: 3 })] }),
    );
    expect((await moments(model, noise([3]))).oneByOne).toEqual([]);
  });

  it("leave no tensor behind when the pass fails", async () => {
    const model = new Model(
      tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [5] }), new RunningProduct(), layers.dense({ units: 3 })] }),
    );
    const before = tf.memory().numTensors;
    await expect(moments(model, noise([5]))).rejects.toThrow(/Cumprod/);
    expect(tf.memory().numTensors).toBe(before);
    const recipe = { seed: 1, epochs: 1, batchSize: 4, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } } as const;
    await expect(train({ model, data: noise([5]), recipe, context: createContext() })).rejects.toThrow(/Cumprod/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("beyond float32 are refused, not reported", async () => {
    const data = arrayDataset({ inputs: new Float32Array(8).fill(3e25), inputShape: [4], labels: [0, 1] });
    const model = new Model(tf.sequential({ layers: [layers.dense({ units: 2, inputShape: [4], kernelInitializer: "zeros" })] }));
    await expect(moments(model, data)).rejects.toMatchObject({ code: "pass/non-finite" });
  });
});
