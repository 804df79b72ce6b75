import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { hessianVectorProduct } from "./hessian-vector-product.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("hessianVectorProduct", () => {
  test("leaves no tensor behind but the product, also outside of a tidy", () => {
    const parameters = { w: tf.tensor2d([1, 2, 3, 4], [2, 2]), b: tf.tensor1d([1, 2]) };
    const vector = { w: tf.ones([2, 2]), b: tf.ones([2]) };
    const before = [tf.memory().numTensors, tf.memory().numDataBuffers];
    const product = hessianVectorProduct(({ w, b }) => tf.sum(tf.tanh(tf.add(w, b))), parameters, vector);
    tf.dispose(product);
    expect([tf.memory().numTensors, tf.memory().numDataBuffers]).toEqual(before);
    tf.dispose([parameters, vector]);
  });

  test("gives zeros for what f does not use, and where f is linear", () => {
    tf.tidy(() => {
      const parameters = { used: tf.tensor1d([1, 2]), unused: tf.tensor1d([3]), linear: tf.tensor1d([4]) };
      const f = ({ used, linear }: Record<string, tf.Tensor>): tf.Scalar => tf.add(tf.sum(tf.square(used)), tf.sum(linear));
      const product = hessianVectorProduct(f, parameters, { used: tf.tensor1d([1, 1]), unused: tf.ones([1]), linear: tf.ones([1]) });
      expect(Object.values(product).map((tensor) => [...tensor.dataSync()])).toEqual([[2, 2], [0], [0]]);
      const { x } = hessianVectorProduct(({ x: input }) => tf.sum(input), { x: tf.ones([2]) }, { x: tf.ones([2]) });
      expect([...x.dataSync()]).toEqual([0, 0]);
    });
  });

  test("takes the parameters themselves for a vector", () => {
    tf.tidy(() => {
      const parameters = { x: tf.tensor1d([1, -2]) };
      const { x } = hessianVectorProduct(({ x: input }) => tf.sum(tf.pow(input, 3)), parameters, parameters);
      expect([...x.dataSync()]).toEqual([6, 24]);
    });
  });

  test("is linear in the vector", () => {
    tf.tidy(() => {
      const parameters = { x: tf.tensor1d([0.3, -0.2, 0.5]) };
      const f = ({ x }: Record<string, tf.Tensor>): tf.Scalar => tf.sum(tf.mul(tf.softmax(x), tf.exp(x)));
      const product = (v: number[]): tf.Tensor => hessianVectorProduct(f, parameters, { x: tf.tensor1d(v) })["x"];
      const together = product([2 + 3 * 4, 1 - 3, 3 * 2]);
      const apart = tf.add(product([2, 1, 0]), tf.mul(product([4, -1, 2]), 3));
      expect(tf.max(tf.abs(tf.sub(together, apart))).dataSync()[0]).toBeLessThan(1e-5);
    });
  });

  test("says which name or shape of the vector is wrong", () => {
    tf.tidy(() => {
      const parameters = { x: tf.ones([2]) };
      const f = ({ x }: Record<string, tf.Tensor>): tf.Scalar => tf.sum(x);
      const code = expect.objectContaining({ code: "autodiff/vector" });
      expect(() => hessianVectorProduct(f, parameters, { y: tf.ones([2]) })).toThrow(code);
      expect(() => hessianVectorProduct(f, parameters, { x: tf.ones([3]) })).toThrow(code);
    });
  });

  test("leaves no tensor behind where f throws", () => {
    const parameters = { x: tf.ones([2]) };
    const before = tf.memory().numTensors;
    const failing = tf.customGrad((x) => ({
      value: tf.exp(x as tf.Tensor),
      gradFunc: () => {
        throw new Error("no");
      },
    }));
    expect(() => hessianVectorProduct(({ x }) => tf.sum(failing(tf.exp(x))), parameters, parameters)).toThrow("no");
    expect(tf.memory().numTensors).toBe(before);
    parameters.x.dispose();
  });
});
