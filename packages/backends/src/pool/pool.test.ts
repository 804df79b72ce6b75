import * as tf from "@tensorflow/tfjs";
import {
  arrayDataset,
  collectLogits,
  createContext,
  createRandom,
  crossEntropyObjective,
  gradientSum,
  inputMoments,
  Model,
  perSampleMoments,
  batchGradientMoments,
  squaredLogitNorm,
  type Context,
  type Dataset,
} from "@lethe/core";
import { generalisedGaussNewton, hessian } from "@lethe/core/curvature";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseBackend } from "../choose.ts";
import { Doubling, Fatal } from "../fixtures/own-layers.mjs";
import { createPoolOf, type WasmPool, type WasmPoolOptions } from "./create-wasm-pool.ts";

const script = new URL("../fixtures/pool-worker.mjs", import.meta.url);
const opened: WasmPool[] = [];
async function open(options: WasmPoolOptions): Promise<WasmPool> {
  const pool = await createPoolOf(script, options);
  opened.push(pool);
  return pool;
}

/** Of one, two and three workers, which know a layer of the user's own. */
let pools: readonly WasmPool[] = [];
beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  const modules = [new URL("../fixtures/own-layers.mjs", import.meta.url)];
  pools = await Promise.all([1, 2, 3].map((workers) => open({ workers, modules })));
}, 120_000);
afterAll(() => Promise.all(opened.map((pool) => pool.close())));

const networks: Readonly<Record<string, { readonly shape: number[]; build(): tf.layers.Layer[] }>> = {
  MLP: {
    shape: [6],
    build: () => [
      new Doubling({ inputShape: [6] }),
      tf.layers.dense({ units: 9, activation: "tanh" }),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  },
  "CNN with batch norm": {
    shape: [8, 8, 3],
    build: () => [
      tf.layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: "same", useBias: false, inputShape: [8, 8, 3] }),
      tf.layers.batchNormalization(),
      tf.layers.reLU(),
      tf.layers.conv2d({ filters: 4, kernelSize: 3 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3 }),
    ],
  },
};

const size = 75;
function setUp(name: string): { model: Model; data: Dataset } {
  const { shape, build } = networks[name];
  const model = new Model(tf.sequential({ layers: build() })).initialise(createRandom(1));
  const random = createRandom(2);
  const inputs = Float32Array.from({ length: size * shape.reduce((a, b) => a * b) }, () => random.normal());
  return { model, data: arrayDataset({ inputs, inputShape: shape, labels: Array.from({ length: size }, (_, i) => i % 3), classCount: 3 }) };
}

const objective = crossEntropyObjective("softmax-cross-entropy");
const passes: Readonly<Record<string, (model: Model, data: Dataset, context: Context) => Promise<unknown>>> = {
  logits: (model, data, context) => collectLogits(model, data, { context, batchSize: 4, phase: "test" }),
  gradient: (model, data, context) => gradientSum(model, data, objective, { context, batchSize: 4, phase: "test" }),
  "per-sample squares": (model, data, context) => perSampleMoments(model, data, { context, batchSize: 4, phase: "test", objective, power: 2 }),
  "batch-gradient moments": (model, data, context) =>
    batchGradientMoments(model, data, squaredLogitNorm, 1, { context, batchSize: 4, phase: "test" }),
  "Hessian product": (model, data, context) => hessian(model, data, { context, batchSize: 4 }).applyToHost(model.parameters),
  "Gauss-Newton product": (model, data, context) => generalisedGaussNewton(model, data, { context, batchSize: 4 }).applyToHost(model.parameters),
  "layer inputs' moments": (model, data, context) => inputMoments(model, data, { context, batchSize: 4, phase: "test", stride: "layer" }),
};

