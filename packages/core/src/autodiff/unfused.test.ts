import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import type { TensorTree } from "../tree/index.ts";
import { distance, numbers } from "./fixtures/tree-differences.ts";
import { spreadOver } from "./fixtures/values.ts";
import { hessianVectorProduct } from "./hessian-vector-product.ts";

type Layer = (inputs: TensorTree) => tf.Tensor;

const image = (x: tf.Tensor): tf.Tensor3D => tf.reshape(tf.slice(x, [0], [1]), [5, 4, 2]);

/** Each fused layer, what it is made of, and the shapes of its inputs. */
const layers: readonly (readonly [string, Layer, Layer, Readonly<Record<string, number[]>>])[] = [
  [
    "dense",
    ({ x, w, b }) => tf.fused.matMul({ a: x, b: w, transposeA: true, bias: b }),
    ({ x, w, b }) => tf.add(tf.matMul(x, w, true), b),
    { x: [3, 4], w: [3, 2], b: [2] },
  ],
  ["dense without bias", ({ x, w }) => tf.fused.matMul({ a: x, b: w }), ({ x, w }) => tf.matMul(x, w), { x: [4, 3], w: [3, 2] }],
  [
    "conv2d",
    ({ x, w, b }) => tf.fused.conv2d({ x: x as tf.Tensor4D, filter: w as tf.Tensor4D, strides: 2, pad: "same", bias: b }),
    ({ x, w, b }) => tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "same"), b),
    { x: [2, 5, 4, 2], w: [3, 3, 2, 3], b: [3] },
  ],
  [
    "conv2d of one image",
    ({ x, w, b }) => tf.fused.conv2d({ x: image(x), filter: w as tf.Tensor4D, strides: 1, pad: "valid", bias: b }),
    ({ x, w, b }) => tf.add(tf.conv2d(image(x), w as tf.Tensor4D, 1, "valid"), b),
    { x: [2, 5, 4, 2], w: [3, 3, 2, 3], b: [3] },
  ],
  [
    "dilated conv2d",
    ({ x, w }) => tf.fused.conv2d({ x: x as tf.Tensor4D, filter: w as tf.Tensor4D, strides: 1, pad: "same", dilations: 2 }),
    ({ x, w }) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NHWC", 2),
    { x: [2, 5, 4, 2], w: [3, 3, 2, 3] },
  ],
  [
    "depthwiseConv2d",
    ({ x, w, b }) => tf.fused.depthwiseConv2d({ x: x as tf.Tensor4D, filter: w as tf.Tensor4D, strides: 1, pad: "same", bias: b }),
    ({ x, w, b }) => tf.add(tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"), b),
    { x: [2, 5, 4, 2], w: [3, 3, 2, 2], b: [4] },
  ],
];

const tree = (shapes: Readonly<Record<string, number[]>>, seed: number): TensorTree =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, spreadOver(-1, 1, shape, seed + i)]));

/** Kernels that run in a Hessian-vector product of `f`, by all of its inputs or by those named. */
async function kernelsOf(f: Layer, inputs: TensorTree, names = Object.keys(inputs)): Promise<string[]> {
  const chosen = Object.fromEntries(names.map((name) => [name, inputs[name]]));
  const { kernels, result } = await tf.profile(() => {
    const product = hessianVectorProduct((given) => tf.sum(tf.tanh(f({ ...inputs, ...given }))), chosen, chosen);
    return Object.values(product);
  });
  tf.dispose(result as unknown as tf.Tensor[]);
  return kernels.map(({ name }) => name).filter((name) => name !== tf.Reshape && name !== tf.Identity);
}

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("fused layers, differentiated twice", () => {
  test.each(layers)("%s: the same as its parts", (_, fused, unfused, shapes) => {
    tf.tidy(() => {
      const [parameters, vector] = [tree(shapes, 1), tree(shapes, 11)];
      const [ours, expected] = [fused, unfused].map((layer) =>
        numbers(hessianVectorProduct((given) => tf.sum(tf.tanh(layer(given))), parameters, vector)),
      );
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01);
      expect(distance(ours, expected, 0)).toBe(0);
    });
  });

  test.each(layers)("%s: with no kernel more than its parts, but for changes of shape and copies", async (_, fused, unfused, shapes) => {
    const inputs = tree(shapes, 1);
    expect((await kernelsOf(fused, inputs)).toSorted()).toEqual((await kernelsOf(unfused, inputs)).toSorted());
    tf.dispose(inputs);
  });

  test("no gradient is computed by images that nobody asked for", async () => {
    const [, conv, , shapes] = layers[2];
    const inputs = tree(shapes, 1);
    expect(await kernelsOf(conv, inputs, ["w", "b"])).not.toContain(tf.Conv2DBackpropInput);
    expect(await kernelsOf(conv, inputs)).toContain(tf.Conv2DBackpropInput);
    tf.dispose(inputs);
  });

  const linear = { transposeA: false, transposeB: false, activation: "linear" };
  test.each([
    ["a fused layer", (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.fused.matMul({ a, b })],
    ["a fused kernel", (a: tf.Tensor, b: tf.Tensor) => tf.engine().runKernel("_FusedMatMul", { a, b }, linear) as tf.Tensor],
  ])("an operation of one's own keeps its gradient around %s", (_, run) => {
    tf.tidy(() => {
      const identity = tf.tensor3d([1, 0, 0, 1], [1, 2, 2]);
      const operation = tf.customGrad((a, save) => {
        (save as (tensors: tf.Tensor[]) => void)([a as tf.Tensor]);
        return { value: run(a as tf.Tensor, identity), gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => tf.mul(dy, tf.mul(x, 2)) };
      });
      const f = ({ x }: TensorTree): tf.Scalar => tf.sum(operation(x));
      const { x } = hessianVectorProduct(f, { x: tf.tensor3d([[[3, 4]]]) }, { x: tf.tensor3d([[[1, -1]]]) });
      expect([...x.dataSync()]).toEqual([2, -2]);
    });
  });

  test("what an operation throws before its first kernel is passed on, and the engine is as before", () => {
    tf.tidy(() => {
      const broken = tf.customGrad(() => {
        throw new Error("broken");
      });
      const x = tf.ones([2]);
      expect(() => hessianVectorProduct(({ x: input }) => tf.sum(broken(input)), { x }, { x })).toThrow("broken");
      expect(Object.hasOwn(tf.engine(), "runKernel")).toBe(false);
      expect([...hessianVectorProduct(({ x: input }) => tf.sum(tf.square(input)), { x }, { x }).x.dataSync()]).toEqual([2, 2]);
    });
  });
});
