import * as tf from "@tensorflow/tfjs";
import { arrayDataset, createContext, Model } from "@lethe/core";
import { hessianVectorProduct } from "@lethe/core/autodiff";
import { generalisedGaussNewton, hessian } from "@lethe/core/curvature";
import { beforeAll, describe, expect, it } from "vitest";
import { distance, runAll, useWasm, values } from "../fixtures/backends.ts";
import type { Case, Result } from "../fixtures/backends.ts";
import { improveGradients } from "./improve.ts";

type Parameters = Readonly<Record<string, tf.Tensor>>;

/** The Hessian of a loss times a vector, at repeatable parameters of the given shapes. */
function product(name: string, shapes: readonly number[][], logits: (...parameters: tf.Tensor[]) => tf.Tensor): Case {
  const tree = (seed: number): Parameters => Object.fromEntries(shapes.map((shape, i) => [`p${i}`, tf.mul(values(shape, seed + i), 0.5)]));
  const labels = (): tf.Tensor => tf.oneHot(tf.tensor1d([0, 1, 2, 1], "int32"), 3);
  const loss = (parameters: Parameters): tf.Scalar => tf.losses.softmaxCrossEntropy(labels(), logits(...Object.values(parameters)));
  return { name, run: () => Object.values(hessianVectorProduct(loss, tree(1), tree(51))) };
}

const images = (): tf.Tensor4D => values([4, 8, 8, 2], 7) as tf.Tensor4D;
const pooled = (y: tf.Tensor): tf.Tensor => tf.mean(y, [1, 2]);

const table = [
  product("conv, batch norm, max pool, average pool with padding", [[3, 3, 2, 4], [4], [4], [3, 3, 4, 3]], (filter, scale, offset, second) => {
    const y = tf.conv2d(images(), filter as tf.Tensor4D, 1, "same");
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    const normal = tf.batchNorm(y, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D, 1e-3);
    // Mostly negative maxima: the stock wasm kernel MaxPoolGrad forgets those windows.
    const small = tf.avgPool(tf.maxPool(tf.sub(normal, 3) as tf.Tensor4D, 2, 2, "same"), 3, 2, "same");
    return pooled(tf.tanh(tf.conv2d(small as tf.Tensor4D, second as tf.Tensor4D, 2, "same")));
  }),
  product(
    "depthwise, elu, swish",
    [
      [3, 3, 2, 2],
      [1, 1, 4, 3],
    ],
    (filter, point) => {
      const y = tf.elu(tf.depthwiseConv2d(images(), filter as tf.Tensor4D, 2, "same"));
      const z = tf.conv2d(y as tf.Tensor4D, point as tf.Tensor4D, 1, "valid");
      return pooled(tf.mul(z, tf.sigmoid(z)));
    },
  ),
  product(
    "attention over embeddings",
    [
      [5, 6],
      [6, 2, 3],
      [6, 2, 3],
      [6, 2, 3],
      [6, 3],
    ],
    (embedding, query, key, value, head) => {
      const tokens = tf.gather(embedding, tf.tensor2d([0, 1, 2, 0, 3, 4, 1, 1, 4, 2, 3, 0], [4, 3], "int32"));
      const [q, k, v] = [query, key, value].map((weights) => tf.einsum("btc,chd->bthd", tokens, weights)) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const mixed = tf.einsum("bhts,bshd->bthd", tf.softmax(tf.einsum("bthd,bshd->bhts", q, k)), v);
      return tf.matMul(tf.reshape(tf.mean(mixed, 1), [4, 6]), head as tf.Tensor2D);
    },
  ),
];

const { layers } = tf;
const norm = (): tf.layers.Layer => layers.batchNormalization({});
const activation = (name: "tanh" | "elu" | "swish"): tf.layers.Layer => layers.activation({ activation: name as "tanh" });

