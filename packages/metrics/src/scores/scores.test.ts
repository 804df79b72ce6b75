import fc from "fast-check";
import { expect, test } from "vitest";
import { readJson } from "../fixtures/read.ts";
import { adaptiveUnlearningScore } from "./adaptive-unlearning.ts";
import { averageGap, type Accuracies } from "./gap.ts";
import { indiscernibility } from "./indiscernibility.ts";
import { normalisedUnlearningScore } from "./normalised-unlearning.ts";
import { retention, symmetricAbsolutePercentageError } from "./relative.ts";
import { tugOfWar, tugOfWarWithAttack } from "./tug-of-war.ts";

type Values = Accuracies & { mia: number };
interface Case {
  unlearned: Values;
  oracle: Values;
  original_test: number;
  avg_gap_ua_ra_ta_mia: number;
  tow: number;
  tow_mia: number;
  aus: number;
  nomus_weight: number;
  nomus: number;
  indiscernibility: number;
  sape_test: number | null;
  retention_test: number | null;
}
const named = (values: Values) => ({ ...values, attack: values.mia });

test("every score agrees with the reference", () => {
  const { cases } = readJson<{ cases: Case[] }>("scalar-scores.json");
  expect(cases).toHaveLength(12);
  const close = (own: number | null, expected: number | null) => {
    if (own === null || expected === null) expect(own).toBe(expected);
    else expect(Math.abs(own - expected)).toBeLessThan(1e-12);
  };
  for (const { unlearned, oracle, ...expected } of cases) {
    close(averageGap(named(unlearned), named(oracle)), expected.avg_gap_ua_ra_ta_mia);
    close(tugOfWar(unlearned, oracle), expected.tow);
    close(tugOfWarWithAttack(named(unlearned), named(oracle)), expected.tow_mia);
    close(adaptiveUnlearningScore({ unlearned, originalTest: expected.original_test, scenario: "samples" }), expected.aus);
    close(normalisedUnlearningScore({ test: unlearned.test, attack: unlearned.mia, testWeight: expected.nomus_weight }), expected.nomus);
    close(indiscernibility(unlearned.mia), expected.indiscernibility);
    close(symmetricAbsolutePercentageError(unlearned.test, oracle.test), expected.sape_test);
    close(retention(unlearned.test, oracle.test), expected.retention_test);
  }
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const values = fc.record({ forget: share, retain: share, test: share, mia: share });

test("scores stay in [0, 1], and matching the oracle is their best", () => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      for (const score of [tugOfWar(first, second), tugOfWarWithAttack(named(first), named(second)), indiscernibility(first.mia)]) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
      expect(tugOfWarWithAttack(named(first), named(first))).toBe(1);
      expect(averageGap(named(first), named(first))).toBe(0);
      expect(symmetricAbsolutePercentageError(first.test, second.test)).toBe(symmetricAbsolutePercentageError(second.test, first.test));
    }),
  );
});

test("torchunlearn's bug: a gap between accuracies of 0 to 1 can be no larger than 1, and sees all four parts", () => {
  const oracle = named({ forget: 0, retain: 1, test: 1, mia: 1 });
  expect(averageGap(named({ forget: 1, retain: 0, test: 0, mia: 0 }), oracle)).toBe(1);
  for (const part of ["forget", "retain", "test", "attack"] as const) expect(averageGap({ ...oracle, [part]: 0.5 }, oracle)).toBe(0.125);
});

test("the adaptive score of a class wants its accuracy at 0, that of samples at the test accuracy", () => {
  const of = (forget: number, scenario: "samples" | "class") =>
    adaptiveUnlearningScore({ unlearned: { forget, test: 0.8 }, originalTest: 0.8, scenario });
  expect([of(0, "class"), of(0.8, "samples")]).toEqual([1, 1]);
  expect(of(0.8, "class")).toBeLessThan(0.6);
  expect(of(0, "samples")).toBeLessThan(0.6);
});
