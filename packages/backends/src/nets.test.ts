import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { chooseBackend } from "./choose.ts";
import { distance, runAll, values } from "./fixtures/backends.ts";
import type { Case, Result } from "./fixtures/backends.ts";

type Net = (...parameters: tf.Tensor[]) => tf.Tensor;

const [x, labels] = [() => values([4, 12, 12, 3], 7) as tf.Tensor4D, () => tf.oneHot(tf.tensor1d([0, 1, 2, 1], "int32"), 3)];
const loss = (logits: tf.Tensor): tf.Tensor => tf.losses.softmaxCrossEntropy(labels(), logits);
const pool = (y: tf.Tensor4D): tf.Tensor => tf.mean(y, [1, 2]);

const plain: Net = (filter, scale, offset, second, dense) => {
  const y = tf.conv2d(x(), filter as tf.Tensor4D, 1, "same");
  const { mean, variance } = tf.moments(y, [0, 1, 2]);
  const normal = tf.batchNorm(y, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D, 1e-3);
  const small = tf.maxPool(tf.relu(normal) as tf.Tensor4D, 2, 2, "same");
  const strided = tf.relu(tf.conv2d(small, second as tf.Tensor4D, 2, "same")) as tf.Tensor4D;
  return loss(tf.matMul(pool(tf.avgPool(strided, 2, 1, "valid")), dense as tf.Tensor2D));
};

const depthwise: Net = (filter, point, separable, separablePoint, dense) => {
  const y = tf.depthwiseConv2d(x(), filter as tf.Tensor4D, 2, "same");
  const z = tf.conv2d(tf.relu6(y) as tf.Tensor4D, point as tf.Tensor4D, 1, "valid");
  const w = tf.separableConv2d(z, separable as tf.Tensor4D, separablePoint as tf.Tensor4D, 1, "same");
  return loss(tf.add(tf.matMul(pool(w as tf.Tensor4D), dense as tf.Tensor2D), 0.5));
};

const attention: Net = (query, key, value) => {
  const tokens = tf.reshape(x(), [4, 12, 36]);
  const [q, k, v] = [query, key, value].map((weights) => tf.einsum("btc,chd->bthd", tokens, weights as tf.Tensor)) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const scores = tf.softmax(tf.einsum("bthd,bshd->bhts", q, k));
  return loss(tf.mean(tf.einsum("bhts,bshd->bthd", scores, v), [1, 2]));
};

const net = (name: string, f: Net, ...shapes: number[][]): Case => ({
  name,
  run: () => {
    const parameters = shapes.map((shape, index) => tf.mul(values(shape, index + 20), 0.5));
    const { value, grads } = tf.valueAndGrads(f)(parameters);
    return [value, ...grads];
  },
});

const table = [
  net("conv, batch norm, relu, pools", plain, [3, 3, 3, 8], [8], [8], [5, 5, 8, 6], [6, 3]),
  net("depthwise and separable", depthwise, [3, 3, 3, 2], [1, 1, 6, 5], [3, 3, 5, 1], [1, 1, 5, 7], [7, 3]),
  net("attention by einsum", attention, [36, 2, 3], [36, 2, 3], [36, 2, 3]),
];

describe("loss and gradients of small nets on wasm", () => {
  let cpu: Map<string, Result[]>;
  let wasm: Map<string, Result[]>;
  beforeAll(async () => {
    await chooseBackend({ name: "cpu" });
    cpu = runAll(table);
    await chooseBackend({ name: "wasm" });
    wasm = runAll(table);
  });

  it.each(table.map(({ name }) => name))("%s agree with cpu", (name) => {
    const actual = wasm.get(name) as Result[];
    (cpu.get(name) as Result[]).forEach((expected, index) => expect(distance(actual[index] as Result, expected)).toBeLessThan(2e-5));
  });

  it("trains a layers model without leaving tensors behind", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [12, 12, 3],
          filters: 4,
          kernelSize: 3,
          activation: "relu",
        }),
        tf.layers.separableConv2d({ filters: 6, kernelSize: 3, strides: 2 }),
        tf.layers.batchNormalization(),
        tf.layers.globalAveragePooling2d({}),
        tf.layers.dense({ units: 3, activation: "softmax" }),
      ],
    });
    model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
    const [inputs, targets] = [x(), labels()];
    const first = (await model.trainOnBatch(inputs, targets)) as number;
    const before = [tf.memory().numTensors, tf.engine().backend.numDataIds()];
    let last = first;
    for (let step = 0; step < 20; step++) last = (await model.trainOnBatch(inputs, targets)) as number;
    expect([tf.memory().numTensors, tf.engine().backend.numDataIds()]).toEqual(before);
    expect(last).toBeLessThan(first);
    model.dispose();
    tf.dispose([inputs, targets]);
  });
});
