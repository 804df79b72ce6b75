import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { rejectionCode } from "./fixtures/error-code.ts";
import { filesInMemory, loadNetwork, saveNetwork } from "./network.ts";

beforeAll(() => tf.setBackend("cpu"));
afterEach(() => tf.disposeVariables());

/** Batch normalisation for weights that are not trained, and a shared layer. */
function someNetwork(): tf.LayersModel {
  const input = tf.input({ shape: [6, 6, 1] });
  const norm = tf.layers.batchNormalization();
  const dense = tf.layers.dense({ units: 4, activation: "relu", name: "shared" });
  const features = norm.apply(tf.layers.conv2d({ filters: 2, kernelSize: 3 }).apply(input));
  const flat = dense.apply(tf.layers.flatten().apply(features));
  const again = dense.apply(tf.layers.dense({ units: 32 }).apply(flat));
  return tf.model({ inputs: input, outputs: tf.layers.add().apply([flat, again] as tf.SymbolicTensor[]) as tf.SymbolicTensor });
}

const inputs = () => tf.tidy(() => tf.range(0, 72).reshape([2, 6, 6, 1]).div(72));
const predict = (network: tf.LayersModel) => tf.tidy(() => [...(network.predict(inputs()) as tf.Tensor).dataSync()]);

async function filesOf(network: tf.LayersModel): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  await saveNetwork(network, filesInMemory(files));
  return files;
}

function withJson(
  files: Record<string, Uint8Array>,
  change: (json: { modelTopology: { config: { layers: unknown[] } } }) => void,
): Record<string, Uint8Array> {
  const json = JSON.parse(new TextDecoder().decode(files["model.json"])) as Parameters<typeof change>[0];
  change(json);
  return { ...files, "model.json": new TextEncoder().encode(JSON.stringify(json)) };
}

describe("filesInMemory", () => {
  it("runs its example", async () => {
    const network = someNetwork();
    const files: Record<string, Uint8Array> = {};
    await network.save(filesInMemory(files));
    expect(Object.keys(files)).toEqual(["model.json", "weights.bin"]);
    const copy = await tf.loadLayersModel(filesInMemory(files));
    expect(predict(copy)).toEqual(predict(network));
  });

  it("reads no inherited names", async () => {
    const files = withJson(await filesOf(someNetwork()), (json) => {
      Object.assign(json, { weightsManifest: [{ paths: ["constructor"], weights: [] }] });
    });
    expect(await rejectionCode(loadNetwork(filesInMemory(files), "x"))).toBe("model/missing-shard");
  });
});

