import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset, type Dataset } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { blockDiagonal, layerBlocks } from "./block-diagonal.ts";
import { denseMatrix } from "./dense.ts";
import { empiricalFisher, trueFisher } from "./fisher.ts";
import { flattenTree } from "./flatten.ts";
import { relativeError } from "./fixtures/distance.ts";
import { mlp, smallCnn } from "./fixtures/networks.ts";
import { generalisedGaussNewton } from "./gauss-newton.ts";
import { kroneckerFactors } from "./kronecker-factors.ts";
import { dampKroneckerFactor, inverseKroneckerOperator, kroneckerOperator } from "./kronecker.ts";
import type { CurvatureOptions } from "./options.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const options = () => ({ context: createContext(), batchSize: 4 });

const draw = (inputShape: number[], samples: number): Dataset => {
  const random = createRandom("samples");
  const size = inputShape.reduce((count, each) => count * each, samples);
  return arrayDataset({
    inputs: Float32Array.from({ length: size }, () => random.normal()),
    inputShape,
    labels: Array.from({ length: samples }, (_, n) => n % 3),
    classCount: 3,
  });
};

const drawn = { draws: 3, random: createRandom(5) };

describe("for a single sample and position, A (x) G is the layer's block", () => {
  const head = { units: 3, biasInitializer: "randomNormal" } as const;
  const networks: readonly [string, () => tf.LayersModel, number[]][] = [
    [
      "dense layers",
      () => tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [5], activation: "tanh" }), tf.layers.dense(head)] }),
      [5],
    ],
    [
      "a convolution of one position, without bias",
      () =>
        tf.sequential({
          layers: [
            tf.layers.conv2d({ filters: 2, kernelSize: [3, 2], useBias: false, inputShape: [3, 2, 2] }),
            tf.layers.flatten(),
            tf.layers.dense(head),
          ],
        }),
      [3, 2, 2],
    ],
  ];

  test.each(networks)("%s", async (_, build, inputShape) => {
    const model = new Model(build());
    const data = draw(inputShape, 1);
    for (const [labels, of] of [
      ["exact", generalisedGaussNewton],
      ["empirical", empiricalFisher],
      [drawn, (each: Model, samples: Dataset, rest: CurvatureOptions) => trueFisher(each, samples, { ...rest, labels: drawn })],
    ] as const) {
      const before = tf.memory().numTensors;
      const factors = await kroneckerFactors(model, data, { ...options(), labels });
      const expected = await denseMatrix(blockDiagonal(of(model, data, options()), layerBlocks(model)));
      const actual = await denseMatrix(kroneckerOperator(factors, model.parameters));
      expect(relativeError(actual.values, expected.values)).toBeLessThan(1e-5);
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});

test("A of a convolution is the sum over positions of its patches, with a 1 for the bias; G the mean", async () => {
  const network = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 2, kernelSize: [2, 3], strides: [2, 1], padding: "same", inputShape: [4, 3, 2] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3 }),
    ],
  });
  const model = new Model(network);
  const samples = 3;
  const data = draw([4, 3, 2], samples);
  const [convolution] = await kroneckerFactors(model, data, { ...options(), batchSize: 2 });
  const { inputs } = await data.read([0, 1, 2]);
  const at = (n: number, y: number, x: number, c: number): number =>
    y < 0 || y >= 4 || x < 0 || x >= 3 ? 0 : inputs.values[((n * 4 + y) * 3 + x) * 2 + c];
  const size = 2 * 3 * 2 + 1;
  const expected = new Float64Array(size * size);
  for (let n = 0; n < samples; n++) {
    for (const y of [0, 2]) {
      for (const x of [0, 1, 2]) {
        // Two rows from the position on (nothing to pad), three columns around it.
        const patch = [0, 1].flatMap((k) => [-1, 0, 1].flatMap((l) => [0, 1].map((c) => at(n, y + k, x + l, c))));
        const a = [...patch, 1];
        a.forEach((left, i) => a.forEach((right, j) => (expected[i * size + j] += (left * right) / samples)));
      }
    }
  }
  expect(relativeError(convolution.input.values, expected)).toBeLessThan(1e-6);
  expect(convolution.input.values.at(-1)).toBeCloseTo(6, 6);
  expect(convolution.output.shape).toEqual([2, 2]);
});

test("neither factor depends on batch size, and the network's layers without factors are left out", async () => {
  const { model, data } = smallCnn();
  const [some, all] = await Promise.all([2, 100].map((batchSize) => kroneckerFactors(model, data, { ...options(), batchSize })));
  expect(some.map(({ bias }) => bias === undefined)).toEqual([true, false, false]);
  some.forEach(({ input, output }, i) => {
    expect(relativeError(input.values, all[i].input.values)).toBeLessThan(1e-6);
    expect(relativeError(output.values, all[i].output.values)).toBeLessThan(1e-5);
  });
  const operator = kroneckerOperator(some, model.parameters);
  const norm = Object.keys(model.parameters).find((name) => name.endsWith("gamma"))!;
  const diagonal = await operator.exactDiagonal!();
  expect(diagonal[norm].values.every((value) => value === 0)).toBe(true);
  const { shape, values } = await denseMatrix(operator);
  expect(
    relativeError(
      flattenTree(diagonal),
      Array.from({ length: shape[0] }, (_, i) => values[i * (shape[0] + 1)]),
    ),
  ).toBeLessThan(1e-6);
});

