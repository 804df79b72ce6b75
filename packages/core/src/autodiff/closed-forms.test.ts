import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { computeInFloat64 } from "./fixtures/float64.ts";
import { hessianVectorProduct } from "./hessian-vector-product.ts";
import { spreadOver } from "./fixtures/values.ts";

beforeAll(async () => {
  computeInFloat64();
  await tf.setBackend("cpu");
});

const { exp, log, sin, cos, sqrt, tanh } = Math;
const logistic = (x: number): number => 1 / (1 + exp(-x));
/** Density of the standard normal distribution. */
const normal = (x: number): number => exp((-x * x) / 2) / sqrt(2 * Math.PI);

const functions: readonly [string, (x: tf.Tensor) => tf.Tensor, (x: number) => number][] = [
  ["exp", tf.exp, exp],
  ["log", tf.log, (x) => -1 / x ** 2],
  ["sqrt", tf.sqrt, (x) => -0.25 * x ** -1.5],
  ["rsqrt", tf.rsqrt, (x) => 0.75 * x ** -2.5],
  ["reciprocal", tf.reciprocal, (x) => 2 * x ** -3],
  ["x^2.5", (x) => tf.pow(x, 2.5), (x) => 3.75 * sqrt(x)],
  ["1.7^x", (x) => tf.pow(1.7, x), (x) => log(1.7) ** 2 * 1.7 ** x],
  ["sin", tf.sin, (x) => -sin(x)],
  ["tan", tf.tan, (x) => (2 * sin(x)) / cos(x) ** 3],
  ["tanh", tf.tanh, (x) => -2 * tanh(x) * (1 - tanh(x) ** 2)],
  ["sigmoid", tf.sigmoid, (x) => logistic(x) * (1 - logistic(x)) * (1 - 2 * logistic(x))],
  ["log-sigmoid", tf.logSigmoid, (x) => -logistic(x) * (1 - logistic(x))],
  ["softplus", tf.softplus, (x) => logistic(x) * (1 - logistic(x))],
  ["elu", (x) => tf.elu(tf.neg(x)), (x) => exp(-x)],
  ["selu", (x) => tf.selu(tf.neg(x)), (x) => 1.7580993408473768 * exp(-x)],
  ["erf", tf.erf, (x) => (-4 * x * exp(-x * x)) / sqrt(Math.PI)],
  ["relu", tf.relu, () => 0],
  // x Phi(x); tfjs's erf is a polynomial, which the first derivative contains, but not the second.
  ["gelu", (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))), (x) => normal(x) * (2 - x * x)],
];

describe("second derivatives with a closed form, in float64", () => {
  test.each(functions)("%s", (_, f, second) => {
    tf.tidy(() => {
      const x = spreadOver(0.3, 1.4, [8], 5);
      const { x: product } = hessianVectorProduct((tree) => tf.sum(f(tree["x"])), { x }, { x: tf.ones([8]) });
      const expected = [...x.dataSync()].map(second);
      product.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12));
    });
  });

  test("softmax regression: (diag(p) - p p^T) (x) x x^T", () => {
    tf.tidy(() => {
      const [x, weights, direction] = [
        [5, 4],
        [4, 3],
        [4, 3],
      ].map((shape, i) => spreadOver(-1, 1, shape, i + 1) as tf.Tensor2D);
      const labels = tf.oneHot([0, 2, 1, 1, 0], 3);
      const p = tf.softmax(tf.matMul(x, weights));
      const moved = tf.mul(p, tf.matMul(x, direction));
      const expected = tf.matMul(x, tf.sub(moved, tf.mul(p, tf.sum(moved, 1, true))) as tf.Tensor2D, true);
      const losses = {
        "tf.losses": (z: tf.Tensor) => tf.mul(tf.losses.softmaxCrossEntropy(labels, z), 5) as tf.Scalar,
        logSoftmax: (z: tf.Tensor) => tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(z)))) as tf.Scalar,
        softmax: (z: tf.Tensor) => tf.neg(tf.sum(tf.mul(labels, tf.log(tf.softmax(z))))) as tf.Scalar,
        logSumExp: (z: tf.Tensor) => tf.sub(tf.sum(tf.logSumExp(z, 1)), tf.sum(tf.mul(labels, z))) as tf.Scalar,
      };
      for (const loss of Object.values(losses)) {
        const { w } = hessianVectorProduct((tree) => loss(tf.matMul(x, tree["w"] as tf.Tensor2D)), { w: weights }, { w: direction });
        expect(tf.max(tf.abs(tf.sub(w, expected))).dataSync()[0]).toBeLessThan(1e-12);
      }
    });
  });

  test("relu of a large number: no exponential overflows on the side that is not taken", () => {
    tf.tidy(() => {
      const x = tf.tensor1d([800, -800]);
      for (const f of [tf.elu, tf.selu]) {
        const { x: product } = hessianVectorProduct((tree) => tf.sum(f(tree["x"])), { x }, { x: tf.ones([2]) });
        expect([...product.dataSync()]).toEqual([0, 0]);
      }
    });
  });
});
