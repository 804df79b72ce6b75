import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { TensorTree } from "../tree/index.ts";
import { gradientCoverage } from "./coverage.ts";
import { distance, numbers } from "./fixtures/tree-differences.ts";
import { spreadOver } from "./fixtures/values.ts";
import { hessianVectorProduct } from "./hessian-vector-product.ts";
import { makeTwiceDifferentiable } from "./make-twice-differentiable.ts";

type T4 = tf.Tensor4D;

/** Everything that an ordinary training step meets, as tfjs computes its first derivative rightly. */
function loss(filter: tf.Tensor, pointwise: tf.Tensor, gamma: tf.Tensor, kernel: tf.Tensor): tf.Scalar {
  const images = spreadOver(-1, 1, [3, 6, 6, 2], 9) as T4;
  const y = tf.conv2d(images, filter as T4, 2, "same");
  const { mean, variance } = tf.moments(y, [0, 1, 2]);
  const normal = tf.batchNorm(y, mean as tf.Tensor1D, variance as tf.Tensor1D, tf.zeros([4]), gamma as tf.Tensor1D, 1e-3);
  const pooled = tf.avgPool(tf.maxPool(tf.elu(normal) as T4, 2, 1, "valid"), 2, 1, "valid");
  const z = tf.depthwiseConv2d(tf.tanh(pooled) as T4, pointwise as T4, 1, "same");
  const logits = tf.matMul(tf.reshape(tf.sigmoid(z), [3, -1]), kernel as tf.Tensor2D);
  const probabilities = tf.sum(tf.square(tf.softmax(logits)));
  return tf.add(tf.losses.softmaxCrossEntropy(tf.oneHot([0, 1, 1], 2), logits), probabilities) as tf.Scalar;
}

const parameters = (): tf.Tensor[] => [[3, 3, 2, 4], [1, 1, 4, 1], [4], [4, 2]].map((shape, i) => spreadOver(-1, 1, shape, i));

interface Step {
  readonly gradients: readonly number[];
  readonly kernels: readonly string[];
  readonly peakBytes: number;
}

async function trainingStep(): Promise<Step> {
  let gradients: number[] = [];
  const profile = await tf.profile(() =>
    tf.tidy(() => {
      gradients = numbers(tf.grads(loss)(parameters()));
      return tf.scalar(0);
    }),
  );
  tf.dispose(profile.result as tf.Tensor);
  return { gradients, kernels: profile.kernels.map(({ name }) => name), peakBytes: profile.peakBytes };
}

/** Second derivative of x tanh(x) at 0.5. */
function curvature(): number {
  const slope = tf.grad((x: tf.Tensor) => tf.mul(x, tf.tanh(x)));
  return tf.tidy(
    () =>
      tf
        .grad((x: tf.Tensor) => slope(x))(tf.scalar(0.5))
        .dataSync()[0],
  );
}

describe("makeTwiceDifferentiable", () => {
  let stock: Step;
  let stockCurvature: number;
  const warnings = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  beforeAll(async () => {
    await tf.setBackend("cpu");
    stock = await trainingStep();
    stockCurvature = curvature();
    warnings.mockClear();
    tf.env().set("DEBUG", true);
    warnings.mockClear();
    makeTwiceDifferentiable();
    tf.env().set("DEBUG", false);
  });

  test("does not warn, even in tfjs's debug mode", () => {
    expect(warnings).not.toHaveBeenCalled();
  });

  test("is needed: tfjs's own second derivative of x tanh(x) is silently wrong, and is repaired", () => {
    const [t, slope] = [Math.tanh(0.5), 1 - Math.tanh(0.5) ** 2];
    const exact = 2 * slope - 2 * 0.5 * t * slope;
    expect(Math.abs(stockCurvature - exact)).toBeGreaterThan(0.1);
    expect(curvature()).toBeCloseTo(exact, 5);
  });

  test("keeps first derivatives, their memory, and the number of kernels they run", async () => {
    const ours = await trainingStep();
    expect(distance(ours.gradients, stock.gradients, 0)).toBeLessThan(1e-6);
    expect(ours.kernels.length).toBeLessThanOrEqual(stock.kernels.length);
    expect(ours.peakBytes).toBeLessThanOrEqual(stock.peakBytes);
  });

  test("acts once: what is registered later stays", () => {
    const own: tf.GradConfig = { kernelName: tf.Tan, gradFunc: (dy) => ({ x: () => dy as tf.Tensor }) };
    const before = tf.getGradient(tf.Tan);
    tf.unregisterGradient(tf.Tan);
    tf.registerGradient(own);
    makeTwiceDifferentiable();
    expect(tf.getGradient(tf.Tan)).toBe(own);
    tf.unregisterGradient(tf.Tan);
    tf.registerGradient(before);
  });

  test("normalises by other axes than the last: the same gradient as with the axes exchanged", () => {
    tf.tidy(() => {
      const [x, weights] = [1, 2].map((seed) => spreadOver(-1, 1, [2, 3, 4, 5], seed));
      const vectors = [3, 4, 5, 6].map((seed) => spreadOver(0.5, 1.5, [3], seed));
      const batchNorm = (input: tf.Tensor, shape: number[], given: tf.Tensor[]): tf.Tensor => {
        const [mean, variance, offset, scale] = given.map((vector) => tf.reshape<tf.Rank.R4>(vector, shape as [number, number, number, number]));
        return tf.batchNorm(input as T4, mean, variance, offset, scale, 0.1);
      };
      const second = tf.grads((...given: tf.Tensor[]) => tf.sum(tf.mul(weights, batchNorm(x, [1, 3, 1, 1], given))))(vectors);
      const last = tf.grads((...given: tf.Tensor[]) =>
        tf.sum(tf.mul(tf.transpose(weights, [0, 2, 3, 1]), batchNorm(tf.transpose(x, [0, 2, 3, 1]), [3], given))),
      )(vectors);
      expect(distance(numbers(second), numbers(last))).toBeLessThan(1e-5);
    });
  });
});

