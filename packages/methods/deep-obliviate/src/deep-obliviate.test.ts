import * as tf from "@tensorflow/tfjs";
import { createContext, memoryStorage, Model, openTrajectory, toHost, train, unlearn, type ContentStorage, type Dataset } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { inBlock, recipe, samples, trainedOn, untrained, watched, without, type Watched } from "./fixtures/training.ts";
import { deepObliviate, deepObliviateMethod, type DeepObliviateInput } from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const never: DeepObliviateInput = { threshold: 0 };
/** Stops three blocks after the first affected one. */
const soon: DeepObliviateInput = { threshold: 1e9, minimumPoints: 4 };

async function forgotten(options: DeepObliviateInput, ids: readonly string[], data: Dataset = samples(), storage: ContentStorage = memoryStorage()) {
  const { network, artifact, method } = await watched(data, options, storage);
  const result = await unlearn({ model: network, data, forget: [...ids], method, artifact, storage });
  return { ...result, storage, method, hash: await new Model(result.model).hash() };
}

const contents = async (storage: ContentStorage) => (await openTrajectory(storage)).entries.map(({ block, content }) => [block, content]);

/** Sum of absolute differences of all parameters. */
async function distance(a: Model, b: Model): Promise<number> {
  const values = async ({ parameters }: Model) => Object.values(await toHost(parameters)).flatMap((tensor) => Array.from(tensor.values));
  const [left, right] = [await values(a), await values(b)];
  return left.reduce((sum, value, i) => sum + Math.abs(value - right[i]), 0);
}

describe("without a threshold", () => {
  it.each([
    ["two of one block", inBlock(3).slice(0, 2)],
    ["O7: one of the first block", [inBlock(0)[0]]],
    ["O7: one of the last block", [inBlock(7)[0]]],
    ["O10: several blocks, the last first", [inBlock(6)[0], inBlock(2)[1]]],
    ["a whole block", [...inBlock(4)]],
  ])("O1: is block-wise training on the retained data, to the bit, snapshots and all: %s", async (_, ids) => {
    const { status, hash, storage, report } = await forgotten(never, ids);
    const oracle = memoryStorage();
    const { model } = await trainedOn(without(samples(), ids), oracle);
    expect(status).toBe("completed");
    expect(hash).toBe(await model.hash());
    expect(await contents(storage)).toEqual(await contents(oracle));
    expect(report).toMatchObject({ stitched: "no", residualsToCome: 0 });
  });

  it("O11: answers two requests as it answers both at once", async () => {
    const [first, second] = [[inBlock(5)[0]], [inBlock(2)[0], inBlock(6)[1]]];
    const once = await forgotten(never, [...first, ...second]);
    const { model, artifact, method, storage } = await forgotten(never, first);
    const data = without(samples(), first);
    const again = await unlearn({ model, data, forget: second, method, artifact, storage });
    expect(await new Model(again.model).hash()).toBe(once.hash);
    expect(await contents(storage)).toEqual(await contents(once.storage));
  });

  it("O6: does not depend on what the forgotten samples held", async () => {
    const [canary] = inBlock(2);
    const plain = await forgotten(never, [canary]);
    const loud = await forgotten(never, [canary], samples({ [canary]: 50 }));
    expect(loud.hash).toBe(plain.hash);
    const stitched = await forgotten(soon, [canary], samples({ [canary]: 50 }));
    expect(stitched.hash).not.toBe((await forgotten(soon, [canary])).hash);
    expect((stitched.report["residuals"] as number[])[0]).toBeGreaterThan(0);
  });

  it("never reads a forgotten sample, nor trains a block before the first affected one", async () => {
    const ids = [inBlock(5)[0], inBlock(6)[0]];
    const storage = memoryStorage();
    const { network, artifact, method } = await watched(samples(), never, storage);
    const read = new Set<string>();
    const data: Dataset = {
      ...samples(),
      read: async (positions) => {
        for (const position of Array.from(positions)) read.add(samples().ids[position]);
        return samples().read(positions);
      },
    };
    const { cost } = await unlearn({ model: network, data, forget: ids, method, artifact, storage });
    const expected = [5, 6, 7].flatMap(inBlock).filter((id) => !ids.includes(id));
    expect([...read].toSorted()).toEqual(expected.toSorted());
    expect(cost.samplesBackward).toBe(2 * expected.length);
  });
});

