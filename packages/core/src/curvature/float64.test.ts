import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { computeInFloat64 } from "../autodiff/fixtures/float64.ts";
import { createContext } from "../context/index.ts";
import { lossFunction, type Model } from "../model/index.ts";
import { gradientSum } from "../passes/index.ts";
import { disposeTree, fromHost, toHost } from "../tree/index.ts";
import { denseMatrix } from "./dense.ts";
import { flattenTree, unflattenTree } from "./flatten.ts";
import { relativeError } from "./fixtures/distance.ts";
import { drawVector, mlp, smallCnn, softmaxRegression, type Example } from "./fixtures/networks.ts";
import { softmaxRegressionHessian } from "./fixtures/softmax-regression-hessian.ts";
import { generalisedGaussNewton } from "./gauss-newton.ts";
import { hessian } from "./hessian.ts";

beforeAll(async () => {
  computeInFloat64();
  // tfjs asks Node whether an array is typed, and Node knows what the array really is.
  tf.env().platform.isTypedArray = (array): array is Float32Array => ArrayBuffer.isView(array);
  await tf.setBackend("cpu");
});

const options = () => ({ context: createContext(), batchSize: 4, phase: "" });
const lossOf = ({ ending }: Model) => lossFunction(ending === "sigmoid" ? "sigmoid-cross-entropy" : "softmax-cross-entropy");

const networks: readonly [string, () => Example][] = [
  ["softmax regression", softmaxRegression],
  ["mlp", () => mlp()],
  ["mlp with independent sigmoids", () => mlp("sigmoid")],
  ["small convolutional network", () => smallCnn()],
];

describe("in float64", () => {
  test.each(networks)("the Hessian is what central differences of the gradient are: %s", async (_, make) => {
    const { model, data } = make();
    const operator = hessian(model, data, options());
    const v = drawVector(operator.dimension, 7);
    const at = flattenTree(await toHost(model.parameters));
    const gradientAt = async (t: number): Promise<Float64Array> => {
      const parameters = fromHost(
        unflattenTree(
          at.map((value, i) => value + t * v[i]),
          operator.parameters,
        ),
      );
      const sum = await gradientSum(model, data, lossOf(model), options(), { parameters, buffers: model.buffers });
      disposeTree(parameters);
      return flattenTree(sum).map((value) => value / data.size);
    };
    // So small that no relu and no maximum changes sides.
    const step = 1e-6;
    const [after, before] = [await gradientAt(step), await gradientAt(-step)];
    const differences = after.map((value, i) => (value - before[i]) / (2 * step));
    expect(relativeError(await operator.toLinearOperator().apply(v), differences)).toBeLessThan(1e-7);
  });

  test("of softmax regression, Hessian and Gauss-Newton matrix have their closed form", async () => {
    const { model, data } = softmaxRegression();
    const expected = await softmaxRegressionHessian(model, data);
    for (const matrix of [hessian, generalisedGaussNewton]) {
      expect(relativeError((await denseMatrix(matrix(model, data, options()))).values, expected)).toBeLessThan(1e-12);
    }
  });

  test.each(["softmax", "sigmoid"] as const)("the Gauss-Newton matrix is J^T H J with J by central differences, %s", async (ending) => {
    const { model, data } = mlp(ending, 3);
    const { inputs } = await data.read([0, 1, 2]);
    const at = flattenTree(await toHost(model.parameters));
    const operator = generalisedGaussNewton(model, data, options());
    const logitsAt = (parameters: Float64Array): number[] =>
      tf.tidy(() => {
        const tree = fromHost(unflattenTree(parameters, operator.parameters));
        return [...model.logits(tree, tf.tensor(Float32Array.from(inputs.values), [...inputs.shape])).dataSync()];
      });
    const z = logitsAt(at);
    const [classes, step] = [3, 1e-5];
    const columns = Array.from(at, (_, i) => {
      const moved = (by: number): number[] => logitsAt(at.map((value, j) => value + (i === j ? by : 0)));
      const [after, before] = [moved(step), moved(-step)];
      return after.map((value, k) => (value - before[k]) / (2 * step));
    });
    const expected = new Float64Array(at.length ** 2);
    for (let n = 0; n < 3; n++) {
      const logits = z.slice(n * classes, (n + 1) * classes);
      const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
      const p = logits.map((value) => (ending === "softmax" ? Math.exp(value) / total : 1 / (1 + Math.exp(-value))));
      const entry = (c: number, e: number): number => {
        if (ending === "softmax") return (c === e ? p[c] : 0) - p[c] * p[e];
        return c === e ? (p[c] * (1 - p[c])) / classes : 0;
      };
      for (let c = 0; c < classes; c++) {
        for (let e = 0; e < classes; e++) {
          columns.forEach((left, i) =>
            columns.forEach((right, j) => (expected[i * at.length + j] += (left[n * classes + c] * entry(c, e) * right[n * classes + e]) / 3)),
          );
        }
      }
    }
    expect(relativeError((await denseMatrix(operator)).values, expected)).toBeLessThan(1e-8);
  });
});