const networks: Readonly<Record<string, () => tf.layers.Layer[]>> = {
  "conv, batch norm, max and average pooling, layer norm": () => [
    layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", useBias: false, inputShape: [8, 8, 2] }),
    norm(),
    layers.reLU({}),
    layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }),
    layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: "same", activation: "relu" }),
    layers.averagePooling2d({ poolSize: 2, strides: 1, padding: "same" }),
    layers.layerNormalization({}),
    activation("swish"),
    layers.flatten(),
    layers.dense({ units: 3 }),
  ],
  "depthwise, separable and dilated convolutions": () => [
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: "same", inputShape: [8, 8, 2] }),
    norm(),
    activation("elu"),
    layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: "same", activation: "tanh" }),
    layers.separableConv2d({ filters: 4, kernelSize: 2 }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.globalAveragePooling2d({}),
    layers.dense({ units: 3, activation: "softmax" }),
  ],
};

interface Products {
  readonly hessian: Result;
  readonly gaussNewton: Result;
  /** |u . H v - v . H u| over the norms of u and H v. */
  readonly asymmetry: number;
}

/** On the backend that is set, at repeatable weights; leaves no tensor alive. */
async function productsOf(build: () => tf.layers.Layer[]): Promise<Products> {
  const before = tf.memory().numTensors;
  const model = new Model(tf.sequential({ layers: build() }));
  const drawn = (tree: Model["parameters"], seed: number): Record<string, tf.Tensor> =>
    Object.fromEntries(
      Object.entries(tree).map(([name, { shape }], i) => {
        const drawing = tf.tidy(() => tf.mul(values(shape, seed + i), 0.5));
        if (!name.includes("variance")) return [name, drawing];
        const positive = tf.tidy(() => tf.add(drawing, 1));
        drawing.dispose();
        return [name, positive];
      }),
    );
  const weights = { parameters: drawn(model.parameters, 1), buffers: drawn(model.buffers, 31) };
  const numbers = (shape: readonly number[], seed: number): Float32Array => {
    const tensor = values(shape, seed);
    const data = tensor.dataSync<"float32">().slice();
    tensor.dispose();
    return data;
  };
  const inputs = numbers([6, 8, 8, 2], 7);
  const data = arrayDataset({ inputs, inputShape: [8, 8, 2], labels: [0, 1, 2, 1, 0, 2], classCount: 3 });
  const options = { context: createContext(), batchSize: 4, weights };
  const operator = hessian(model, data, options).toLinearOperator();
  const [u, v] = [61, 71].map((seed) => Float64Array.from(numbers([operator.dimension], seed))) as [Float64Array, Float64Array];
  const [hu, hv] = [await operator.apply(u), await operator.apply(v)];
  const gv = await generalisedGaussNewton(model, data, options).toLinearOperator().apply(v);
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
  const result = (vector: Float64Array): Result => ({ shape: [vector.length], data: Float32Array.from(vector) });
  return {
    hessian: result(hv),
    gaussNewton: result(gv),
    asymmetry: Math.abs(dot(u, hv) - dot(v, hu)) / Math.sqrt(dot(u, u) * dot(hv, hv)),
  };
}

describe("Hessian-vector products", () => {
  let [cpu, improved, wasm]: Map<string, Result[]>[] = [];
  const operators: Products[][] = [];
  const productsOfAll = async (): Promise<void> => {
    const products: Products[] = [];
    for (const build of Object.values(networks)) products.push(await productsOf(build));
    operators.push(products);
  };
  beforeAll(async () => {
    await tf.setBackend("cpu");
    cpu = runAll(table);
    await productsOfAll();
    // After core's gradients: whichever is registered last, second derivatives stay right.
    improveGradients();
    improved = runAll(table);
    await useWasm();
    wasm = runAll(table);
    await productsOfAll();
  });

  it.each(table.map(({ name }) => name))("%s are the same with improved gradients, and on wasm", (name) => {
    const expected = cpu?.get(name) as Result[];
    for (const results of [improved, wasm]) {
      expected.forEach((result, i) => expect(distance(results?.get(name)?.[i] as Result, result)).toBeLessThan(1e-4));
    }
  });

  it.each(Object.keys(networks).map((name, i) => [name, i] as const))("of a layers model with %s are the same on wasm, and symmetric", (_, i) => {
    const [expected, actual] = operators.map((products) => products[i]) as [Products, Products];
    expect(distance(actual.hessian, expected.hessian)).toBeLessThan(1e-4);
    expect(distance(actual.gaussNewton, expected.gaussNewton)).toBeLessThan(1e-4);
    expect(actual.asymmetry).toBeLessThan(1e-5);
  });
});
