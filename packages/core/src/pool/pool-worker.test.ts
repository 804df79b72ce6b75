import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext, type Progress } from "../context/index.ts";
import { trueFisher } from "../curvature/index.ts";
import { subset } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { collectLogits, gradientSum, type Objective } from "../passes/index.ts";
import { createRandom } from "../random/index.ts";
import { directPool } from "./fixtures/direct-pool.ts";
import { networks, passes, setUp } from "./fixtures/passes.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe.each(Object.keys(networks))("%s", (network) => {
  test.each(Object.keys(passes))("%s: the same bits as without a pool, for any number of workers", async (name) => {
    const { model, data } = setUp(network);
    const alone = createContext();
    const expected = await passes[name](model, data, alone);
    for (const workers of [1, 3]) {
      const pool = directPool(workers);
      const context = createContext({ pool });
      const found = await passes[name](model, data, context);
      // Sums of sixteen batches are added, in place of batch after batch.
      if (name === "layer inputs' moments") expectNearlyEqual(found, expected);
      else expect(found).toEqual(expected);
      expect(pool.handedOver.length).toBeGreaterThan(1);
      expect({ ...context.meter.read(), seconds: 0 }).toEqual({ ...alone.meter.read(), seconds: 0 });
    }
    model.dispose();
  });
});

test("layer inputs' moments are the same bits for any number of workers", async () => {
  const { model, data } = setUp("CNN with batch norm");
  const [one, two, three] = await Promise.all(
    [1, 2, 3].map((workers) => passes["layer inputs' moments"](model, data, createContext({ pool: directPool(workers) }))),
  );
  expect(two).toEqual(one);
  expect(three).toEqual(one);
});

describe("a pass with a pool", () => {
  const options = { batchSize: 4, phase: "test" };

  test("reports its progress in order", async () => {
    const { model, data } = setUp("MLP");
    const completed: number[] = [];
    const context = createContext({ pool: directPool(2), onProgress: (progress: Progress) => completed.push(progress.completed) });
    await collectLogits(model, data, { ...options, context });
    expect(completed).toEqual([4, 8, 12, 16, 20, 24, 28, 32, 35]);
  });

  test("stops when the signal fires, and leaves the pool of use", async () => {
    const { model, data } = setUp("MLP");
    const pool = directPool(2);
    const abort = new AbortController();
    const context = createContext({ pool, signal: abort.signal, onProgress: () => abort.abort() });
    await expect(collectLogits(model, data, { ...options, batchSize: 1, context })).rejects.toMatchObject({ code: "run/aborted" });
    expect(pool.handedOver.length).toBeLessThan(8);
    const after = await collectLogits(model, data, { ...options, context: createContext({ pool }) });
    expect(after).toEqual(await collectLogits(model, data, { ...options, context: createContext() }));
  });

  test("stays in this thread where its objective is the caller's own, or its labels are drawn", async () => {
    const { model, data } = setUp("MLP");
    const pool = directPool(2);
    const context = createContext({ pool });
    const own: Objective = (logits) => tf.sum(logits, 1);
    const gradient = await gradientSum(model, data, own, { ...options, context });
    expect(gradient).toEqual(await gradientSum(model, data, own, { ...options, context: createContext() }));
    await trueFisher(model, data, { batchSize: 4, context, labels: { draws: 1, random: createRandom(1) } }).applyToHost(model.parameters);
    expect(pool.opened).toEqual([]);
  });

  test("of no samples asks no worker", async () => {
    const { model, data } = setUp("MLP");
    const pool = directPool(2);
    const logits = await collectLogits(model, subset(data, []), { ...options, context: createContext({ pool }) });
    expect(logits.shape).toEqual([0, 3]);
    expect(pool.opened).toEqual([]);
  });

  test("throws what it throws without one", async () => {
    const { model, data } = setUp("MLP");
    const kernel = Object.values(model.parameters)[0] as tf.Variable;
    kernel.assign(tf.fill(kernel.shape, Number.NaN));
    await expect(passes["gradient"](model, data, createContext({ pool: directPool(2) }))).rejects.toMatchObject({ code: "pass/non-finite" });
    const wider = networks["MLP"].build();
    const narrow = setUp("CNN with batch norm").data;
    await expect(passes["gradient"](new Model(wider), narrow, createContext({ pool: directPool(2) }))).rejects.toMatchObject({
      code: "model/input-shape",
    });
  });

  test("says which layer a worker does not know", async () => {
    class Unheard extends tf.layers.Layer {
      static className = "Unheard";
    }
    const network = tf.sequential({ layers: [new Unheard({ inputShape: [6] }), tf.layers.dense({ units: 3 })] });
    const { data } = setUp("MLP");
    await expect(passes["logits"](new Model(network), data, createContext({ pool: directPool(2) }))).rejects.toMatchObject({
      code: "pool/unknown-class",
      details: { name: "Unheard" },
    });
  });

  test("keeps no tensor, and no network beyond the last two", async () => {
    const pool = directPool(1);
    const run = async (network: string): Promise<void> => {
      const { model, data } = setUp(network);
      await passes["gradient"](model, data, createContext({ pool }));
      await settled();
      model.dispose();
    };
    for (const network of Object.keys(networks)) await run(network);
    const before = tf.memory().numTensors;
    for (const network of Object.keys(networks)) await run(network);
    expect(tf.memory().numTensors).toBe(before);
    expect(before).toBeGreaterThan(0);
  });
});

function expectNearlyEqual(found: unknown, expected: unknown): void {
  if (typeof expected === "number") return expect(found).toBeCloseTo(expected, 10);
  if (typeof expected !== "object" || expected === null) return expect(found).toBe(expected);
  expect(Object.keys(found as object)).toEqual(Object.keys(expected));
  for (const [key, value] of Object.entries(expected)) expectNearlyEqual((found as Record<string, unknown>)[key], value);
}
