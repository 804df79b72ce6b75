import { arrayDataset, createContext, createRandom, hashWeights, isLetheError, Model, type Recipe } from "@lethe/core";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { anamnesisIndex } from "./anamnesis-index.ts";
import { relearnCurve } from "./relearn-curve.ts";
import { relearnTime } from "./relearn-time.ts";

const badArgument = expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/bad-argument");
const curve = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });

describe("relearn time", () => {
  test("is the first step at the target, and steps given where there is none", () => {
    fc.assert(
      fc.property(curve, fc.double({ min: 0, max: 1, noNaN: true }), (values, target) => {
        const { steps, status } = relearnTime(values, { accuracyAtLeast: target });
        expect(values.slice(0, steps).every((value) => value < target)).toBe(true);
        expect(status === "reached").toBe(values.some((value) => value >= target));
        if (status === "reached") expect(values[steps]).toBeGreaterThanOrEqual(target);
        else expect(steps).toBe(values.length - 1);
        // A loss is an accuracy upside down.
        expect(
          relearnTime(
            values.map((value) => -value),
            { lossAtMost: -target },
          ),
        ).toEqual({ steps, status });
      }),
    );
  });

  test("an empty curve and a diverged one are refused", () => {
    expect(() => relearnTime([], { lossAtMost: 0.1 })).toThrow(badArgument);
    expect(() => relearnTime([1, NaN], { lossAtMost: 0.1 })).toThrow(badArgument);
  });
});

describe("anamnesis index", () => {
  test("is 1 for a model like the oracle, and turns over when they change places", () => {
    fc.assert(
      fc.property(curve, curve, (unlearned, oracle) => {
        const same = anamnesisIndex({ unlearned, oracle: unlearned, originalAccuracy: 0.9 });
        expect(same.relation === "unknown" ? same.value : 1).toBe(same.value);
        const { value, relation } = anamnesisIndex({ unlearned, oracle, originalAccuracy: 0.9 });
        const turned = anamnesisIndex({ unlearned: oracle, oracle: unlearned, originalAccuracy: 0.9 });
        if (relation === "equal") expect((value ?? NaN) * (turned.value ?? NaN)).toBeCloseTo(1, 12);
        if (relation === "at least") expect(turned.relation).toBe("at most");
      }),
    );
  });

  test("a run that ended too early makes it a bound", () => {
    const slow = [0, 0.1, 0.2, 0.3];
    const fast = [0, 1];
    expect(anamnesisIndex({ unlearned: slow, oracle: fast, originalAccuracy: 1 })).toMatchObject({ value: 3, relation: "at least" });
    expect(anamnesisIndex({ unlearned: fast, oracle: slow, originalAccuracy: 1 })).toMatchObject({ value: 1 / 3, relation: "at most" });
    expect(anamnesisIndex({ unlearned: slow, oracle: slow, originalAccuracy: 1 })).toMatchObject({ value: null, relation: "unknown" });
  });

  test("ERASURE's bug: steps are counted, and no offset pulls the ratio towards 1", () => {
    const after = (steps: number) => [...Array.from({ length: steps }, () => 0), 1];
    expect(anamnesisIndex({ unlearned: after(1), oracle: after(100), originalAccuracy: 1 }).value).toBe(0.01);
    expect(anamnesisIndex({ unlearned: after(0), oracle: after(4), originalAccuracy: 1 }).value).toBe(0.25);
    expect(anamnesisIndex({ unlearned: [0.8], oracle: after(4), originalAccuracy: 0.85, margin: 0.1 }).target).toBeCloseTo(0.765, 12);
    expect(() => anamnesisIndex({ unlearned: [1], oracle: [1], originalAccuracy: 90 })).toThrow(badArgument);
  });
});

describe("a relearning run", () => {
  beforeAll(async () => {
    await tf.setBackend("cpu");
  });

  const random = createRandom("relearn");
  const labels = Array.from({ length: 24 }, (_, i) => i % 2);
  const inputs = Float32Array.from({ length: 48 }, (_, i) => 2 * labels[i >> 1] - 1 + 0.4 * random.normal());
  const forget = arrayDataset({ inputs, inputShape: [2], labels });
  const recipe: Recipe = { seed: 2, epochs: 3, batchSize: 8, optimiser: { kind: "sgd", momentum: 0.9 }, schedule: { kind: "constant", rate: 0.1 } };
  const model = (seed: number) => {
    const network = tf.sequential({
      layers: [
        tf.layers.dense({ units: 6, inputShape: [2], activation: "relu" }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ units: 2, activation: "softmax" }),
      ],
    });
    return new Model(network).initialise(createRandom(seed));
  };
  const run = (of: Model) => relearnCurve({ model: of, forget, recipe, context: createContext() });

  test("ERASURE's bug: the evaluated model is not trained, and no tensor is left behind", async () => {
    const start = model(1);
    const before = await hashWeights(start.weights);
    await run(start);
    const tensors = tf.memory().numTensors;
    const { accuracies, losses } = await run(start);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(await hashWeights(start.weights)).toBe(before);
    expect(accuracies).toHaveLength(1 + 3 * 3);
    expect(losses).toHaveLength(1 + 3 * 3);
    expect(losses[9]).toBeLessThan(losses[0] / 2);
    expect(accuracies[9]).toBeGreaterThan(0.9);
  });

  test("is a function of the model and the recipe, in whatever order models are measured", async () => {
    const first = await run(model(1));
    const other = await run(model(4));
    expect(await run(model(1))).toEqual(first);
    expect(other).not.toEqual(first);
    expect(anamnesisIndex({ unlearned: first.accuracies, oracle: first.accuracies, originalAccuracy: 0.9 }).value).toBe(1);
  });
});