describe("operations made with tf.customGrad", () => {
  test("may leave out what a kernel can do without, also for J v, whose gradient is in none of the inputs", () => {
    tf.tidy(() => {
      const matrix = tf.tensor3d([1, 2, 3, 4], [1, 2, 2]);
      const product = tf.customGrad((a, save) => {
        (save as (tensors: tf.Tensor[]) => void)([a as tf.Tensor]);
        const inputs = { a: tf.neg(a as tf.Tensor), b: matrix, bias: undefined, preluActivationWeights: null };
        const attributes = { transposeA: false, transposeB: false, activation: "linear" };
        const value = tf.engine().runKernel("_FusedMatMul", inputs as unknown as tf.NamedTensorMap, attributes) as tf.Tensor;
        return { value, gradFunc: (dy: tf.Tensor) => tf.neg(tf.matMul(dy, matrix, false, true)) };
      });
      const x = tf.tensor3d([1, 2], [1, 1, 2]);
      const pulledBack = (w: tf.Tensor): tf.Tensor => tf.grad((each: tf.Tensor) => tf.mul(product(each), w))(x);
      const pushed = tf.grad((w: tf.Tensor) => tf.mul(pulledBack(w), tf.tensor3d([3, 4], [1, 1, 2])))(tf.zeros([1, 1, 2]));
      expect([...pushed.dataSync()]).toEqual([-15, -22]);
    });
  });

  test("that use another tensor, freed by then, are refused with the kernel's name", () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([1, 2]);
    const f = ({ x: input }: TensorTree): tf.Scalar =>
      tf.tidy(() => {
        const factor = tf.tensor1d([3, 4]);
        const operation = tf.customGrad((given, save) => {
          (save as (tensors: tf.Tensor[]) => void)([given as tf.Tensor]);
          const value = tf.sum(tf.mul(given as tf.Tensor, factor));
          return { value, gradFunc: (dy: tf.Tensor, [c]: tf.Tensor[]) => tf.mul(dy, tf.sin(c)) };
        });
        return operation(input) as tf.Scalar;
      });
    const error = expect.objectContaining({ code: "autodiff/freed-tensor", details: { kernel: tf.Multiply } });
    expect(() => hessianVectorProduct(f, { x }, { x })).toThrow(error);
    x.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** How each refused kernel that the cpu backend has is reached, and the shapes of its inputs. */
const refused: readonly [string, (...inputs: tf.Tensor[]) => tf.Tensor, number[][]][] = [
  [tf.LRN, (x) => tf.localResponseNormalization(x as T4), [[1, 3, 3, 2]]],
  [
    tf.Conv3D,
    (x, filter) => tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 1, "same"),
    [
      [1, 3, 3, 3, 1],
      [2, 2, 2, 1, 1],
    ],
  ],
  [tf.AvgPool3D, (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 1, "valid"), [[1, 3, 3, 3, 1]]],
  [tf.MaxPool3D, (x) => tf.maxPool3d(x as tf.Tensor5D, 2, 1, "valid"), [[1, 3, 3, 3, 1]]],
  [
    tf.Dilation2D,
    (x, filter) => tf.dilation2d(x as T4, filter as tf.Tensor3D, 1, "same"),
    [
      [1, 3, 3, 2],
      [2, 2, 2],
    ],
  ],
];

describe("refused kernels", () => {
  test.each(refused)("%s keeps its first derivative and throws by name in the second", (kernel, run, shapes) => {
    const inputs = shapes.map((shape, i) => spreadOver(0.5, 1.5, shape, i));
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const f = (...tensors: tf.Tensor[]): tf.Scalar => tf.sum(tf.square(run(...tensors)));
      expect(Math.max(...numbers(tf.grads(f)(inputs)).map(Math.abs))).toBeGreaterThan(0);
      const tree = Object.fromEntries(inputs.map((input, i) => [`input${i}`, input]));
      const error = expect.objectContaining({ code: "autodiff/unsupported-kernel", details: { kernel } });
      expect(() => hessianVectorProduct((tensors) => f(...Object.values(tensors)), tree, tree)).toThrow(error);
      // A second derivative that does not lead through the kernel.
      const elsewhere = tf.grad((x: tf.Tensor) => tf.mul(tf.square(x), tf.sum(tf.grads(f)(inputs)[0])));
      expect(numbers({ x: elsewhere(tf.scalar(2)) })).toHaveLength(1);
    });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(inputs);
  });

  test("are all shown, but for those that no operation of tfjs runs on this backend", () => {
    const shown = refused.map(([kernel]) => kernel);
    const others = gradientCoverage().filter(({ kernel, status }) => status === "refused" && tf.getGradient(kernel) && !shown.includes(kernel));
    expect(others.map(({ kernel }) => kernel)).toEqual([tf.BroadcastTo, tf.ComplexAbs, tf.LogSoftmax]);
  });
});
