import { isLetheError } from "@lethe/core";
import { expect, test } from "vitest";
import { verifyDeletion } from "./verify-deletion.ts";

const refusal = (code: string) => expect.toSatisfy((error) => isLetheError(error) && error.code === code);
const target = 7;
/** Predictions for `n` samples, the first so many of which are taken for the target. */
const successes = (count: number, n = 30) => Array.from({ length: n }, (_, i) => (i < count ? target : 1));
const labels = (n = 30) => Array.from({ length: n }, () => 1);

test("the error rates are those of the binomial closed form", () => {
  // p = 1/2, q = 0 and n = 10: P(X <= k | p) is a sum of binomial coefficients over 2^10; at 2 it is 56/1024, at 1 it is 11/1024.
  const input = { before: successes(5, 10), oracle: successes(0, 10), labels: labels(10), target, level: 0.05 };
  const deleted = verifyDeletion({ ...input, after: successes(1, 10) })!;
  expect(deleted).toMatchObject({ before: 0.5, after: 0.1, oracle: 0, queries: 10, verdict: "deleted" });
  expect(deleted.test!.threshold).toBe(1);
  expect(deleted.test!.falseBelief).toBeCloseTo(11 / 1024, 12);
  expect(deleted.test!.falseDoubt).toBe(0);
  expect(verifyDeletion({ ...input, after: successes(2, 10) })!.verdict).toBe("kept");
  // q = 1/10: doubted where there are two successes or more, 1 - 0.9^10 - 10 * 0.1 * 0.9^9.
  const rare = verifyDeletion({ ...input, oracle: successes(1, 10), after: successes(1, 10) })!;
  expect(rare.test!.falseDoubt).toBeCloseTo(1 - 0.9 ** 10 - 0.9 ** 9, 12);
});

test("with thirty queries of a trigger that was learnt, both error rates are below a thousandth, as published", () => {
  const { test: found } = verifyDeletion({ before: successes(27), after: successes(3), oracle: successes(3), labels: labels(), target })!;
  expect(found!.falseBelief).toBeLessThan(1e-3);
  expect(found!.falseDoubt).toBeLessThan(1e-3);
});

test("nothing is decided where the trigger was not learnt, or where queries are too few", () => {
  const unlearnt = { before: successes(3), after: successes(0), oracle: successes(3), labels: labels(), target };
  expect(verifyDeletion(unlearnt)).toMatchObject({ test: null, verdict: "undecided" });
  const few = { before: successes(1, 2), after: successes(0, 2), oracle: successes(0, 2), labels: labels(2), target };
  expect(verifyDeletion(few)).toMatchObject({ test: { threshold: -1 }, verdict: "undecided" });
});

test("samples of the target class do not count, and arguments that do not fit are refused", () => {
  const before = [...successes(30), target, target];
  const all = { before, after: before, oracle: [...successes(0), target, target], labels: [...labels(), target, target], target };
  expect(verifyDeletion(all)).toMatchObject({ before: 1, oracle: 0, queries: 30, verdict: "kept" });
  const own = successes(1, 1);
  expect(verifyDeletion({ before: own, after: own, oracle: own, labels: [target], target })).toBeNull();
  expect(() => verifyDeletion({ ...all, after: [1] })).toThrow(refusal("metrics/shape-mismatch"));
  expect(() => verifyDeletion({ ...all, level: 0 })).toThrow(refusal("metrics/bad-argument"));
});
