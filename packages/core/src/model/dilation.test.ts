import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { computeInFloat64 } from "../autodiff/fixtures/float64.ts";
import { differences, distance, gradientOf, numbers } from "../autodiff/fixtures/tree-differences.ts";
import { spreadOver } from "../autodiff/fixtures/values.ts";
import { hessianVectorProduct } from "../autodiff/index.ts";
import { createContext } from "../context/index.ts";
import { arrayDataset } from "../data/index.ts";
import { crossEntropyObjective, gradientSum, perSampleMoments } from "../passes/index.ts";
import { mapTree, type TensorTree } from "../tree/index.ts";
import { Model } from "./model.ts";

const { layers } = tf;

beforeAll(async () => {
  computeInFloat64();
  tf.env().platform.isTypedArray = (array): array is Float32Array => ArrayBuffer.isView(array);
  await tf.setBackend("cpu");
});

type Weight = (role: string) => tf.Tensor;

interface Case {
  readonly shape: number[];
  readonly layer: (inputShape?: number[]) => tf.layers.Layer;
  /** What the layer computes, of operations that tfjs lets one write down. */
  readonly composition: (x: tf.Tensor, weight: Weight) => tf.Tensor;
  /** Second derivatives of the kernel are refused. */
  readonly refused?: true;
}

const conv2d = (x: tf.Tensor, weight: Weight, pad: "same" | "valid", rate: number | [number, number]): tf.Tensor =>
  tf.add(tf.conv2d(x as tf.Tensor4D, weight("kernel") as tf.Tensor4D, 1, pad, "NHWC", rate), weight("bias"));

const cases: Readonly<Record<string, Case>> = {
  "conv1d, rate 2, sigmoid": {
    shape: [9, 2],
    layer: (inputShape) => layers.conv1d({ filters: 3, kernelSize: 3, dilationRate: 2, activation: "sigmoid", inputShape }),
    composition: (x, weight) =>
      tf.sigmoid(tf.add(tf.conv1d(x as tf.Tensor3D, weight("kernel") as tf.Tensor3D, 1, "valid", "NWC", 2), weight("bias"))),
  },
  "conv2d, rate 2, same": {
    shape: [7, 6, 2],
    layer: (inputShape) => layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: "same", inputShape }),
    composition: (x, weight) => conv2d(x, weight, "same", 2),
  },
  "conv2d, rates 2 and 3, valid, tanh": {
    shape: [6, 8, 2],
    layer: (inputShape) => layers.conv2d({ filters: 2, kernelSize: [3, 2], dilationRate: [2, 3], activation: "tanh", inputShape }),
    composition: (x, weight) => tf.tanh(conv2d(x, weight, "valid", [2, 3])),
  },
  "conv2d, rate 3, even kernel, same, elu": {
    shape: [6, 5, 1],
    layer: (inputShape) => layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 3, padding: "same", activation: "elu", inputShape }),
    composition: (x, weight) => tf.elu(conv2d(x, weight, "same", 3)),
  },
  "conv2d, channels first, rate 2": {
    shape: [2, 7, 6],
    layer: (inputShape) => layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, dataFormat: "channelsFirst", inputShape }),
    composition: (x, weight) => tf.transpose(conv2d(tf.transpose(x, [0, 2, 3, 1]), weight, "valid", 2), [0, 3, 1, 2]),
  },
  "separable conv2d, rate 2": {
    shape: [7, 6, 2],
    layer: (inputShape) => layers.separableConv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: "same", depthMultiplier: 2, inputShape }),
    composition: (x, weight) => {
      const depthwise = tf.depthwiseConv2d(x as tf.Tensor4D, weight("depthwise_kernel") as tf.Tensor4D, 1, "same", "NHWC", 2);
      return tf.add(tf.conv2d(depthwise as tf.Tensor4D, weight("pointwise_kernel") as tf.Tensor4D, 1, "valid"), weight("bias"));
    },
  },
  "conv3d, rate 2": {
    shape: [4, 5, 4, 1],
    layer: (inputShape) => layers.conv3d({ filters: 2, kernelSize: 2, dilationRate: 2, inputShape }),
    composition: (x, weight) => tf.add(tf.conv3d(x as tf.Tensor5D, weight("kernel") as tf.Tensor5D, 1, "valid", "NDHWC", [2, 2, 2]), weight("bias")),
    refused: true,
  },
  // tfjs's layer takes a rate and leaves it out.
  "depthwise conv2d, rate 2": {
    shape: [7, 6, 2],
    layer: (inputShape) => layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: "same", inputShape }),
    composition: (x, weight) => tf.add(tf.depthwiseConv2d(x as tf.Tensor4D, weight("depthwise_kernel") as tf.Tensor4D, 1, "same"), weight("bias")),
  },
};

const classes = 3;
const batch = 2;

function networkOf({ shape, layer }: Case): tf.LayersModel {
  return tf.sequential({ layers: [layer(shape), layers.flatten(), layers.dense({ units: classes })] });
}

const seeded = (model: Model, seed: number): TensorTree => {
  const names = Object.keys(model.parameters);
  return mapTree(model.parameters, ({ shape }, name) => spreadOver(-0.8, 0.8, shape, seed + names.indexOf(name)));
};

