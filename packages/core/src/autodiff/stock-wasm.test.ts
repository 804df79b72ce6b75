import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import type { TensorTree } from "../tree/index.ts";
import { distance, numbers } from "./fixtures/tree-differences.ts";
import { spreadOver } from "./fixtures/values.ts";
import { hessianVectorProduct } from "./hessian-vector-product.ts";

const { layers } = tf;

/** What the wasm backend can differentiate once, as it comes from tfjs. */
const networks: Readonly<Record<string, () => tf.layers.Layer[]>> = {
  "dense layers": () => [layers.dense({ units: 4, activation: "tanh", inputShape: [5] }), layers.dense({ units: 3, activation: "relu" })],
  "without biases": () => [
    layers.dense({ units: 4, useBias: false, activation: "elu", inputShape: [5] }),
    layers.dense({ units: 3, useBias: false }),
  ],
  "layer norm": () => [layers.dense({ units: 4, inputShape: [5] }), layers.layerNormalization({}), layers.activation({ activation: "swish" })],
};

/** The products on the backend that is set, from weights and vectors that are repeatable. */
function products(): number[][] {
  return Object.values(networks).map((build) =>
    tf.tidy(() => {
      const network = tf.sequential({ layers: [...build(), layers.dense({ units: 3 })] });
      const variables = network.trainableWeights as unknown as { val: tf.Tensor; shape: number[] }[];
      const tree = (seed: number): TensorTree =>
        Object.fromEntries(variables.map(({ shape }, i) => [`p${i}`, spreadOver(-0.8, 0.8, shape, seed + i)]));
      const [inputs, labels] = [spreadOver(-1, 1, [4, 5], 1), tf.oneHot([0, 1, 2, 1], 3)];
      const own = variables.map(({ val }) => val);
      const loss = (parameters: TensorTree): tf.Scalar => {
        variables.forEach((variable, i) => (variable.val = parameters[`p${i}`]));
        return tf.losses.softmaxCrossEntropy(labels, network.apply(inputs) as tf.Tensor);
      };
      try {
        return numbers(hessianVectorProduct(loss, tree(100), tree(200)));
      } finally {
        tf.dispose(own);
      }
    }),
  );
}

describe("Hessian-vector products on the wasm backend as it comes", () => {
  let [cpu, wasm]: number[][][] = [];
  let left: number;
  beforeAll(async () => {
    await tf.setBackend("cpu");
    cpu = products();
    await import("@tensorflow/tfjs-backend-wasm");
    await tf.setBackend("wasm");
    await tf.ready();
    const before = tf.memory().numTensors;
    wasm = products();
    left = tf.memory().numTensors - before;
  });

  test.each(Object.keys(networks))("%s are those of the cpu backend", (name) => {
    const i = Object.keys(networks).indexOf(name);
    expect(Math.max(...cpu[i].map(Math.abs))).toBeGreaterThan(1e-3);
    expect(distance(wasm[i], cpu[i], 0)).toBeLessThan(1e-5);
  });

  test("leave no tensor behind", () => {
    expect(left).toBe(0);
  });

  test("refuse max pooling, whose kernel is wrong there, by its name", () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor4d([-1, -2, -3, -4], [1, 2, 2, 1]);
    const f = ({ x: input }: TensorTree): tf.Scalar => tf.sum(tf.square(tf.maxPool(input as tf.Tensor4D, 2, 1, "valid")));
    const error = expect.objectContaining({ code: "autodiff/wrong-kernel", details: { kernel: tf.MaxPoolGrad, backend: "wasm" } });
    expect(() => hessianVectorProduct(f, { x }, { x })).toThrow(error);
    x.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("operations made with tf.customGrad, there", () => {
  /** sum of x^3 y, of which only a first gradient is given, with its tensors looked up by `read`. */
  const cubic = (x: tf.Tensor, y: tf.Tensor, read: (given: tf.Tensor, around: tf.Tensor) => tf.Tensor): tf.Scalar => {
    const operation = tf.customGrad((...args) => {
      const [first, second, save] = args as unknown as [tf.Tensor, tf.Tensor, (tensors: tf.Tensor[]) => void];
      const [a, b] = [read(first, x), read(second, y)];
      const value = tf.sum(tf.prod(tf.stack([a, a, a, b]), 0));
      save([first, second]);
      const gradFunc = (dy: tf.Tensor, [c, d]: tf.Tensor[]): tf.Tensor[] => {
        const squares = tf.mul(dy, tf.square(c));
        return [tf.mul(tf.mul(squares, 3), d), tf.mul(squares, c)];
      };
      return { value, gradFunc };
    });
    return operation(x, y) as tf.Scalar;
  };

  test.each([
    ["given", (given: tf.Tensor): tf.Tensor => given],
    ["around them", (_: tf.Tensor, around: tf.Tensor): tf.Tensor => around],
  ])("may read what they are called with as %s, a list of tensors too", (_, read) => {
    tf.tidy(() => {
      // Of tensors that are freed before the backward passes run.
      const f = ({ x, y }: TensorTree): tf.Scalar => tf.tidy(() => cubic(tf.mul(x, 2), tf.add(y, 0), read));
      const at = { x: tf.tensor1d([0.5, -1]), y: tf.tensor1d([3, 2]) };
      const product = hessianVectorProduct(f, at, { x: tf.tensor1d([1, 0]), y: tf.tensor1d([0, 1]) });
      // f = 8 x^3 y: second derivatives 48 x y and 24 x^2.
      expect(distance(numbers(product), [72, 24, 6, 0])).toBeLessThan(1e-6);
    });
  });
});