describe.each(Object.keys(networks))("%s", (network) => {
  test.each(Object.keys(passes))("%s: the same bits from one, two and three threads", async (name) => {
    const { model, data } = setUp(network);
    const [one, two, three] = await Promise.all(pools.map((pool) => passes[name](model, data, createContext({ pool }))));
    expect(two).toEqual(one);
    expect(three).toEqual(one);
    const alone = await passes[name](model, data, createContext());
    if (name !== "layer inputs' moments") return expect(one).toEqual(alone);
    type Moments = Awaited<ReturnType<typeof inputMoments>>;
    (one as Moments).moments.forEach(({ values, count }, k) => {
      const expected = (alone as Moments).moments[k];
      const scale = Math.max(...expected.values);
      expect(count).toBe(expected.count);
      values.forEach((value, i) => expect(Math.abs(value - expected.values[i])).toBeLessThanOrEqual(1e-14 * scale));
    });
  });
});

describe("a pool", () => {
  const options = { batchSize: 1, phase: "test" };

  test("shares several passes that run at the same time", async () => {
    const { model, data } = setUp("CNN with batch norm");
    const context = createContext({ pool: pools[1] });
    const found = await Promise.all(Object.values(passes).map((pass) => pass(model, data, context)));
    for (const [k, pass] of Object.values(passes).entries()) expect(found[k]).toEqual(await pass(model, data, createContext({ pool: pools[0] })));
  });

  test("stops when the signal fires, and is of use afterwards", async () => {
    const { model, data } = setUp("MLP");
    const abort = new AbortController();
    let reports = 0;
    const onProgress = () => void (++reports === 3 && abort.abort());
    const context = createContext({ pool: pools[1], signal: abort.signal, onProgress });
    await expect(collectLogits(model, data, { ...options, context })).rejects.toMatchObject({ code: "run/aborted" });
    expect(reports).toBe(3);
    const logits = await collectLogits(model, data, { ...options, context: createContext({ pool: pools[1] }) });
    expect(logits).toEqual(await collectLogits(model, data, { ...options, context: createContext() }));
  });

  test("says which layer its workers do not know", async () => {
    const pool = await open({ workers: 1 });
    const { model, data } = setUp("MLP");
    await expect(collectLogits(model, data, { ...options, context: createContext({ pool }) })).rejects.toMatchObject({
      code: "pool/unknown-class",
      details: { kind: "layer", name: "Doubling" },
    });
  });

  test("that loses a worker says so, now and later, and the model is as it was", async () => {
    const pool = await open({ workers: 2, modules: [new URL("../fixtures/own-layers.mjs", import.meta.url)] });
    const network = tf.sequential({ layers: [new Fatal({ inputShape: [6] }), tf.layers.dense({ units: 3 })] });
    const [fatal, { model, data }] = [new Model(network), setUp("MLP")];
    const [before, tensors] = [await fatal.hash(), tf.memory().numTensors];
    const context = createContext({ pool });
    const lost = { code: "pool/worker-lost", details: { reason: "exit code 3" } };
    await expect(collectLogits(fatal, data, { ...options, context })).rejects.toMatchObject(lost);
    await expect(gradientSum(model, data, objective, { ...options, context })).rejects.toMatchObject(lost);
    expect(await fatal.hash()).toBe(before);
    expect(tf.memory().numTensors).toBe(tensors);
    expect((await collectLogits(fatal, data, { ...options, context: createContext() })).shape).toEqual([size, 3]);
  });

  test("that is closed rejects what is under way and what comes after", async () => {
    const pool = await open({ workers: 1 });
    const { model, data } = setUp("CNN with batch norm");
    const context = createContext({ pool });
    const underWay = gradientSum(model, data, objective, { ...options, context });
    underWay.catch(() => undefined);
    await pool.close();
    await expect(underWay).rejects.toMatchObject({ code: "pool/closed" });
    await expect(gradientSum(model, data, objective, { ...options, context })).rejects.toMatchObject({ code: "pool/closed" });
    await pool.close();
  });

  test("is not started of no workers, without its script, or with a module that fails", async () => {
    await expect(createPoolOf(script, { workers: 0 })).rejects.toMatchObject({ code: "pool/workers" });
    const missing = new URL("./no-such-script.mjs", import.meta.url);
    await expect(createPoolOf(missing, { workers: 2 })).rejects.toMatchObject({ code: "pool/not-started" });
    await expect(createPoolOf(script, { workers: 1, modules: [missing] })).rejects.toThrow(/no-such-script/);
  });
});
