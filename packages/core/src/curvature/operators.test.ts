import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../context/index.ts";
import { lossFunction } from "../model/index.ts";
import { gradientSum } from "../passes/index.ts";
import { createRandom } from "../random/index.ts";
import { disposeTree, fromHost, mapHost, toHost, type HostTree } from "../tree/index.ts";
import { combineCurvature, dampedCurvature } from "./combine.ts";
import { denseMatrix } from "./dense.ts";
import { empiricalFisher, trueFisher, type TrueFisherOptions } from "./fisher.ts";
import { flattenTree, unflattenTree } from "./flatten.ts";
import { relativeError } from "./fixtures/distance.ts";
import { softmaxRegressionHessian } from "./fixtures/softmax-regression-hessian.ts";
import { drawVector, mlp, smallCnn, softmaxRegression, type Example } from "./fixtures/networks.ts";
import { generalisedGaussNewton } from "./gauss-newton.ts";
import { hessian } from "./hessian.ts";
import type { CurvatureOperator } from "./operator.ts";
import type { CurvatureOptions } from "./options.ts";
import { symmetricEigenvalues } from "../linalg/index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
const options = (rest: Partial<CurvatureOptions> = {}): CurvatureOptions => ({ context: createContext(), batchSize: 4, ...rest });

const networks: readonly [string, () => Example][] = [
  ["softmax regression", softmaxRegression],
  ["mlp", () => mlp()],
  ["mlp with independent sigmoids", () => mlp("sigmoid")],
  ["small convolutional network", () => smallCnn()],
];

const sampled = { draws: 2, random: createRandom(5) };
const matrices: readonly [string, (example: Example, options: CurvatureOptions) => CurvatureOperator][] = [
  ["hessian", ({ model, data }, rest) => hessian(model, data, rest)],
  ["generalisedGaussNewton", ({ model, data }, rest) => generalisedGaussNewton(model, data, rest)],
  ["empiricalFisher", ({ model, data }, rest) => empiricalFisher(model, data, rest)],
  ["trueFisher of sampled labels", ({ model, data }, rest) => trueFisher(model, data, { ...rest, labels: sampled })],
];

