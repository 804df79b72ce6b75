import { createRandom, isLetheError } from "@lethe/core";
import { expect, test } from "vitest";
import { readJson } from "../fixtures/read.ts";
import { roc } from "../membership/roc.ts";
import { betaQuantile, regularisedIncompleteBeta } from "./incomplete-beta.ts";
import { meanInterval, predictionInterval } from "./intervals.ts";
import { mean, median, standardDeviation } from "./moments.ts";
import { aucResolution, meanResolution, shareResolution } from "./standard-error.ts";
import { studentTQuantile } from "./student-t.ts";

interface Golden {
  clopper_pearson: {
    successes: number;
    trials: number;
    alpha: number;
    lower: number;
    upper: number;
    one_sided_lower: number;
    one_sided_upper: number;
  }[];
  two_one_sided_tests: {
    alpha: number;
    mean_difference: number;
    standard_error: number;
    degrees_of_freedom: number;
    t_lower: number;
    t_upper: number;
    p_lower: number;
    p_upper: number;
    interval_1_minus_2alpha: [number, number];
  }[];
}
const golden = readJson<Golden>("intervals.json");

test("beta quantiles give SciPy's Clopper-Pearson bounds", () => {
  expect(golden.clopper_pearson.length).toBeGreaterThan(40);
  for (const { successes, trials, alpha, ...bounds } of golden.clopper_pearson) {
    const lower = (tail: number) => (successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1));
    const upper = (tail: number) => (successes === trials ? 1 : betaQuantile(1 - tail, successes + 1, trials - successes));
    expect(Math.abs(lower(alpha / 2) - bounds.lower)).toBeLessThan(1e-11);
    expect(Math.abs(upper(alpha / 2) - bounds.upper)).toBeLessThan(1e-11);
    expect(Math.abs(lower(alpha) - bounds.one_sided_lower)).toBeLessThan(1e-11);
    expect(Math.abs(upper(alpha) - bounds.one_sided_upper)).toBeLessThan(1e-11);
  }
});

test("t quantiles and tail probabilities agree with SciPy, also for fractional degrees of freedom", () => {
  expect(golden.two_one_sided_tests.length).toBeGreaterThan(5);
  for (const { alpha, mean_difference, standard_error, degrees_of_freedom: nu, ...expected } of golden.two_one_sided_tests) {
    const halfWidth = studentTQuantile(1 - alpha, nu) * standard_error;
    // SciPy's own quantiles are good to about 1e-10; the closed forms below hold ours to more.
    expect(Math.abs(mean_difference - halfWidth - expected.interval_1_minus_2alpha[0])).toBeLessThan(1e-10);
    expect(Math.abs(mean_difference + halfWidth - expected.interval_1_minus_2alpha[1])).toBeLessThan(1e-10);
    const upperTail = (t: number) => {
      const tail = regularisedIncompleteBeta(nu / (nu + t * t), nu / 2, 0.5) / 2;
      return t >= 0 ? tail : 1 - tail;
    };
    expect(Math.abs(upperTail(expected.t_lower) - expected.p_lower)).toBeLessThan(1e-11);
    expect(Math.abs(1 - upperTail(expected.t_upper) - expected.p_upper)).toBeLessThan(1e-11);
  }
});

test("t quantiles in closed form for one and two degrees of freedom", () => {
  for (const p of [0.001, 0.2, 0.5, 0.6, 0.75, 0.975, 0.9995]) {
    const cauchy = Math.tan(Math.PI * (p - 0.5));
    expect(Math.abs(studentTQuantile(p, 1) - cauchy)).toBeLessThan(1e-10 * (1 + Math.abs(cauchy)));
    const two = (2 * p - 1) * Math.sqrt(2 / (4 * p * (1 - p)));
    expect(Math.abs(studentTQuantile(p, 2) - two)).toBeLessThan(1e-10 * (1 + Math.abs(two)));
  }
});

test("a probability outside (0, 1) or no degrees of freedom are refused", () => {
  for (const [p, nu] of [
    [0, 3],
    [1, 3],
    [NaN, 3],
    [0.5, 0],
  ]) {
    expect(() => studentTQuantile(p, nu)).toThrow(expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/bad-argument"));
  }
});

test("t-intervals over seeds as in the Tug-of-War tables", () => {
  const { tow_intervals } = readJson<{ tow_intervals: { tow_per_seed: number[]; lower: number; upper: number }[] }>("scalar-scores.json");
  for (const { tow_per_seed, lower, upper } of tow_intervals) {
    const own = meanInterval(tow_per_seed, 0.95);
    expect(own?.lower).toBeCloseTo(lower, 10);
    expect(own?.upper).toBeCloseTo(upper, 10);
  }
});

test("nothing is made up from too few values", () => {
  expect([mean([]), median([]), standardDeviation([1]), meanInterval([1], 0.95), predictionInterval([1], 0.95)]).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
  expect(standardDeviation([0.1, 0.1, 0.1])).toBe(0);
});

test("a prediction interval holds one further draw as often as it says", () => {
  const random = createRandom(3);
  for (const count of [2, 3, 5, 10]) {
    const trials = 4000;
    let inside = 0;
    for (let trial = 0; trial < trials; trial++) {
      const interval = predictionInterval(
        Array.from({ length: count }, () => random.normal()),
        0.95,
      );
      const next = random.normal();
      if (interval && next >= interval.lower && next <= interval.upper) inside++;
    }
    // Four binomial standard errors.
    expect(Math.abs(inside / trials - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / trials));
  }
});

test("the resolution of an AUC is its standard error over draws of the samples", () => {
  const random = createRandom(5);
  // Hanley and McNeil's formula is exact for exponential scores: AUC = r / (1 + r) for members r times as large.
  for (const ratio of [1, 3]) {
    const draw = (scale: number, count: number) => Array.from({ length: count }, () => -scale * Math.log(1 - random.uniform()));
    const areas = Array.from({ length: 1500 }, () => roc({ members: draw(ratio, 30), nonMembers: draw(1, 60) })?.auc ?? NaN);
    const auc = ratio / (1 + ratio);
    expect(mean(areas)).toBeCloseTo(auc, 2);
    expect((standardDeviation(areas) ?? NaN) / aucResolution(auc, 30, 60)).toBeCloseTo(1, 1);
  }
});

test("a resolution is one standard error, and no finer than one sample", () => {
  expect(shareResolution(0.5, 100)).toBe(0.05);
  expect(meanResolution([1, 2, 3, 4], 0.1)).toBeCloseTo(Math.sqrt(5 / 3) / 2, 12);
  expect(shareResolution(0, 200)).toBe(1 / 200);
  expect(aucResolution(1, 50, 1000)).toBe(1 / 50);
  expect(meanResolution([0, 0, 0, 0], 1)).toBe(1 / 4);
});