describe("saveNetwork and loadNetwork", () => {
  it("keep every prediction and every weight name", async () => {
    const network = someNetwork();
    const copy = await loadNetwork(filesInMemory(await filesOf(network)), "the model");
    expect(predict(copy)).toEqual(predict(network));
    expect(copy.weights.map(({ originalName }) => originalName)).toEqual(network.weights.map(({ originalName }) => originalName));
  });

  it("write the same bytes again after loading", async () => {
    const files = await filesOf(someNetwork());
    expect(await filesOf(await loadNetwork(filesInMemory(files), "the model"))).toEqual(files);
  });

  it("keep metadata, and the optimiser where it was saved", async () => {
    const network = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    network.setUserDefinedMetadata({ labels: ["a", "b"] });
    network.compile({ optimizer: tf.train.momentum(0.25, 0.5), loss: "meanSquaredError" });
    await network.fit(tf.ones([4, 2]), tf.ones([4, 1]), { verbose: 0 });
    const files: Record<string, Uint8Array> = {};
    await network.save(filesInMemory(files), { includeOptimizer: true });
    const copy = await loadNetwork(filesInMemory(files), "the model");
    expect(copy.getUserDefinedMetadata()).toEqual({ labels: ["a", "b"] });
    expect(copy.optimizer.getConfig()).toMatchObject({ learningRate: 0.25, momentum: 0.5 });
    const slots = async (model: tf.LayersModel) => (await model.optimizer.getWeights()).map(({ tensor }) => [...tensor.dataSync()]);
    expect(await slots(copy)).toEqual(await slots(network));
  });

  it("load quantized weights as floats", async () => {
    const network = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] });
    const [kernel, bias] = network.weights.map(({ originalName }) => originalName);
    const weights = [
      { name: kernel, shape: [2, 2], dtype: "float32", quantization: { dtype: "uint8", min: -1, scale: 0.5 } },
      { name: bias, shape: [2], dtype: "float32", quantization: { dtype: "float16", original_dtype: "float32" } },
    ];
    const files = withJson(await filesOf(network), (json) => Object.assign(json, { weightsManifest: [{ paths: ["weights.bin"], weights }] }));
    files["weights.bin"] = Uint8Array.of(0, 1, 2, 255, 0x00, 0x3c, 0x00, 0xc0);
    const copy = await loadNetwork(filesInMemory(files), "the model");
    expect(copy.getWeights().map((tensor) => [...tensor.dataSync()])).toEqual([
      [-1, -0.5, 0, 126.5],
      [1, -2],
    ]);
  });

  it("leave no tensors behind where the weights are refused", async () => {
    const files = await filesOf(someNetwork());
    const broken = { ...files, "weights.bin": new Uint8Array(files["weights.bin"].byteLength).fill(0xff) };
    const before = tf.memory().numTensors;
    expect(await rejectionCode(loadNetwork(filesInMemory(broken), "the model"))).toBe("model/non-finite");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuse weights that are not finite, by name, and write nothing", async () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const network = tf.sequential({ layers: [tf.layers.dense({ name: "fc", units: 1, inputShape: [2] })] });
      network.setWeights([tf.tensor2d([1, value], [2, 1]), tf.zeros([1])]);
      const files: Record<string, Uint8Array> = {};
      await expect(saveNetwork(network, filesInMemory(files))).rejects.toMatchObject({
        code: "model/non-finite",
        details: { name: "fc/kernel", index: 1 },
      });
      expect(files).toEqual({});
      tf.disposeVariables();
    }
  });

  it("say which class has to be registered, and load once it is", async () => {
    class Halve extends tf.layers.Layer {
      static className = "LetheTestHalve";
      override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.div(Array.isArray(x) ? x[0] : x, 2);
      }
    }
    const network = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] }), new Halve()] });
    const files = await filesOf(network);
    const loading = loadNetwork(filesInMemory(files), "the model");
    await expect(loading).rejects.toThrow(/uses the layer LetheTestHalve, .*tf\.serialization\.registerClass\(LetheTestHalve\)/);
    expect(await rejectionCode(loading)).toBe("model/unknown-class");
    tf.serialization.registerClass(Halve);
    const copy = await loadNetwork(filesInMemory(files), "the model");
    expect(copy.predict(tf.ones([1, 2]))).toBeInstanceOf(tf.Tensor);
  });

  it("refuse weights of another network", async () => {
    const files = await filesOf(tf.sequential({ layers: [tf.layers.dense({ name: "one", units: 1, inputShape: [2] })] }));
    const other = await filesOf(tf.sequential({ layers: [tf.layers.dense({ name: "two", units: 1, inputShape: [2] })] }));
    const names = JSON.parse(new TextDecoder().decode(other["model.json"])) as { weightsManifest: unknown };
    const mixed = withJson(files, (json) => Object.assign(json, { weightsManifest: names.weightsManifest }));
    expect(await rejectionCode(loadNetwork(filesInMemory(mixed), "the model"))).toBe("model/not-loadable");
    const empty = withJson(files, (json) => Object.assign(json, { weightsManifest: [] }));
    expect(await rejectionCode(loadNetwork(filesInMemory(empty), "the model"))).toBe("model/not-loadable");
  });

  it("refuse a topology that tfjs cannot build", async () => {
    const files = withJson(await filesOf(someNetwork()), (json) => {
      json.modelTopology.config.layers = [];
    });
    expect(await rejectionCode(loadNetwork(filesInMemory(files), "the model"))).toBe("model/not-loadable");
  });
});
