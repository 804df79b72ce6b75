import { createRandom, isLetheError, type HostTensor } from "@lethe/core";
import { expect, test } from "vitest";
import { readJson } from "../fixtures/read.ts";
import { clopperPearson } from "./clopper-pearson.ts";
import { clusterBootstrap } from "./cluster-bootstrap.ts";
import { equivalenceTest, type EquivalenceInput } from "./equivalence-test.ts";

const badArgument = expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/bad-argument");

interface BinomialCase {
  successes: number;
  trials: number;
  alpha: number;
  lower: number;
  upper: number;
  one_sided_lower: number;
  one_sided_upper: number;
}

test("Clopper-Pearson bounds, two-sided and one-sided, agree with SciPy", () => {
  const cases = readJson<{ clopper_pearson: BinomialCase[] }>("intervals.json").clopper_pearson;
  expect(cases).toHaveLength(50);
  for (const { successes, trials, alpha, ...expected } of cases) {
    const of = (bounds?: "both" | "lower" | "upper") => clopperPearson({ successes, trials, confidence: 1 - alpha, ...(bounds ? { bounds } : {}) });
    expect(Math.abs(of().lower - expected.lower)).toBeLessThan(1e-11);
    expect(Math.abs(of().upper - expected.upper)).toBeLessThan(1e-11);
    expect(Math.abs(of("lower").lower - expected.one_sided_lower)).toBeLessThan(1e-11);
    expect(Math.abs(of("upper").upper - expected.one_sided_upper)).toBeLessThan(1e-11);
    expect([of("lower").upper, of("upper").lower]).toEqual([1, 0]);
  }
});

test("Clopper-Pearson covers at least what it says, for every probability", () => {
  const trials = 12;
  const intervals = Array.from({ length: trials + 1 }, (_, successes) => clopperPearson({ successes, trials, confidence: 0.9 }));
  for (let p = 0.01; p < 1; p += 0.01) {
    let covered = 0;
    let probability = (1 - p) ** trials;
    intervals.forEach(({ lower, upper }, k) => {
      if (lower <= p && p <= upper) covered += probability;
      probability *= ((trials - k) / (k + 1)) * (p / (1 - p));
    });
    expect(covered).toBeGreaterThanOrEqual(0.9 - 1e-12);
  }
  expect(() => clopperPearson({ successes: 3, trials: 2, confidence: 0.9 })).toThrow(badArgument);
  expect(() => clopperPearson({ successes: 0, trials: 0, confidence: 0.9 })).toThrow(badArgument);
  expect(() => clopperPearson({ successes: 0.5, trials: 2, confidence: 0.9 })).toThrow(badArgument);
});

interface EquivalenceCase {
  kind: "welch" | "pooled" | "one_sample_or_paired";
  margin: number;
  alpha: number;
  x: number[];
  y?: number[];
  mean_difference: number;
  standard_error: number;
  degrees_of_freedom: number;
  t_lower: number | string;
  t_upper: number | string;
  p_lower: number;
  p_upper: number;
  p_value: number;
  equivalent: boolean;
  interval_1_minus_2alpha: [number, number];
}
const equivalences = readJson<EquivalenceCase[]>("equivalence-tests.json");

test("two one-sided tests agree with SciPy: Welch, pooled, paired, one sample", () => {
  expect(equivalences).toHaveLength(14);
  const close = (own: number | undefined, expected: number | string, tolerance: number) => {
    if (typeof expected === "string") expect(own).toBe(Number(expected));
    else expect(Math.abs((own ?? NaN) - expected)).toBeLessThan(tolerance * (1 + Math.abs(expected)));
  };
  for (const { kind, margin, alpha, x, y, ...expected } of equivalences) {
    const options = { margin, level: alpha };
    const sides: EquivalenceInput =
      y === undefined ? { kind: "one-sample", x, ...options } : { kind: kind === "one_sample_or_paired" ? "paired" : kind, x, y, ...options };
    const own = equivalenceTest(sides);
    close(own?.difference, expected.mean_difference, 1e-12);
    close(own?.standardError, expected.standard_error, 1e-12);
    close(own?.degreesOfFreedom, expected.degrees_of_freedom, 1e-9);
    close(own?.tLower, expected.t_lower, 1e-9);
    close(own?.tUpper, expected.t_upper, 1e-9);
    close(own?.pLower, expected.p_lower, 1e-9);
    close(own?.pUpper, expected.p_upper, 1e-9);
    close(own?.pValue, expected.p_value, 1e-9);
    close(own?.interval.lower, expected.interval_1_minus_2alpha[0], 1e-9);
    close(own?.interval.upper, expected.interval_1_minus_2alpha[1], 1e-9);
    expect(own?.equivalent).toBe(expected.equivalent);
  }
});

