import * as tf from "@tensorflow/tfjs";
import { createContext, disposeTree, fromHost, toHost, type Model } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { samples, untrained } from "./fixtures/training.ts";
import { recomputeStatistics } from "./statistics.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** The model, where its pass of a number fails halfway, with the batch-norm statistics already written. */
function failingAt(model: Model, pass: number): Model {
  let passes = 0;
  const forward: Model["forward"] = (...given) => {
    const result = model.forward(...given);
    if (++passes < pass) return result;
    for (const [name, buffer] of Object.entries(result.buffers)) if (buffer !== given[0].buffers[name]) buffer.dispose();
    throw new Error("out of memory");
  };
  return new Proxy(model, { get: (target, key) => (key === "forward" ? forward : (Reflect.get(target, key, target) as unknown)) });
}

describe("recomputed statistics", () => {
  const options = () => ({ context: createContext(), batchSize: 20 });

  it("leave no tensor behind, whether they come about or fail, in whichever pass", async () => {
    const model = untrained();
    const weights = { parameters: fromHost(await toHost(model.parameters)), buffers: fromHost(await toHost(model.buffers)) };
    const before = tf.memory().numTensors;
    const statistics = await recomputeStatistics(model, weights, samples(), options());
    expect(Object.keys(statistics)).toEqual(Object.keys(model.buffers));
    expect(tf.memory().numTensors).toBe(before);
    // Three passes find the shares; then there is one for each batch.
    for (let pass = 1; pass <= 6; pass++) {
      await expect(recomputeStatistics(failingAt(model, pass), weights, samples(), options())).rejects.toThrow("out of memory");
      expect(tf.memory().numTensors, `after failing in pass ${pass}`).toBe(before);
    }
    disposeTree(weights.parameters);
    disposeTree(weights.buffers);
  });
});