describe("stopped early", () => {
  it("O4: misses full retraining by no more than the residuals that were left, and tells what it did", async () => {
    const ids = [inBlock(1)[0]];
    const { status, model, report, message } = await forgotten({ ...soon, statistics: "retrained" }, ids);
    const full = await forgotten(never, ids);
    const residuals = full.report["residuals"] as number[];
    expect(status).toBe("stopped-early");
    expect(report).toMatchObject({ firstAffectedBlock: 1, lastRetrainedBlock: 4, blocksRedone: 4, blocksFromFirst: 7, blocks: 8, stitched: "yes" });
    expect(report["residuals"]).toEqual(residuals.slice(0, 4));
    const miss = await distance(new Model(model), new Model(full.model));
    expect(miss).toBeGreaterThan(0);
    expect(miss).toBeLessThanOrEqual(residuals.slice(4).reduce((sum, residual) => sum + residual, 0) * (1 + 1e-6));
    const passes = [1, 2, 3, 4].flatMap(inBlock).length - 1;
    expect(report).toMatchObject({ samplePasses: 2 * passes, retrainingSamplePasses: 2 * 47, speedUp: 47 / passes });
    expect(message).toMatch(
      /^4 blocks of 7 were trained again, [\d.]+ times less work than all; the residuals had become flat, and the rest was stitched on\./,
    );
  });

  it("O10: does not stop before the last affected block", async () => {
    const { report } = await forgotten({ ...soon, minimumPoints: 1 }, [inBlock(6)[0], inBlock(1)[0]]);
    expect(report).toMatchObject({ lastRetrainedBlock: 6, affectedBlocks: 2 });
  });

  it("destroys every snapshot that the samples shaped, and leaves a trajectory that ends with the model", async () => {
    const storage = memoryStorage();
    const ids = [inBlock(1)[0]];
    const { report, model } = await forgotten(soon, ids, samples(), storage);
    const destroyed = report["destroyed"] as { index: number; file: string }[];
    expect(destroyed.map(({ index }) => index)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    const names = await storage.names();
    for (const { file } of destroyed) expect(names).not.toContain(file);
    expect(report["published"]).toEqual([2, 3, 4, 5, 6, 7, 8]);
    const trajectory = await openTrajectory(storage);
    expect(trajectory.ids).not.toContain(ids[0]);
    const { parameters, buffers } = await trajectory.read(8);
    expect({ ...parameters, ...buffers }).toEqual({ ...(await toHost(new Model(model).parameters)), ...(await toHost(new Model(model).buffers)) });
  });

  it("recomputes batch-norm statistics on the retained data, or takes those of the last retrained block", async () => {
    const ids = [inBlock(1)[0]];
    const recomputed = new Model((await forgotten({ ...soon, batchSize: 100 }, ids)).model);
    const retrained = await forgotten({ ...soon, statistics: "retrained" }, ids);
    const stored = (await (await openTrajectory(retrained.storage)).read(5)).buffers;
    expect(await toHost(new Model(retrained.model).buffers)).toEqual(stored);
    // In one batch: mean and variance of the hidden layer's activations.
    const { inputs } = await without(samples(), ids).read([...Array(47).keys()]);
    const kernel = recomputed.parameters["hidden/kernel"] as tf.Tensor2D;
    const activations = tf.tanh(tf.add(tf.matMul(tf.tensor2d(inputs.values as Float32Array, [47, 3]), kernel), recomputed.parameters["hidden/bias"]));
    const { mean, variance } = tf.moments(activations, 0);
    const buffers = await toHost(recomputed.buffers);
    for (const [name, expected] of Object.entries({ "norm/moving_mean": mean, "norm/moving_variance": variance })) {
      buffers[name].values.forEach((value, i) => expect(value).toBeCloseTo(expected.dataSync()[i], 4));
    }
  });

  it("answers further requests from the stitched course", async () => {
    const first = [inBlock(1)[0]];
    const { model, artifact, method, storage } = await forgotten(soon, first);
    const data = without(samples(), first);
    const { status, report } = await unlearn({ model, data, forget: [inBlock(3)[0]], method, artifact, storage });
    expect(status).toBe("stopped-early");
    expect(report).toMatchObject({ start: "trained", firstAffectedBlock: 3, lastRetrainedBlock: 6 });
  });

  it("does not claim full retraining for a request that begins from a stitched snapshot", async () => {
    const first = [inBlock(1)[0]];
    const { model, artifact, storage } = await forgotten(soon, first);
    const data = without(samples(), first);
    const exact = deepObliviate(never);
    const [late, early] = [[inBlock(6)[0]], [inBlock(5)[0]]];
    const second = await unlearn({ model, data, forget: late, method: exact, artifact, storage });
    const oracle = await trainedOn(without(data, late), memoryStorage());
    expect(await new Model(second.model).hash()).not.toBe(await oracle.model.hash());
    expect(second.report).toMatchObject({ start: "stitched", stitched: "no" });
    expect(second.message).toMatch(/^2 blocks of 2 were trained again from a snapshot that an earlier request had stitched, .*to the end\.$/);
    // Block 4 was the last one that was retrained: the snapshot after it holds nothing of the forgotten.
    const third = await unlearn({ model: second.model, data: without(data, late), forget: early, method: exact, artifact: second.artifact, storage });
    const both = await trainedOn(without(data, [...late, ...early]), memoryStorage());
    expect(third.report).toMatchObject({ start: "trained" });
    expect(await new Model(third.model).hash()).toBe(await both.model.hash());
  });
});

describe("the snapshots", () => {
  const request = ({ network, artifact, method }: Watched) => ({ model: network, data: samples(), forget: [inBlock(6)[0]], method, artifact });

  it("are kept in memory by the method where there is no storage, and missed by any other", async () => {
    const run = await watched(samples(), never);
    const stranger = { ...request(run), method: deepObliviate(never) };
    await expect(unlearn(stranger)).rejects.toMatchObject({ code: "deep-obliviate/no-storage" });
    const { model, artifact } = await unlearn(request(run));
    const data = without(samples(), [inBlock(6)[0]]);
    const second = await unlearn({ model, data, forget: [inBlock(7)[0]], method: run.method, artifact });
    expect(second.status).toBe("completed");
    await expect(unlearn(request(run))).rejects.toMatchObject({ code: "deep-obliviate/no-storage" });
  });

  it("have to be those of the artifact", async () => {
    const storage = memoryStorage();
    const run = await watched(samples(), never, storage);
    await unlearn({ ...request(run), storage });
    await expect(unlearn({ ...request(run), storage })).rejects.toMatchObject({ code: "deep-obliviate/other-trajectory" });
  });

  it("outlive a request that is interrupted", async () => {
    const storage = memoryStorage();
    const run = await watched(samples(), never, storage);
    const before = await contents(storage);
    const abort = new AbortController();
    const interrupted = unlearn({ ...request(run), storage, signal: abort.signal, onProgress: () => abort.abort() });
    await expect(interrupted).rejects.toMatchObject({ code: "run/aborted" });
    expect(await contents(storage)).toEqual(before);
    expect((await unlearn({ ...request(run), storage })).status).toBe("completed");
  });

  it("need a training by blocks, and a request all of the data", async () => {
    const method = deepObliviate();
    const recorder = () => method.method.record!(method.options, createContext());
    expect(() => deepObliviateMethod.record!(method.options, createContext())).toThrow(
      expect.objectContaining({ code: "deep-obliviate/no-storage" }),
    );
    const { order: _, ...shuffled } = recipe;
    const training = train({ model: untrained(), data: samples(), recipe: shuffled, context: createContext(), recorder: recorder() });
    await expect(training).rejects.toMatchObject({ code: "deep-obliviate/not-block-wise" });
    const run = await watched(samples(), never);
    const [kept] = inBlock(2);
    const less = unlearn({ ...request(run), data: without(samples(), [kept]) });
    await expect(less).rejects.toMatchObject({ code: "deep-obliviate/data-missing" });
  });
});
