import * as tf from "@tensorflow/tfjs";
import { hessianVectorProduct } from "@lethe/core/autodiff";
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

describe("Hessian-vector products", () => {
  let [cpu, improved, wasm]: Map<string, Result[]>[] = [];
  beforeAll(async () => {
    await tf.setBackend("cpu");
    cpu = runAll(table);
    // After core's gradients: whichever is registered last, second derivatives stay right.
    improveGradients();
    improved = runAll(table);
    await useWasm();
    wasm = runAll(table);
  });

  it.each(table.map(({ name }) => name))("%s are the same with improved gradients, and on wasm", (name) => {
    const expected = cpu?.get(name) as Result[];
    for (const results of [improved, wasm]) {
      expected.forEach((result, i) => expect(distance(results?.get(name)?.[i] as Result, result)).toBeLessThan(1e-4));
    }
  });
});
