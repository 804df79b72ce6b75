import { createRandom } from "@lethe/core";
import { expect, test } from "vitest";
import { mean } from "../statistics/moments.ts";
import { oracleBand, type OracleValues } from "./band.ts";
import { utilityLost } from "./utility-guard.ts";
import { verdictOf, type Sides } from "./verdict.ts";

const forgetting: Sides = { below: "over-forgotten", above: "under-forgotten" };

test("the edges of the band are inside, beyond them the side decides", () => {
  const band = { lower: 0.4, upper: 0.6 };
  const verdicts = [0.39, 0.4, 0.5, 0.6, 0.61].map((value) => verdictOf(value, band, forgetting));
  expect(verdicts).toEqual(["over-forgotten", "within oracle band", "within oracle band", "within oracle band", "under-forgotten"]);
});

test("no value and no band are told apart", () => {
  expect(verdictOf(null, null, forgetting)).toBe("not defined");
  expect(verdictOf(0.5, null, forgetting)).toBe("needs more oracles");
});

test("agreeing oracles make a band of one sample, and one sample off is inside", () => {
  const band = oracleBand([0.9, 0.9, 0.9], 1 / 50, "independent");
  expect(verdictOf(44 / 50, band, forgetting)).toBe("within oracle band");
  expect(verdictOf(46 / 50, band, forgetting)).toBe("within oracle band");
  expect(verdictOf(43 / 50, band, forgetting)).toBe("over-forgotten");
});

test("one oracle has no band, and two have none for comparisons", () => {
  expect(oracleBand([0.9], 0.1, "independent")).toBeNull();
  expect(oracleBand([0.3, 0.3], 0.1, "leave-one-out")).toBeNull();
  expect(oracleBand([0.3, 0.3], 0.1, "independent")).not.toBeNull();
});

test("the band is the wider one of the prediction interval and the resolution", () => {
  const wide = oracleBand([0.8, 0.9, 1], 0.01, "independent");
  expect((wide?.upper ?? NaN) - 0.9).toBeCloseTo(4.302652729911275 * 0.1 * Math.sqrt(4 / 3), 10);
  const floor = oracleBand([0.8, 0.9, 1], 2, "independent");
  expect(floor?.upper).toBeCloseTo(2.9, 12);
});

/** How often a genuine further model lies at or below the upper edge of a comparison band. */
function coverage(kind: OracleValues, count: number, draw: () => number[], compare: (model: number[], others: number[][]) => number): number {
  const trials = 1500;
  let inside = 0;
  for (let trial = 0; trial < trials; trial++) {
    const oracles = Array.from({ length: count }, draw);
    const values = oracles.map((oracle, k) =>
      compare(
        oracle,
        oracles.filter((_, j) => j !== k),
      ),
    );
    if (compare(draw(), oracles) <= (oracleBand(values, 0, kind)?.upper ?? NaN)) inside++;
  }
  return inside / trials;
}

test("a genuine further retrain lies within the distance band about nineteen times in twenty, thanks to the correction", () => {
  const random = createRandom(11);
  const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, i) => value - b[i]));
  const meanDistance = (model: number[], others: number[][]) => mean(others.map((other) => distance(model, other))) as number;
  // Models as points around a common one, some farther out than others, as networks of unlike quality are.
  const point = () => {
    const scale = Math.exp(0.2 * random.normal());
    return Array.from({ length: 20 }, () => scale * random.normal());
  };
  for (const count of [3, 5, 10]) expect(coverage("leave-one-out", count, point, meanDistance)).toBeGreaterThan(0.935);
  expect(coverage("independent", 3, point, meanDistance)).toBeLessThan(0.93);
});

test("a genuine further retrain lies within the band of gaps as often", () => {
  const random = createRandom(12);
  const gap = (model: number[], others: number[][]) => {
    return mean(model.map((value, i) => Math.abs(value - (mean(others.map((other) => other[i])) as number)))) as number;
  };
  const accuracies = () => Array.from({ length: 4 }, () => random.normal());
  for (const count of [3, 5, 10]) expect(coverage("leave-one-out", count, accuracies, gap)).toBeGreaterThan(0.95);
});

test("the utility guard needs half of what the reference knows beyond guessing", () => {
  expect(utilityLost({ accuracy: 0.1, reference: 0.9, majority: 0.1 })).toBe(true);
  expect(utilityLost({ accuracy: 0.5, reference: 0.9, majority: 0.1 })).toBe(true);
  expect(utilityLost({ accuracy: 0.51, reference: 0.9, majority: 0.1 })).toBe(false);
  expect(utilityLost({ accuracy: 0.1, reference: 0.05, majority: 0.1 })).toBe(true);
  expect(utilityLost({ accuracy: 0.12, reference: 0.05, majority: 0.1 })).toBe(false);
});
