import * as tf from "@tensorflow/tfjs";
import { LetheError, Model, unlearn } from "@lethe/core";
import { beforeAll, expect, it, vi } from "vitest";
import { contents, inSlice, samples, watched } from "./fixtures/training.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

vi.mock(import("./retrain-shard.ts"), async (original) => {
  const { retrainShard } = await original();
  return {
    async *retrainShard(shard) {
      yield* retrainShard(shard);
      if (shard.shard === 2) throw new LetheError("train/non-finite", "The loss became NaN.");
    },
  };
});

it("replaces no checkpoint of any shard where the training of one fails, and leaves the artifact of use", async () => {
  const { network, artifact, method, storage, hash } = await watched();
  const before = await contents(storage);
  const request = { model: network, data: samples(), forget: [inSlice(0, 1)[0], inSlice(2, 0)[0]], method, storage };
  const outcome = await unlearn({ ...request, artifact });
  expect(outcome.status).toBe("non-finite");
  expect(outcome.message).toMatch(/model is unchanged: The loss became NaN\./);
  expect(await new Model(outcome.model).hash()).toBe(hash);
  expect(outcome.artifact).toBe(artifact);
  expect(await contents(storage)).toEqual(before);
  expect((await unlearn({ ...request, forget: [inSlice(0, 1)[0]], artifact })).status).toBe("completed");
});
