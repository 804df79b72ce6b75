import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createContext, createRandom, crossEntropyObjective, naivePerSampleMoments, perSampleMoments } from "@lethe/core";
import { drawData, drawModel, narrowBuilders } from "./fixtures/narrow.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const objective = crossEntropyObjective("softmax-cross-entropy");
const classes = 4;

it.each(narrowBuilders)(
  "$id has a gradient in every parameter, and per-sample moments in batches, without a parameter that needs one pass per sample",
  async (builder) => {
    const random = createRandom(5);
    const model = drawModel(builder, random, classes);
    const data = drawData(builder, random, [0, 3, 1], classes);
    const options = { context: createContext(), batchSize: 2, phase: "", objective, power: 2 } as const;
    const naive = await naivePerSampleMoments(model, data, options);
    const batched = await perSampleMoments(model, data, options);
    expect(batched.oneByOne).toEqual([]);
    for (const [name, { values }] of Object.entries(naive.sums)) {
      const scale = Math.max(...values);
      expect(scale, name).toBeGreaterThan(0);
      values.forEach((value, i) => expect(Math.abs(batched.sums[name].values[i] - value) / scale, `${name}[${i}]`).toBeLessThanOrEqual(2e-5));
    }
    model.dispose();
  },
);
