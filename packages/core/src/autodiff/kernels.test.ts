import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { computeInFloat64 } from "./fixtures/float64.ts";
import { dot, type TensorTree } from "../tree/index.ts";
import { gradientCoverage } from "./coverage.ts";
import { elementwiseCases } from "./fixtures/elementwise-cases.ts";
import type { KernelCase } from "./fixtures/kernel-case.ts";
import { layerCases } from "./fixtures/layer-cases.ts";
import { shapeCases } from "./fixtures/shape-cases.ts";
import { differences, distance, gradientOf, numbers } from "./fixtures/tree-differences.ts";
import { spreadOver } from "./fixtures/values.ts";
import { hessianVectorProduct } from "./hessian-vector-product.ts";
import { makeTwiceDifferentiable } from "./make-twice-differentiable.ts";

const cases = [...elementwiseCases, ...layerCases, ...shapeCases];

/**
 * In float64, differences of fourth order with this step err by some 1e-12 (step^4) and, by rounding, 1e-13 (1e-16 / step) of what is
 * differentiated; third and fifth derivatives of the cases are up to a thousand times that.
 */
const step = 1e-3;
const tolerance = 1e-7;

beforeAll(async () => {
  computeInFloat64();
  await tf.setBackend("cpu");
  makeTwiceDifferentiable();
});

/** sum(weights F) + sum(weights' F^2) / 2: the second term makes the gradient that reaches a kernel depend on its inputs. */
function objective({ run }: KernelCase): (tree: TensorTree) => tf.Scalar {
  return (tree) => {
    const y = tf.cast(run(...Object.values(tree)), "float32");
    const linear = tf.mul(y, spreadOver(0.5, 1.5, y.shape, 71));
    const square = tf.mul(tf.square(y), spreadOver(0.5, 1.5, y.shape, 72));
    return tf.sum(tf.add(linear, tf.mul(square, 0.5)));
  };
}

const treeOf = (shapes: KernelCase["shapes"], make: KernelCase["make"], seed: number): TensorTree =>
  Object.fromEntries(shapes.map((shape, i) => [`input${i}`, make(shape, seed + i)]));

const label = ({ kernel, name }: KernelCase): string => `${kernel} ${name}`.trim();

describe("second derivatives of kernels, in float64", () => {
  test("are computed in float64", () => {
    expect(tf.scalar(0.1).add(0.2).dataSync()[0]).toBe(0.1 + 0.2);
  });

  test.each(cases.map((each) => [label(each), each] as const))("%s", (_, each) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const f = objective(each);
      const at = treeOf(each.shapes, each.make, 1);
      const [u, v] = [11, 21].map((seed) => treeOf(each.shapes, (shape, s) => spreadOver(-1, 1, shape, s), seed));
      const gradient = gradientOf(f, at);
      const slope = differences((tree) => numbers({ value: f(tree) }), at, v, step);
      expect(distance([dot(gradient, v).dataSync()[0]], slope), "first derivative").toBeLessThan(each.forwardError ?? tolerance);
      const [hu, hv] = [u, v].map((direction) => hessianVectorProduct(f, at, direction));
      const reference = differences((tree) => numbers(gradientOf(f, tree)), at, v, step);
      expect(distance(numbers(hv), reference), "second derivative").toBeLessThan(each.forwardError ?? tolerance);
      const [uhv, vhu] = [dot(u, hv).dataSync()[0], dot(v, hu).dataSync()[0]];
      expect(Math.abs(uhv - vhu), "symmetry").toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(uhv)));
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each(cases.map((each) => [label(each), each] as const))("%s runs the kernel that it is about", async (_, each) => {
    const before = tf.memory().numTensors;
    const { kernelNames } = await tf.profile(() => tf.tidy(() => numbers(gradientOf(objective(each), treeOf(each.shapes, each.make, 1))).length));
    expect(kernelNames).toContain(each.kernel);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("cover every kernel that the table calls proved or piecewise linear", () => {
    const shown = new Set(cases.map(({ kernel }) => kernel));
    const claimed = gradientCoverage().filter(({ status }) => status !== "refused");
    expect(claimed.map(({ kernel }) => kernel).filter((kernel) => !shown.has(kernel))).toEqual([]);
    expect([...shown].filter((kernel) => !claimed.some((row) => row.kernel === kernel))).toEqual([]);
  });
});
