import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../context/index.ts";
import { Model } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { blockDiagonal, layerBlocks } from "./block-diagonal.ts";
import { denseMatrix } from "./dense.ts";
import { diagonal } from "./diagonal.ts";
import { empiricalFisher } from "./fisher.ts";
import { flattenTree, unflattenTree } from "./flatten.ts";
import { relativeError } from "./fixtures/distance.ts";
import { drawVector, mlp, smallCnn, type Example } from "./fixtures/networks.ts";
import { generalisedGaussNewton } from "./gauss-newton.ts";
import { hessian } from "./hessian.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const options = () => ({ context: createContext(), batchSize: 4 });
const diagonalOf = (values: Float64Array, size: number): number[] => Array.from({ length: size }, (_, i) => values[i * (size + 1)]);

describe("the diagonal", () => {
  test.each([
    ["generalisedGaussNewton, softmax", generalisedGaussNewton, mlp()],
    ["generalisedGaussNewton, sigmoid", generalisedGaussNewton, mlp("sigmoid")],
    ["generalisedGaussNewton, convolutions", generalisedGaussNewton, smallCnn(4)],
    ["empiricalFisher, convolutions", empiricalFisher, smallCnn(4)],
  ])("without probes is that of the matrix: %s", async (_, of, { model, data }) => {
    const before = tf.memory().numTensors;
    const operator = of(model, data, options());
    const { values } = await diagonal(operator);
    const matrix = await denseMatrix(operator);
    expect(relativeError(flattenTree(values), diagonalOf(matrix.values, operator.dimension))).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("by probes lies where its standard errors say", async () => {
    const { model, data } = mlp();
    const operator = hessian(model, data, options());
    const { values, standardErrors } = await diagonal(operator, { probes: 100, random: createRandom(2) });
    const exact = diagonalOf((await denseMatrix(operator)).values, operator.dimension);
    const deviations = flattenTree(values).map((value, i) => (value - exact[i]) / flattenTree(standardErrors!)[i]);
    // The mean square of standard deviates in number of the parameters, within five of its own standard deviations.
    const meanSquare = deviations.reduce((sum, value) => sum + value ** 2, 0) / deviations.length;
    expect(Math.abs(meanSquare - 1)).toBeLessThan(5 * Math.sqrt(2 / deviations.length));
  });
});

describe("blocks", () => {
  test("are those of the matrix, and nothing between them", async () => {
    const { model, data } = mlp();
    const operator = hessian(model, data, options());
    const [all, blocks] = [await denseMatrix(operator), await denseMatrix(blockDiagonal(operator, layerBlocks(model)))];
    const size = operator.dimension;
    const inFirst = 5 * 6 + 6;
    const expected = all.values.map((value, at) => (Math.floor(at / size) < inFirst === at % size < inFirst ? value : 0));
    expect(relativeError(blocks.values, expected)).toBeLessThan(1e-6);
    expect(relativeError(expected, all.values)).toBeGreaterThan(0.1);
  });

  test("hold every parameter once, also where a layer gives two of them one role", () => {
    const network = tf.sequential({
      layers: [
        tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2 }) as tf.RNN, mergeMode: "concat", inputShape: [3, 2] }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const model = new Model(network);
    const names = layerBlocks(model).flatMap(({ parameters }) => parameters);
    expect(names.toSorted()).toEqual(Object.keys(model.parameters).toSorted());
  });
});

test("a vector flattens in the order of the tree and comes back", () => {
  const shapes = { "b/kernel": { shape: [2, 2] }, "a/bias": { shape: [] } };
  const flat = Float64Array.of(1, 2, 3, 4, 5);
  expect(flattenTree(unflattenTree(flat, shapes))).toEqual(flat);
  expect(unflattenTree(flat, shapes)["a/bias"].values).toEqual(Float64Array.of(5));
});

test("a vector of any length is within the range of float32", async () => {
  const { model, data } = mlp();
  const { apply, dimension } = hessian(model, data, options()).toLinearOperator();
  const v = drawVector(dimension, 1);
  const product = await apply(v);
  for (const power of [-300, 300]) {
    const scaled = await apply(v.map((value) => value * 2 ** power));
    expect(
      relativeError(
        scaled.map((value) => value * 2 ** -power),
        product,
      ),
    ).toBeLessThan(1e-6);
  }
  expect(await apply(new Float64Array(dimension))).toEqual(new Float64Array(dimension));
});

test("a frozen layer below the parameters does not disturb", async () => {
  const network = tf.sequential({
    layers: [tf.layers.dense({ units: 6, inputShape: [5], activation: "tanh", trainable: false }), tf.layers.dense({ units: 3 })],
  });
  const { data } = mlp();
  const model = new Model(network);
  const [h, g] = await Promise.all([hessian, generalisedGaussNewton].map(async (of) => denseMatrix(of(model, data, options()))));
  expect(h.shape).toEqual([21, 21]);
  // The last layer's Hessian is its Gauss-Newton matrix.
  expect(relativeError(g.values, h.values)).toBeLessThan(1e-5);
});

test("a product over 2,000 samples peaks within 1.5 times one over a single batch", async () => {
  const batchSize = 100;
  const peakOf = async (count: number, of: typeof hessian, { model, data }: Example): Promise<number> => {
    const operator = of(model, data, { ...options(), batchSize, order: Array.from({ length: count }, (_, n) => n) });
    const engine = tf.engine();
    const flat = new Float64Array(operator.dimension).fill(1);
    let peak = 0;
    const { runKernel } = engine;
    // Memory is taken by kernels alone.
    engine.runKernel = ((...args: Parameters<typeof runKernel>) => {
      const result = runKernel.apply(engine, args);
      peak = Math.max(peak, engine.memory().numBytes);
      return result;
    }) as typeof runKernel;
    const start = engine.memory().numBytes;
    try {
      await operator.toLinearOperator().apply(flat);
    } finally {
      engine.runKernel = runKernel;
    }
    return peak - start;
  };
  for (const [of, example, activations] of [
    [hessian, smallCnn(2000), 8 * 8 * 3],
    [generalisedGaussNewton, mlp("softmax", 2000), 6],
  ] as const) {
    const [one, all] = [await peakOf(batchSize, of, example), await peakOf(2000, of, example)];
    expect(one).toBeGreaterThan(4 * batchSize * activations);
    expect(all).toBeLessThan(1.5 * one);
  }
});
