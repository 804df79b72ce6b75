import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset } from "../data/index.ts";
import { filesInMemory, loadNetwork, saveNetwork } from "../io/index.ts";
import { createRandom } from "../random/index.ts";
import { train } from "../train/index.ts";
import { Model } from "./model.ts";

const { layers } = tf;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** A layer that tfjs does not know. */
class Scale extends layers.Layer {
  static readonly className = "LetheTestScale";
  private factor: tf.LayerVariable | undefined;
  override build(): void {
    this.factor = this.addWeight("factor", [1], "float32", tf.initializers.ones());
    this.built = true;
  }
  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return shape;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul(Array.isArray(inputs) ? inputs[0] : inputs, this.factor!.read());
  }
}
tf.serialization.registerClass(Scale);

const ending = () => layers.dense({ units: 3, activation: "softmax" });

const networks: Record<string, { shape: number[]; tokens?: true; build: () => tf.layers.Layer[] }> = {
  LSTM: { shape: [4, 2], build: () => [layers.lstm({ units: 3, inputShape: [4, 2] })] },
  GRU: { shape: [4, 2], build: () => [layers.gru({ units: 3, inputShape: [4, 2] })] },
  "bidirectional LSTM": {
    shape: [4, 2],
    build: () => [layers.bidirectional({ layer: layers.lstm({ units: 3 }) as tf.RNN, mergeMode: "concat", inputShape: [4, 2] })],
  },
  "dense at every step": {
    shape: [4, 2],
    build: () => [layers.timeDistributed({ layer: layers.dense({ units: 3 }), inputShape: [4, 2] }), layers.flatten()],
  },
  "conv1d and max pool": {
    shape: [8, 2],
    build: () => [
      layers.conv1d({ filters: 3, kernelSize: 3, inputShape: [8, 2], activation: "relu" }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.flatten(),
    ],
  },
  "transposed convolution": {
    shape: [3, 3, 2],
    build: () => [layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, inputShape: [3, 3, 2] }), layers.flatten()],
  },
  "PReLU, noise, spatial dropout": {
    shape: [6, 2],
    build: () => [
      layers.prelu({ inputShape: [6, 2] }),
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.spatialDropout1d({ rate: 0.3 }),
      layers.flatten(),
    ],
  },
  "masked embedding": {
    shape: [5],
    tokens: true,
    build: () => [layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 5, maskZero: true }), layers.lstm({ units: 3 })],
  },
  "a custom layer": { shape: [4], build: () => [layers.dense({ units: 4, inputShape: [4] }), new Scale({})] },
  "a frozen layer and group of layers": {
    shape: [4],
    build: () => [
      tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [4], trainable: false }), layers.dense({ units: 4, activation: "elu" })] }),
    ],
  },
};

describe.each(Object.entries(networks))("%s", (_name, { shape, tokens, build }) => {
  const network = (): tf.LayersModel => tf.sequential({ layers: [...build(), ending()] });
  const random = createRandom("inputs");
  const size = shape.reduce((a, b) => a * b, 6);
  const values = tokens ? Int32Array.from({ length: size }, () => random.integer(7)) : Float32Array.from({ length: size }, () => random.normal());
  const inputs = () => tf.tensor(values, [6, ...shape], tokens ? "int32" : "float32");

  it("has logits whose softmax is its own output, and copies and initialises", async () => {
    const model = new Model(network());
    const own = (model.network.predict(inputs()) as tf.Tensor).dataSync();
    const ours = tf.softmax(model.logits(model.parameters, inputs())).dataSync();
    ours.forEach((value, i) => expect(value).toBeCloseTo(own[i], 5));
    expect(await model.copy().hash()).toBe(await model.hash());
    const [a, b] = [model.initialise(createRandom(1)), model.initialise(createRandom(1))];
    expect(await a.hash()).toBe(await b.hash());
    expect(await a.hash()).not.toBe(await model.hash());
    const files: Record<string, Uint8Array> = {};
    await saveNetwork(model.network, filesInMemory(files));
    expect(new Model(await loadNetwork(filesInMemory(files), "the model")).architecture).toBe(model.architecture);
  });

  it("trains by the seed, and leaves no tensor behind", async () => {
    const model = new Model(network()).initialise(createRandom(1));
    const data = arrayDataset({ inputs: values, inputShape: shape, labels: [0, 1, 2, 0, 1, 2] });
    const recipe = { seed: 1, epochs: 2, batchSize: 4, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.01 } } as const;
    const run = async () => {
      const { weights } = await train({ model, data, recipe, context: createContext() });
      const hash = await model.copy(weights).hash();
      tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
      return hash;
    };
    const first = await run();
    expect(first).not.toBe(await model.hash());
    expect(await run()).toBe(first);
    const before = tf.memory().numTensors;
    const { weights } = await train({ model, data, recipe, context: createContext() });
    tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
    expect(tf.memory().numTensors).toBe(before);
  });
});
