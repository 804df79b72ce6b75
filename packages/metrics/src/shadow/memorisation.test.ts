import { createRandom, isLetheError } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { table } from "../fixtures/table.ts";
import { memorisation, memorisationStrata } from "./memorisation.ts";

const code = (expected: string) => expect.toSatisfy((error) => isLetheError(error) && error.code === expected);

test("memorisation is the difference of the two rates, whatever the models' own skill", () => {
  const random = createRandom("memorisation");
  const members = table(400, 4, (model, sample) => (model + sample) % 2);
  const rates = [
    [1, 0],
    [0.9, 0.9],
    [0.5, 0.2],
    [0.1, 0.4],
  ];
  const correct = table(400, 4, (model, sample) => (random.uniform() < rates[sample][1 - members.values[4 * model + sample]] ? 1 : 0));
  // Four standard errors of a difference of two rates from 200 models each.
  memorisation({ correct, members }).forEach((score, sample) =>
    expect(Math.abs(score - (rates[sample][0] - rates[sample][1]))).toBeLessThan(4 * Math.sqrt(0.5 / 200)),
  );
});

test("a sample that all models were trained with, or none, has no memorisation", () => {
  const correct = table(2, 1, () => 1);
  for (const kind of [0, 1]) expect(() => memorisation({ correct, members: table(2, 1, () => kind) })).toThrow(code("metrics/too-few-models"));
  expect(() => memorisation({ correct, members: table(2, 1, () => 0.5) })).toThrow(code("metrics/bad-mask"));
  expect(() => memorisation({ correct, members: table(1, 1, () => 1) })).toThrow(code("metrics/shape-mismatch"));
});

test("strata are disjoint, in order, and do not depend on where the samples stand", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 30 }), fc.integer(), (scores, seed) => {
      const size = Math.max(1, Math.floor(scores.length / 4));
      const values = (strata: ReturnType<typeof memorisationStrata>, of: readonly number[]) =>
        [strata.low, strata.middle, strata.high].map((positions) => [...positions].map((i) => of[i]).toSorted((a, b) => a - b));
      const [low, middle, high] = values(memorisationStrata(scores, size), scores);
      expect([low, middle, high].map(({ length }) => length)).toEqual([size, size, size]);
      expect(Math.max(...low)).toBeLessThan(Math.min(...middle));
      expect(Math.max(...middle)).toBeLessThan(Math.min(...high));
      expect(low[0]).toBe(Math.min(...scores));
      expect(high.at(-1)).toBe(Math.max(...scores));
      const shuffled = [...createRandom(seed).permutation(scores.length)].map((i) => scores[i]);
      expect(values(memorisationStrata(shuffled, size), shuffled)).toEqual([low, middle, high]);
    }),
  );
  for (const size of [0, 1.5, 2]) expect(() => memorisationStrata([1, 2, 3, 4, 5], size)).toThrow(code("metrics/bad-argument"));
  expect(() => memorisationStrata([1, NaN, 2], 1)).toThrow(code("metrics/nan-score"));
});
