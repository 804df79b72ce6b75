import { createRandom, isLetheError } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { backdoorSuccessRate, deletionTest } from "./backdoor.ts";
import { interclassConfusion } from "./interclass-confusion.ts";

const refusal = (code: string) => expect.toSatisfy((error) => isLetheError(error) && error.code === code);

test("samples of the target class do not count as successes of a trigger", () => {
  expect(backdoorSuccessRate([3, 3, 3, 0], [3, 3, 0, 1], 3)).toBe(0.5);
  expect(backdoorSuccessRate([3], [3], 3)).toBeNull();
  expect(() => backdoorSuccessRate([3], [3, 1], 3)).toThrow(refusal("metrics/shape-mismatch"));
});

/** P(X <= k) by summing the binomial formula. */
function binomial(k: number, n: number, p: number): number {
  let sum = 0;
  let coefficient = 1;
  for (let i = 0; i <= k; i++) {
    sum += coefficient * p ** i * (1 - p) ** (n - i);
    coefficient *= (n - i) / (i + 1);
  }
  return sum;
}

test("the threshold of a deletion test is the largest that keeps the level, and both error rates are the binomial ones", () => {
  const rate = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), rate, rate, fc.double({ min: 1e-4, max: 0.5, noNaN: true }), (queries, one, other, level) => {
      fc.pre(Math.abs(one - other) > 1e-6);
      const [rateIfDeleted, rateIfKept] = [Math.min(one, other), Math.max(one, other)];
      const { threshold, falseBelief, falseDoubt } = deletionTest({ queries, rateIfKept, rateIfDeleted, level });
      expect(falseBelief).toBeLessThanOrEqual(level);
      expect(Math.abs(falseBelief - binomial(threshold, queries, rateIfKept))).toBeLessThan(1e-10);
      expect(Math.abs(1 - falseDoubt - binomial(threshold, queries, rateIfDeleted))).toBeLessThan(1e-10);
      expect(binomial(threshold + 1, queries, rateIfKept)).toBeGreaterThan(level - 1e-10);
    }),
  );
});

test("the error rates are what happens", () => {
  const random = createRandom(8);
  const setup = { queries: 12, rateIfKept: 0.8, rateIfDeleted: 0.3, level: 0.05 };
  const { threshold, falseBelief, falseDoubt } = deletionTest(setup);
  const trials = 20_000;
  const believed = (rate: number) => {
    let count = 0;
    for (let trial = 0; trial < trials; trial++) {
      const successes = Array.from({ length: setup.queries }, () => random.uniform() < rate).filter(Boolean).length;
      if (successes <= threshold) count++;
    }
    return count / trials;
  };
  const close = (found: number, p: number) => expect(Math.abs(found - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / trials));
  close(believed(0.8), falseBelief);
  close(1 - believed(0.3), falseDoubt);
});

test("too few queries cannot prove a deletion; a certain trigger makes the level moot", () => {
  expect(deletionTest({ queries: 1, rateIfKept: 0.5, rateIfDeleted: 0.1, level: 0.05 })).toMatchObject({
    threshold: -1,
    falseBelief: 0,
    falseDoubt: 1,
  });
  expect(deletionTest({ queries: 3, rateIfKept: 1, rateIfDeleted: 0, level: 0.05 })).toEqual({ threshold: 2, falseBelief: 0, falseDoubt: 0 });
  expect(() => deletionTest({ queries: 3, rateIfKept: 0.1, rateIfDeleted: 0.9, level: 0.05 })).toThrow(refusal("metrics/bad-argument"));
});

test("interclass confusion counts confusions in both directions, and other errors as errors only", () => {
  const labels = [4, 4, 4, 9, 9, 9, 1, 1];
  const predicted = [9, 4, 1, 4, 4, 9, 4, 9];
  expect(interclassConfusion(predicted, labels, [4, 9])).toEqual({ count: 6, error: 4 / 6, confusions: 3, confusionShare: 0.5 });
  expect(interclassConfusion(predicted, labels, [9, 4])).toEqual(interclassConfusion(predicted, labels, [4, 9]));
  expect(interclassConfusion(predicted, labels, [2, 3])).toBeNull();
  expect(() => interclassConfusion(predicted, labels, [4, 4])).toThrow(refusal("metrics/bad-argument"));
});
