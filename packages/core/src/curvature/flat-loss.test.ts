import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { toHost } from "../tree/index.ts";
import { flatLoss, type ModelLoss } from "./flat-loss.ts";
import { flattenTree } from "./flatten.ts";
import { hessian } from "./hessian.ts";
import { scopedLosses } from "./scoped-losses.ts";

let model: Model;
const random = createRandom("flat-loss");
const numbers = (count: number) => Float64Array.from({ length: count }, () => random.normal());
const data = arrayDataset({ inputs: Float32Array.from(numbers(30 * 4)), inputShape: [4], labels: Array.from({ length: 30 }, (_, i) => i % 3) });
const options = () => ({ context: createContext(), batchSize: 8 });

beforeAll(async () => {
  await tf.setBackend("cpu");
  const layers = [
    tf.layers.dense({ units: 5, inputShape: [4], activation: "tanh", name: "hidden" }),
    tf.layers.batchNormalization({ name: "norm" }),
    tf.layers.dense({ units: 3, name: "head" }),
  ];
  model = new Model(tf.sequential({ layers })).initialise(createRandom(1));
});

const norm = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
const apart = (a: Float64Array, b: Float64Array) => norm(a.map((value, i) => value - b[i])) / norm(b);

/** g and H v from central differences of what is one degree lower. */
async function differences(loss: ModelLoss, at: Float64Array, direction: Float64Array, samples?: readonly number[]) {
  const h = 5e-3 / norm(direction);
  const [up, down] = [1, -1].map((sign) => at.map((value, i) => value + sign * h * direction[i]));
  const [above, below] = [await loss.gradient(up, samples), await loss.gradient(down, samples)];
  return {
    slope: ((await loss.value(up, samples)) - (await loss.value(down, samples))) / (2 * h),
    product: above.gradient.map((value, i) => (value - below.gradient[i]) / (2 * h)),
  };
}

describe("a flat loss", () => {
  test.each([
    ["all parameters and samples", {}, undefined],
    ["the head alone", { parameters: ["head/kernel", "head/bias"] }, undefined],
    ["a few samples, in any order", {}, [7, 3, 3, 20]],
    ["weight decay", { weightDecay: 0.3 }, undefined],
  ] as const)("has the derivatives of its value: %s", async (_title, own, samples) => {
    const loss = await flatLoss(model, data, { ...options(), ...own });
    const at = loss.current.map((value) => value + 0.1 * random.normal());
    const direction = numbers(loss.dimension);
    const { value, gradient } = await loss.gradient(at, samples);
    const found = await differences(loss, at, direction, samples);
    expect(await loss.value(at, samples)).toBeCloseTo(value, 6);
    expect(gradient.reduce((sum, each, i) => sum + each * direction[i], 0)).toBeCloseTo(found.slope, 3);
    expect(apart(await loss.hessian(at, samples).apply(direction), found.product)).toBeLessThan(2e-3);
  });

  test("begins at the model's parameters, with the products of its Hessian", async () => {
    const loss = await flatLoss(model, data, options());
    expect(loss.current).toEqual(flattenTree(await toHost(model.parameters)));
    expect([loss.dimension, loss.sampleCount]).toEqual([4 * 5 + 5 + 5 + 5 + 5 * 3 + 3, 30]);
    const direction = numbers(loss.dimension);
    expect(await loss.hessian(loss.current).apply(direction)).toEqual(await hessian(model, data, options()).toLinearOperator().apply(direction));
  });

  test("adds lambda / 2 ||w||^2", async () => {
    const [plain, decayed] = [await flatLoss(model, data, options()), await flatLoss(model, data, { ...options(), weightDecay: 0.3 })];
    const w = plain.current;
    expect(await decayed.value(w)).toBeCloseTo((await plain.value(w)) + 0.15 * norm(w) ** 2, 10);
  });

  test("gives weights that hold w and otherwise are the model's, and leaves no other tensor", async () => {
    const before = tf.memory().numTensors;
    const loss = await flatLoss(model, data, { ...options(), parameters: ["head/bias"] });
    const w = Float64Array.of(1, 2, 3);
    await loss.value(w);
    await loss.gradient(w);
    await loss.hessian(w).apply(w);
    expect(tf.memory().numTensors).toBe(before);
    const { parameters, buffers } = loss.weightsAt(w);
    expect(Array.from(parameters["head/bias"].dataSync())).toEqual([1, 2, 3]);
    expect(parameters["head/kernel"].dataSync()).toEqual(model.parameters["head/kernel"].dataSync());
    expect(Object.keys(parameters)).toEqual(Object.keys(model.parameters));
    tf.dispose([parameters, buffers] as tf.TensorContainer);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("says what does not fit", async () => {
    await expect(flatLoss(model, data, { ...options(), parameters: ["heed/bias"] })).rejects.toMatchObject({
      code: "curvature/vector",
      message: expect.stringContaining("no parameter heed/bias, or it is named twice; there are hidden/kernel") as string,
    });
    await expect(flatLoss(model, data, { ...options(), parameters: ["head/bias", "head/bias"] })).rejects.toMatchObject({ code: "curvature/vector" });
    await expect(flatLoss(model, data, { ...options(), parameters: [] })).rejects.toMatchObject({ code: "curvature/vector" });
    const loss = await flatLoss(model, data, options());
    await expect(loss.value(new Float64Array(3))).rejects.toMatchObject({ code: "curvature/vector" });
  });
});

describe("losses of the head alone", () => {
  test("are those of the whole model with its other parameters fixed", async () => {
    const before = tf.memory().numTensors;
    const losses = await scopedLosses(model, "head", data, options());
    const head = await losses.on(data);
    const whole = await flatLoss(model, data, { ...options(), parameters: ["head/kernel", "head/bias"] });
    expect(head.current).toEqual(whole.current);
    const w = head.current.map((value) => value + 0.1);
    const direction = numbers(head.dimension);
    const [found, expected] = [await head.gradient(w), await whole.gradient(w)];
    expect(found.value).toBeCloseTo(expected.value, 6);
    expect(apart(found.gradient, expected.gradient)).toBeLessThan(1e-6);
    expect(apart(await head.hessian(w).apply(direction), await whole.hessian(w).apply(direction))).toBeLessThan(1e-5);
    const [mine, theirs] = [head.weightsAt(w), whole.weightsAt(w)];
    for (const name of Object.keys(model.parameters)) expect(mine.parameters[name].dataSync()).toEqual(theirs.parameters[name].dataSync());
    expect(Object.keys(mine.parameters)).toEqual(Object.keys(model.parameters));
    tf.dispose([mine, theirs] as unknown as tf.TensorContainer);
    losses.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("are the network's own kind of loss, where it ends in sigmoids", async () => {
    const layers = [tf.layers.dense({ units: 5, inputShape: [4], activation: "tanh" }), tf.layers.dense({ units: 3, activation: "sigmoid" })];
    const sigmoids = new Model(tf.sequential({ layers }));
    const losses = await scopedLosses(sigmoids, "head", data, options());
    const [head, whole] = [await losses.on(data), await flatLoss(sigmoids, data, options())];
    expect(await head.value(head.current)).toBeCloseTo(await whole.value(whole.current), 6);
    losses.dispose();
  });

  test("want a sample", async () => {
    await expect(scopedLosses(model, "head", { ...data, size: 0 }, options())).rejects.toMatchObject({ code: "curvature/empty-data" });
  });
});