describe("labels that the model draws", () => {
  test.each(["softmax", "sigmoid"] as const)("bring G to that of all classes as there are more of them, %s, and leave A", async (ending) => {
    const { model, data } = mlp(ending);
    const exact = await kroneckerFactors(model, data, options());
    const errorsWith = async (draws: number, seed: number): Promise<number[]> => {
      const factors = await kroneckerFactors(model, data, { ...options(), labels: { draws, random: createRandom(seed) } });
      factors.forEach(({ input }, i) => expect(input).toEqual(exact[i].input));
      return factors.map(({ output }, i) => relativeError(output.values, exact[i].output.values));
    };
    const few = await Promise.all(Array.from({ length: 8 }, (_, seed) => errorsWith(1, seed)));
    const many = await errorsWith(100, 1);
    // Ten times as small in expectation; the same labels are drawn in every run.
    many.forEach((error, i) => expect(error).toBeLessThan(Math.hypot(...few.map((errors) => errors[i])) / Math.sqrt(8) / 5));
  });

  test("are the seed's, whatever the batches, and no tensor stays behind", async () => {
    const { model, data } = smallCnn();
    const before = tf.memory().numTensors;
    const outputs = async (seed: number, batchSize: number): Promise<number[]> => {
      const factors = await kroneckerFactors(model, data, { ...options(), batchSize, labels: { draws: 1, random: createRandom(seed) } });
      return factors.flatMap(({ output }) => [...output.values]);
    };
    const expected = await outputs(1, 4);
    expect(relativeError(await outputs(1, 3), expected)).toBeLessThan(1e-5);
    expect(relativeError(await outputs(2, 4), expected)).toBeGreaterThan(0.01);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("the inverse", () => {
  test("undoes the damped factors, and is symmetric", async () => {
    const { model, data } = mlp();
    const factors = await kroneckerFactors(model, data, options());
    const lambda = 0.01;
    const damped = kroneckerOperator(
      factors.map((factor) => dampKroneckerFactor(factor, lambda)),
      model.parameters,
    );
    const inverse = inverseKroneckerOperator(factors, model.parameters, lambda);
    expect(inverse.definiteness).toBe("positive-semidefinite");
    const { shape, values } = await denseMatrix(inverse);
    const { apply } = damped.toLinearOperator();
    for (let i = 0; i < shape[0]; i++) {
      const unit = await apply(values.slice(i * shape[0], (i + 1) * shape[0]));
      // The vector is rounded to float32 on its way.
      unit.forEach((value, j) => expect(Math.abs(value - (i === j ? 1 : 0))).toBeLessThan(1e-4));
    }
    const diagonal = flattenTree(await inverse.exactDiagonal!());
    expect(
      relativeError(
        diagonal,
        Array.from(diagonal, (_, i) => values[i * (shape[0] + 1)]),
      ),
    ).toBeLessThan(1e-12);
  });

  test("of factors that are numbers is one over the product of what damping makes of them", async () => {
    const square = (value: number) => ({ shape: [1, 1] as const, values: Float64Array.of(value) });
    const factor = { name: "dense", kernel: "w", bias: undefined, input: square(4), output: square(1) };
    const inverse = inverseKroneckerOperator([factor], { w: { shape: [1, 1] }, other: { shape: [2] } }, 0.01);
    const result = await inverse.toLinearOperator().apply(Float64Array.of(1, 3, -1));
    // pi = 2: (4 + 0.2) (1 + 0.05); and without a factor one over lambda.
    expect(result[0]).toBeCloseTo(1 / 4.41, 12);
    expect([result[1], result[2]]).toEqual([300, -100]);
  });

  test("solves with the damped Fisher matrix where A (x) G is exact and damping small", async () => {
    // A single linear layer and one sample.
    const model = new Model(tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2], useBias: false, activation: "sigmoid" })] }));
    const data = draw([2], 1);
    const [lambda, rest] = [1e-6, options()];
    const factors = await kroneckerFactors(model, data, rest);
    const before = tf.memory().numTensors;
    const operator = inverseKroneckerOperator(factors, model.parameters, lambda);
    // In the range of the Fisher matrix, where damping is a small part.
    const fisher = trueFisher(model, data, rest).toLinearOperator();
    const gradient = await fisher.apply(Float64Array.of(1, -2, 0.5, 0, 1, 3));
    const step = await operator.toLinearOperator().apply(gradient);
    expect(relativeError(await fisher.apply(step), gradient)).toBeLessThan(0.02);
    const tree = await operator.apply(model.parameters);
    expect(Object.keys(tree)).toEqual(Object.keys(model.parameters));
    tf.dispose(tree as tf.TensorContainer);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});

describe("damping", () => {
  test("is split by the mean eigenvalues, so that neither factor's part outweighs the other's", async () => {
    const { model, data } = mlp();
    const [factor] = await kroneckerFactors(model, data, options());
    const damped = dampKroneckerFactor(factor, 0.04);
    const mean = (values: Float64Array, size: number): number =>
      Array.from({ length: size }, (_, i) => values[i * (size + 1)]).reduce((a, b) => a + b) / size;
    const [a, g] = [mean(factor.input.values, 6), mean(factor.output.values, 6)];
    const added = { a: damped.input.values[0] - factor.input.values[0], g: damped.output.values[0] - factor.output.values[0] };
    expect(added.a * added.g).toBeCloseTo(0.04, 10);
    expect(added.a / a).toBeCloseTo(added.g / g, 10);
    expect(damped.input.values[1]).toBe(factor.input.values[1]);
  });

  test("of a factor that is zero, is split evenly", () => {
    const square = (value: number) => ({ shape: [1, 1] as const, values: Float64Array.of(value) });
    const damped = dampKroneckerFactor({ name: "", kernel: "", bias: undefined, input: square(3), output: square(0) }, 0.25);
    expect([damped.input.values[0], damped.output.values[0]]).toEqual([3.5, 0.5]);
  });
});
