import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { computeInFloat64 } from "./fixtures/float64.ts";
import { axpy, norm, type TensorTree } from "../tree/index.ts";
import { cnn, depthwise, mlp, text, vit, type Network } from "./fixtures/golden-networks.ts";
import { readGolden, under } from "./fixtures/golden.ts";
import { hessianVectorProduct } from "./hessian-vector-product.ts";

/** tfjs's erf is a polynomial that is good to 1.5e-7; the others are good to what float64 is. */
const exact = 1e-12;
const withErf = 1e-6;

const networks: readonly [string, Network, number][] = [
  ["mlp-tanh-mse", mlp("tanh"), exact],
  ["mlp-gelu-ce", mlp("gelu"), withErf],
  ["cnn-s1-conv2s2-global", cnn(1, 2, "global"), exact],
  ["cnn-s2-odd-avgpool2", cnn(2, 1, "2x2"), exact],
  ["dwconv-m2-s2-swish", depthwise, exact],
  ["text-tanh", text, exact],
  ["vit-cls", vit, withErf],
];

beforeAll(async () => {
  computeInFloat64();
  await tf.setBackend("cpu");
});

/** Norm of the difference over the norm of what is expected. */
const distance = (actual: TensorTree, expected: TensorTree): number => norm(axpy(-1, expected, actual)).dataSync()[0] / norm(expected).dataSync()[0];

/** Written with tfjs's own loss, which is the hardest way to a right second derivative. */
function meanLoss(golden: TensorTree, outputs: tf.Tensor): tf.Scalar {
  if (golden["targets"]) return tf.losses.meanSquaredError(golden["targets"], outputs) as tf.Scalar;
  return tf.losses.softmaxCrossEntropy(tf.oneHot(golden["labels"] as tf.Tensor1D, outputs.shape[1] as number), outputs) as tf.Scalar;
}

describe("Hessian-vector products that PyTorch computed in float64", () => {
  test.each(networks)("%s", (name, network, tolerance) => {
    tf.tidy(() => {
      const golden = readGolden(name);
      const buffers = under("buffer", golden);
      const f = (parameters: TensorTree): tf.Scalar => meanLoss(golden, network({ ...parameters, ...buffers }, golden["input"]));
      const parameters = under("param", golden);
      expect(f(parameters).dataSync()[0]).toBeCloseTo(golden["loss"].dataSync()[0], 6);
      for (const i of [0, 1]) {
        const product = hessianVectorProduct(f, parameters, under(`v${i}`, golden));
        expect(distance(product, under(`hv${i}`, golden))).toBeLessThan(tolerance);
      }
    });
  });
});