// In this order: the first derivatives have to be right before anything has been registered for second ones.
for (const what of ["first", "second"] as const) {
  test.each(Object.entries(cases))(`the ${what} derivative of %s is that of differences, and of the operation written down`, (_, each) => {
    const model = new Model(networkOf(each));
    const tensors = tf.memory().numTensors;
    tf.tidy(() => {
      const inputs = spreadOver(-1, 1, [batch, ...each.shape], 1);
      const labels = tf.oneHot([0, 2], classes);
      const loss = (logits: tf.Tensor): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, logits);
      const f = (parameters: TensorTree): tf.Scalar => loss(model.logits(parameters, inputs));
      const [own, dense] = [model.layers[0], model.layers.at(-1)!];
      const composed = (parameters: TensorTree): tf.Scalar => {
        const y = each.composition(inputs, (role) => parameters[own.parameters[role]]);
        const [kernel, bias] = [parameters[dense.parameters["kernel"]], parameters[dense.parameters["bias"]]];
        return loss(tf.add(tf.matMul(tf.reshape(y, [batch, -1]), kernel as tf.Tensor2D), bias));
      };
      const [at, v] = [seeded(model, 100), seeded(model, 200)];
      expect(numbers([f(at)])[0]).toBeCloseTo(numbers([composed(at)])[0], 12);
      if (what === "first") {
        const slope = differences((tree) => numbers([f(tree)]), at, v, 1e-4)[0];
        const gradient = gradientOf(f, at);
        expect(numbers(mapTree(gradient, (g, name) => tf.sum(tf.mul(g, v[name])))).reduce((a, b) => a + b)).toBeCloseTo(slope, 9);
        return;
      }
      if (each.refused) {
        expect(() => hessianVectorProduct(f, at, v)).toThrow(expect.objectContaining({ code: "autodiff/unsupported-kernel" }));
        return;
      }
      const product = numbers(hessianVectorProduct(f, at, v));
      const reference = differences((tree) => numbers(gradientOf(f, tree)), at, v, 1e-4);
      expect(Math.max(...reference.map(Math.abs))).toBeGreaterThan(1e-3);
      expect(distance(product, reference, 0)).toBeLessThan(1e-7);
      expect(distance(product, numbers(hessianVectorProduct(composed, at, v)), 0)).toBeLessThan(1e-12);
    });
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });
}

describe("a dilated convolution", () => {
  const dilated = (inputShape?: number[]) =>
    layers.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2, padding: "same", activation: "tanh", biasInitializer: "randomNormal", inputShape });
  const separable = () => layers.separableConv2d({ filters: 2, kernelSize: 2, dilationRate: 2, padding: "same" });
  const depthwise = () => layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: "same" });

  test("upon others gives every sample the gradient that it has by itself", async () => {
    const network = tf.sequential({
      layers: [dilated([5, 5, 2]), dilated(), separable(), depthwise(), layers.flatten(), layers.dense({ units: classes })],
    });
    const model = new Model(network);
    const samples = 3;
    const inputs = Float64Array.from(numbers([spreadOver(-1, 1, [samples * 50], 1)])) as unknown as Float32Array;
    const data = arrayDataset({ inputs, inputShape: [5, 5, 2], labels: [0, 1, 2] });
    const objective = crossEntropyObjective("softmax-cross-entropy");
    const options = { context: createContext(), batchSize: 2, phase: "" };
    const { sums, oneByOne } = await perSampleMoments(model, data, { ...options, objective, power: 2 });
    // A rate that tfjs leaves out is not read by the closed forms either.
    expect(oneByOne.every((name) => name.startsWith("depthwise"))).toBe(true);
    const single = await Promise.all(
      [0, 1, 2].map((n) => gradientSum(model, data, (logits, labels) => tf.mean(objective(logits, labels)), { ...options, order: [n] })),
    );
    for (const [name, { values }] of Object.entries(sums)) {
      const expected = Array.from(values, (_, i) => single.reduce((sum, gradient) => sum + gradient[name].values[i] ** 2, 0));
      expect(distance(Array.from(values), expected, 0)).toBeLessThan(1e-10);
    }
  });

  test("keeps its own way outside of gradients, and the network its layer", async () => {
    const model = new Model(tf.sequential({ layers: [dilated([5, 5, 1]), layers.flatten(), layers.dense({ units: classes })] }));
    const inputs = spreadOver(-1, 1, [2, 5, 5, 1], 1);
    const filters = async (run: () => tf.Tensor): Promise<string[]> => {
      const { kernels } = await tf.profile(() => tf.tidy(run));
      return kernels.filter(({ name }) => name.includes("Conv2D")).map(({ inputShapes }) => String(inputShapes[1]));
    };
    const logits = (): tf.Tensor => model.logits(model.parameters, inputs);
    expect(await filters(logits)).toEqual(["3,3,1,2"]);
    expect((await filters(() => Object.values(gradientOf((tree) => tf.sum(model.logits(tree, inputs)), model.parameters))[0]))[0]).toBe("5,5,1,2");
    expect(await filters(logits)).toEqual(["3,3,1,2"]);
    const [ours, own] = [logits(), model.network.predict(inputs) as tf.Tensor].map((tensor) => numbers([tensor]));
    expect(distance(ours, own)).toBeLessThan(1e-12);
  });
});