test("a paired test is a one-sample test of the differences, and a common effect of the seed cancels in it", () => {
  const x = [0.5, 0.7, 0.9];
  const y = [0.51, 0.7, 0.89];
  const paired = equivalenceTest({ kind: "paired", x, y, margin: 0.05 });
  expect(paired).toEqual(equivalenceTest({ kind: "one-sample", x: x.map((value, i) => value - y[i]), margin: 0.05 }));
  expect(paired?.equivalent).toBe(true);
  expect(equivalenceTest({ kind: "welch", x, y, margin: 0.05 })?.equivalent).toBe(false);
  expect(() => equivalenceTest({ kind: "paired", x, y: [1], margin: 0.05 })).toThrow(badArgument);
});

test("a true difference of the margin is called equivalent at most as often as the level says", () => {
  const random = createRandom(21);
  const trials = 3000;
  for (const kind of ["welch", "pooled"] as const) {
    let wrong = 0;
    for (let trial = 0; trial < trials; trial++) {
      const x = Array.from({ length: 5 }, () => 1 + 0.3 * random.normal());
      const y = Array.from({ length: 5 }, () => 0.3 * random.normal());
      if (equivalenceTest({ kind, x, y, margin: 1 })?.equivalent) wrong++;
    }
    expect(wrong / trials).toBeLessThan(0.05 + 4 * Math.sqrt((0.05 * 0.95) / trials));
    expect(wrong / trials).toBeGreaterThan(0.02);
  }
});

test("no spread: certain either way; on the margin itself, nothing is shown", () => {
  const of = (difference: number) => equivalenceTest({ kind: "one-sample", x: [difference, difference, difference], margin: 0.5 });
  expect(of(0.25)).toMatchObject({ equivalent: true, pValue: 0 });
  expect(of(0.75)).toMatchObject({ equivalent: false, pValue: 1 });
  expect(of(0.5)).toMatchObject({ equivalent: false, pValue: 0.5 });
  expect(equivalenceTest({ kind: "pooled", x: [1], y: [1, 2], margin: 1 })).toBeNull();
  expect(() => equivalenceTest({ kind: "one-sample", x: [1, 2], margin: 0 })).toThrow(badArgument);
});

/** v = a_seed + b_sample + e. */
function grid(seed: number | string, seeds: number, samples: number, ofSeed: number, ofSample: number, noise = 0): HostTensor {
  const random = createRandom(seed);
  const a = Array.from({ length: seeds }, () => ofSeed * random.normal());
  const b = Array.from({ length: samples }, () => ofSample * random.normal());
  return {
    shape: [seeds, samples],
    values: Float64Array.from({ length: seeds * samples }, (_, i) => a[Math.floor(i / samples)] + b[i % samples] + noise * random.normal()),
  };
}

test("the bootstrap's standard error is that of seeds and samples together", () => {
  for (const [ofSeed, ofSample] of [
    [1, 0],
    [0, 1],
    [1, 2],
  ]) {
    const values = grid("error", 20, 30, ofSeed, ofSample);
    const rows = Array.from({ length: 20 }, (_, k) => values.values[k * 30] - values.values[0]);
    const columns = Array.from({ length: 30 }, (_, i) => values.values[i] - values.values[0]);
    const variance = (list: number[]) => {
      const centre = list.reduce((sum, value) => sum + value / list.length, 0);
      return list.reduce((sum, value) => sum + (value - centre) ** 2 / list.length, 0);
    };
    // Resampling without a factor n / (n - 1), hence the plain variances.
    const expected = Math.sqrt(variance(rows) / 20 + variance(columns) / 30);
    expect((clusterBootstrap(values)?.standardError ?? NaN) / expected).toBeCloseTo(1, 1);
  }
});

test("the bootstrap interval covers the truth about as often as it says, where samples taken for models would not", () => {
  const trials = 120;
  let covered = 0;
  let naive = 0;
  for (let trial = 0; trial < trials; trial++) {
    const values = grid(`cover ${trial}`, 15, 40, 1, 1, 0.5);
    const result = clusterBootstrap(values, { resamples: 300, seed: trial });
    if (result === null) throw new Error("There is something to resample.");
    if (result.interval.lower <= 0 && 0 <= result.interval.upper) covered++;
    const spread = Math.sqrt(Array.from(values.values).reduce((sum, value) => sum + (value - result.mean) ** 2, 0) / values.values.length);
    if (Math.abs(result.mean) <= (1.96 * spread) / Math.sqrt(values.values.length)) naive++;
  }
  expect(covered / trials).toBeGreaterThan(0.85);
  expect(naive / trials).toBeLessThan(0.6);
});

test("the bootstrap follows its seed and refuses what it cannot resample", () => {
  const values = grid("same", 4, 6, 1, 1);
  expect(clusterBootstrap(values, { seed: 3 })).toEqual(clusterBootstrap(values, { seed: 3 }));
  expect(clusterBootstrap(values, { seed: 3 })).not.toEqual(clusterBootstrap(values, { seed: 4 }));
  expect(clusterBootstrap({ shape: [1, 6], values: values.values.slice(0, 6) })).toBeNull();
  expect(() => clusterBootstrap(values, { resamples: 1 })).toThrow(badArgument);
  expect(() => clusterBootstrap({ shape: [2, 6], values: values.values })).toThrow(/\[seeds, samples\]/);
});
