import * as tf from "@tensorflow/tfjs";
import { memoryStorage, Model, openTrajectory, unlearn, type HostTree } from "@lethe/core";
import { beforeAll, expect, it, vi } from "vitest";
import { inBlock, samples, watched } from "./fixtures/training.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

vi.mock(import("./statistics.ts"), () => ({
  recomputeStatistics: async (): Promise<HostTree> => {
    const values = () => Float32Array.of(0, 0, Infinity, 0, 0);
    return { "norm/moving_mean": { shape: [5], values: values() }, "norm/moving_variance": { shape: [5], values: values() } };
  },
}));

it("replaces no snapshot where the statistics of the stitched model are not finite, and leaves the artifact of use", async () => {
  const storage = memoryStorage();
  const { network, artifact, method } = await watched(samples(), { threshold: 1e9, minimumPoints: 4 }, storage);
  const before = (await openTrajectory(storage)).entries;
  const request = { model: network, data: samples(), forget: [inBlock(1)[0]], method, storage };
  const outcome = await unlearn({ ...request, artifact });
  expect(outcome.status).toBe("non-finite");
  expect(await new Model(outcome.model).hash()).toBe(await new Model(network).hash());
  expect((await openTrajectory(storage)).entries).toEqual(before);
  expect((await unlearn({ ...request, artifact: outcome.artifact })).status).toBe("non-finite");
});