describe.each(networks)("%s", (_, make) => {
  const example = make();

  test.each(matrices)("%s is symmetric and linear, does not depend on batch size, and leaves no tensor behind", async (name, of) => {
    const before = tf.memory().numTensors;
    const operator = of(example, options());
    const { apply, dimension } = operator.toLinearOperator();
    const [u, v] = [drawVector(dimension, 1), drawVector(dimension, 2)];
    const [cu, cv] = [await apply(u), await apply(v)];
    const scale = Math.hypot(...u) * Math.hypot(...cv);
    expect(Math.abs(dot(u, cv) - dot(v, cu)) / scale).toBeLessThan(1e-5);

    const together = await apply(u.map((value, i) => value * 2 - v[i] * 3));
    expect(
      relativeError(
        together,
        cu.map((value, i) => value * 2 - cv[i] * 3),
      ),
    ).toBeLessThan(1e-5);

    for (const batchSize of [1, 100])
      expect(relativeError(await of(example, options({ batchSize })).toLinearOperator().apply(v), cv)).toBeLessThan(1e-5);
    const reversed = Array.from({ length: example.data.size }, (_unused, i) => example.data.size - 1 - i);
    // Sampled labels belong to positions in the order of visits.
    if (!name.includes("sampled")) {
      expect(
        relativeError(
          await of(example, options({ order: reversed }))
            .toLinearOperator()
            .apply(v),
          cv,
        ),
      ).toBeLessThan(1e-5);
    }

    const tensors = fromHost(unflattenTree(v, operator.parameters));
    const product = await operator.apply(tensors);
    expect(relativeError(flattenTree(await toHost(product)), cv)).toBeLessThan(1e-6);
    expect([...flattenTree(await toHost(tensors))]).toEqual([...v]);
    disposeTree(tensors);
    disposeTree(product);
    expect(tf.memory().numTensors).toBe(before);
    if (operator.definiteness === "positive-semidefinite") {
      for (let seed = 0; seed < 5; seed++) {
        const z = drawVector(dimension, 100 + seed);
        expect(dot(z, await apply(z))).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

test("of softmax regression, the Hessian has its closed form, and equals Gauss-Newton and the true Fisher matrix", async () => {
  const { model, data } = softmaxRegression();
  const expected = await softmaxRegressionHessian(model, data);
  for (const matrix of [hessian, generalisedGaussNewton, trueFisher]) {
    expect(relativeError((await denseMatrix(matrix(model, data, options()))).values, expected)).toBeLessThan(2e-6);
  }
});

describe("Fisher matrices", () => {
  test("the empirical one is the mean outer product of the samples' own gradients", async () => {
    const { model, data } = mlp();
    const rest = { ...options(), phase: "" };
    const { values } = await denseMatrix(empiricalFisher(model, data, rest));
    const expected = new Float64Array(values.length);
    const loss = lossFunction("softmax-cross-entropy");
    for (let n = 0; n < data.size; n++) {
      const g = flattenTree(await gradientSum(model, data, loss, { ...rest, order: [n] }));
      g.forEach((a, i) => g.forEach((b, j) => (expected[i * g.length + j] += (a * b) / data.size)));
    }
    expect(relativeError(values, expected)).toBeLessThan(1e-5);
  });

  test.each(["softmax", "sigmoid"] as const)("sampled labels come to the exact one, %s", async (ending) => {
    const { model, data } = mlp(ending, 4);
    const product = (labels: TrueFisherOptions["labels"]): Promise<Float64Array> => {
      const operator = trueFisher(model, data, { ...options(), labels });
      return Promise.resolve(operator.toLinearOperator().apply(drawVector(operator.dimension, 1)));
    };
    const exact = await product("exact");
    const errorWith = async (draws: number): Promise<number> => relativeError(await product({ draws, random: createRandom(1) }), exact);
    const [few, many] = [await errorWith(4), await errorWith(400)];
    // Ten times as small in expectation; the same labels are drawn in every run.
    expect(many).toBeLessThan(few / 4);
    expect(many).toBeLessThan(0.15);
  });

  test("the seed decides the labels, and every product sees the same", async () => {
    const { model, data } = mlp();
    const product = (seed: number): Promise<Float64Array> => {
      const { apply, dimension } = trueFisher(model, data, { ...options(), labels: { draws: 1, random: createRandom(seed) } }).toLinearOperator();
      return Promise.resolve(apply(drawVector(dimension, 1)));
    };
    expect(await product(1)).toEqual(await product(1));
    expect(relativeError(await product(1), await product(2))).toBeGreaterThan(0.01);
  });

  test("Gauss-Newton and both Fisher matrices are positive semidefinite, the Hessian is not", async () => {
    const { model, data } = mlp();
    const eigenvalues = await Promise.all(
      matrices.map(async ([, of]) => {
        const all = symmetricEigenvalues(await denseMatrix(of({ model, data }, options())));
        return { least: Math.min(...all), most: Math.max(...all) };
      }),
    );
    const [h, ...others] = eigenvalues;
    expect(h.least).toBeLessThan(-1e-3);
    for (const { least, most } of others) expect(least).toBeGreaterThan(-1e-6 * most);
  });
});

describe("combinations", () => {
  const product = async (operator: CurvatureOperator, v: Float64Array): Promise<Float64Array> => operator.toLinearOperator().apply(v);

  test("damping adds lambda v", async () => {
    const { model, data } = mlp();
    const operator = generalisedGaussNewton(model, data, options());
    const v = drawVector(operator.dimension, 1);
    const expected = (await product(operator, v)).map((value, i) => value + 0.5 * v[i]);
    const damped = dampedCurvature(operator, 0.5);
    expect(damped.definiteness).toBe("positive-semidefinite");
    expect(relativeError(await product(damped, v), expected)).toBeLessThan(1e-7);
    const [own, withDamping] = [await operator.exactDiagonal!(), await damped.exactDiagonal!()];
    expect(
      relativeError(
        flattenTree(withDamping),
        flattenTree(own).map((value) => value + 0.5),
      ),
    ).toBeLessThan(1e-12);
  });

  test("weights of n / n_r and -n_e / n_r give the retained samples' Hessian", async () => {
    const { model, data } = mlp();
    const order = Array.from({ length: data.size }, (_, n) => n);
    const [erased, retained] = [order.slice(0, 3), order.slice(3)];
    const of = (visited: number[]): CurvatureOperator => hessian(model, data, options({ order: visited }));
    const combined = combineCurvature([
      { operator: of(order), weight: data.size / retained.length },
      { operator: of(erased), weight: -erased.length / retained.length },
    ]);
    expect([combined.definiteness, combined.exactDiagonal]).toEqual(["unknown", undefined]);
    const v = drawVector(combined.dimension, 1);
    expect(relativeError(await product(combined, v), await product(of(retained), v))).toBeLessThan(1e-5);
    const squares = combineCurvature([{ operator: empiricalFisher(model, data, options()), weight: 2 }]);
    expect(squares.definiteness).toBe("positive-semidefinite");
    const own: HostTree = await empiricalFisher(model, data, options()).exactDiagonal!();
    expect(relativeError(flattenTree(await squares.exactDiagonal!()), flattenTree(mapHost(own, (value) => 2 * value)))).toBeLessThan(1e-12);
  });
});
