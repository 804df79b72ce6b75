import { createRandom, type HostTensor } from "@lethe/core";
import { roc, type SetLogits } from "@lethe/metrics";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { histogram, resultDetails, thinned } from "./details.ts";

/** Two classes; the probability of the true label is p. */
function logitsOf(labels: readonly number[], probabilities: readonly number[]): HostTensor {
  const margins = probabilities.map((p) => Math.log(p / (1 - p)));
  return {
    shape: [labels.length, 2],
    values: Float32Array.from(labels.flatMap((label, row) => (label === 0 ? [margins[row], 0] : [0, margins[row]]))),
  };
}

const labels = { retain: [0, 1], forget: [1, 1], test: [0, 1, 1, 0] };
const model = (retain: number[], forget: number[], test: number[]): SetLogits => ({
  retain: logitsOf(labels.retain, retain),
  forget: logitsOf(labels.forget, forget),
  test: logitsOf(labels.test, test),
});

describe("details", () => {
  const original = model([0.99, 0.99], [0.97, 0.92], [0.9, 0.6, 0.3, 0.4]);
  const oracle = model([0.99, 0.99], [0.6, 0.2], [0.9, 0.7, 0.1, 0.7]);
  const details = resultDetails({ labels, original, unlearned: oracle, oracles: [oracle, original] });

  test("hold the confidence of the true label on each set, of all oracles together", () => {
    const { forget, test: unseen } = details.confidence.original;
    expect(forget.shares.map((share, bin) => [bin, share]).filter(([, share]) => share > 0)).toEqual([
      [18, 0.5],
      [19, 0.5],
    ]);
    expect(unseen.shares.filter((share) => share > 0)).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(details.confidence.oracles.forget.shares.filter((share) => share > 0)).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test("hold the accuracy of each class, of each oracle apart", () => {
    expect(details.classAccuracy).toEqual({
      original: [0.5, 0.5],
      unlearned: [1, 0.5],
      oracles: [
        [1, 0.5],
        [0.5, 0.5],
      ],
    });
  });

  test("attack with unseen samples of the forgotten classes alone", () => {
    // Forgotten 0.97 and 0.92 against unseen 0.6 and 0.3 of class 1: told apart at once. With class 0's 0.9 and 0.4 there would be four unseen samples.
    expect(details.attack.original).toEqual({ fpr: [0, 0, 0, 0.5, 1], tpr: [0, 0.5, 1, 1, 1] });
    expect(details.attack.oracles.length).toBe(2);
    const unseenElsewhere = resultDetails({ labels: { ...labels, test: [0, 0, 0, 0] }, original, unlearned: oracle, oracles: [] });
    expect(unseenElsewhere.attack).toEqual({ original: null, unlearned: null, oracles: [] });
  });
});

test("a histogram's shares sum to 1, whatever the values; without values they are 0", () => {
  const edges = [0, 0.25, 0.5, 0.75, 1];
  fc.assert(
    fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1 }), (values) => {
      const { shares } = histogram(edges, values);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      expect(shares[1]).toBe(values.filter((value) => value >= 0.25 && value < 0.5).length / values.length);
    }),
  );
  expect(histogram(edges, []).shares).toEqual([0, 0, 0, 0]);
});

describe("a thinned curve", () => {
  const random = createRandom("curve");
  const scores = (count: number, mean: number) => Float64Array.from({ length: count }, () => mean + random.normal());
  const curve = roc({ members: scores(5000, 1), nonMembers: scores(5000, 0) })!;
  const { fpr, tpr } = thinned(curve);

  test("has both ends, rises, and is much shorter", () => {
    expect([fpr[0], tpr[0], fpr.at(-1), tpr.at(-1)]).toEqual([0, 0, 1, 1]);
    for (const rates of [fpr, tpr]) expect(rates).toEqual(rates.toSorted((a, b) => a - b));
    expect(fpr.length).toBeLessThan(curve.falsePositiveRates.length / 10);
  });

  test("has the area of the whole one, and its corner of few false positives", () => {
    const area = fpr.slice(1).reduce((sum, x, index) => sum + ((x - fpr[index]) * (tpr[index + 1] + tpr[index])) / 2, 0);
    expect(Math.abs(area - curve.auc)).toBeLessThan(1e-3);
    expect(fpr.filter((rate) => rate > 0 && rate <= 0.01).length).toBeGreaterThan(10);
  });

  test("of few points keeps all", () => {
    const few = roc({ members: [3, 2, 1], nonMembers: [2.5, 0] })!;
    expect(thinned(few)).toEqual({ fpr: Array.from(few.falsePositiveRates), tpr: Array.from(few.truePositiveRates) });
  });
});
