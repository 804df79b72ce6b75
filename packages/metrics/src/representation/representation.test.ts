import { createRandom, isLetheError, type HostTensor, type HostTree } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { debiasedLinearCka, linearCka } from "./centred-kernel-alignment.ts";
import { informationBound } from "./information-bound.ts";
import { weightDistance } from "./weight-distance.ts";

const mismatch = expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/shape-mismatch");

interface Case {
  name: string;
  linear_cka: number | null;
  linear_cka_debiased: number | null;
  linear_cka_uncentred_common_mistake: number;
}

test("CKA agrees with its definition, and its debiased form with the unbiased estimator", () => {
  const tensors = readTensors("linear-cka.safetensors");
  const cases = readJson<Case[]>("linear-cka.json");
  expect(cases).toHaveLength(7);
  for (const { name, ...expected } of cases) {
    const [x, y] = [tensors[`${name}/x`], tensors[`${name}/y`]];
    const [own, debiased] = [linearCka(x, y), debiasedLinearCka(x, y)];
    if (expected.linear_cka === null || expected.linear_cka_debiased === null) {
      expect([own, debiased]).toEqual([null, null]);
      continue;
    }
    expect(Math.abs((own ?? NaN) - expected.linear_cka)).toBeLessThan(1e-10);
    expect(Math.abs((debiased ?? NaN) - expected.linear_cka_debiased)).toBeLessThan(1e-10);
    expect(Math.abs((own ?? NaN) - expected.linear_cka_uncentred_common_mistake)).toBeGreaterThan(1e-3);
  }
});

const features = (seed: number | string, n: number, d: number): HostTensor => {
  const random = createRandom(seed);
  return { shape: [n, d], values: Float64Array.from({ length: n * d }, () => random.normal()) };
};
const map = ({ shape, values }: HostTensor, body: (value: number, column: number) => number): HostTensor => ({
  shape,
  values: Float64Array.from(values, (value, i) => body(value, i % shape[1])),
});

test("CKA sees neither scale, shift, the order of features nor which side comes first", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [x, y] = [features(seed, 12, 3), features(`${seed} y`, 12, 5)];
      const moved = map(x, (value, column) => -3 * value + 100 * column);
      for (const cka of [linearCka, debiasedLinearCka]) {
        expect(cka(moved, y)).toBeCloseTo(cka(x, y) ?? NaN, 9);
        expect(cka(y, x)).toBeCloseTo(cka(x, y) ?? NaN, 12);
        expect(cka(x, x)).toBeCloseTo(1, 12);
      }
    }),
    { numRuns: 30 },
  );
});

test("with many features plain CKA of unrelated representations is large, the debiased one is near 0", () => {
  const [x, y] = [features(1, 60, 200), features(2, 60, 200)];
  expect(linearCka(x, y)).toBeGreaterThan(0.7);
  expect(Math.abs(debiasedLinearCka(x, y) ?? NaN)).toBeLessThan(0.06);
});

test("what cannot be aligned", () => {
  const x = features(1, 3, 2);
  expect(debiasedLinearCka(x, x)).toBeNull();
  expect(linearCka(x, { shape: [3, 1], values: Float64Array.of(0.1, 0.1, 0.1) })).toBeNull();
  expect(() => linearCka(x, features(1, 4, 2))).toThrow(mismatch);
  expect(() => linearCka(x, { shape: [3, 1], values: Float64Array.of(0, NaN, 1) })).toThrow(mismatch);
});

const tree = (entries: Record<string, number[]>): HostTree =>
  Object.fromEntries(Object.entries(entries).map(([name, values]) => [name, { shape: [values.length], values: Float32Array.from(values) }]));

test("weight distances: each layer in units of the reference's norm, the total by sums of squares", () => {
  const reference = tree({ "a/kernel": [3, 4], "a/bias": [0], "block/b/kernel": [2] });
  const model = tree({ "a/kernel": [3, 4], "a/bias": [5], "block/b/kernel": [1] });
  const distance = weightDistance(model, reference);
  expect(distance.layers).toEqual({ a: 1, "block/b": 0.5 });
  expect(distance.total).toBeCloseTo(Math.sqrt((25 + 1) / (25 + 4)), 14);
  expect(weightDistance(model, model)).toEqual({ layers: { a: 0, "block/b": 0 }, total: 0, length: 0 });
});

test("weight distances: doubling the weights is distance 1 everywhere; a zero reference has none", () => {
  const reference = tree({ "a/kernel": [1, -2], "b/kernel": [0.5] });
  const doubled = tree({ "a/kernel": [2, -4], "b/kernel": [1] });
  expect(weightDistance(doubled, reference)).toMatchObject({ layers: { a: 1, b: 1 }, total: 1 });
  expect(weightDistance(tree({ "a/bias": [1] }), tree({ "a/bias": [0] }))).toEqual({ layers: { a: null }, total: null, length: 1 });
  expect(() => weightDistance(reference, tree({ "a/kernel": [1, 2] }))).toThrow(mismatch);
  expect(() => weightDistance(reference, tree({ "a/kernel": [1, 2], "c/kernel": [1] }))).toThrow(mismatch);
});

test("information bound: the divergence of normal distributions in closed form, layer by layer, with and without the factor 1/2", () => {
  const model = { mean: tree({ "a/kernel": [1, 2], "b/bias": [0] }), variance: tree({ "a/kernel": [1, 0.5], "b/bias": [4] }) };
  const reference = { mean: tree({ "a/kernel": [0, 2], "b/bias": [0] }), variance: tree({ "a/kernel": [2, 0.5], "b/bias": [1] }) };
  const kl = (shift: number, own: number, other: number) => (shift ** 2 / other + own / other - Math.log(own / other) - 1) / 2;
  const bound = informationBound(model, reference);
  expect(bound.layers["a"]).toBeCloseTo(kl(1, 1, 2) + kl(0, 0.5, 0.5), 14);
  expect(bound.layers["b"]).toBeCloseTo(kl(0, 4, 1), 14);
  expect(bound.value).toBeCloseTo(kl(1, 1, 2) + kl(0, 4, 1), 14);
  expect(bound.asPublished).toBe(2 * bound.value);
  expect(informationBound(model, model)).toEqual({ value: 0, asPublished: 0, layers: { a: 0, b: 0 } });
});

test("information bound: is the mean log likelihood ratio of weights drawn from the model's distribution", () => {
  const random = createRandom("information");
  const distribution = (mean: number, variance: number) => ({ mean: tree({ w: [mean] }), variance: tree({ w: [variance] }) });
  const logDensity = (w: number, mean: number, variance: number) => -((w - mean) ** 2) / (2 * variance) - Math.log(variance) / 2;
  let sum = 0;
  const draws = 40_000;
  for (let i = 0; i < draws; i++) {
    const w = 1 + Math.SQRT2 * random.normal();
    sum += logDensity(w, 1, 2) - logDensity(w, 0.5, 1);
  }
  // The ratio has standard deviation 1: five standard errors.
  expect(Math.abs(sum / draws - informationBound(distribution(1, 2), distribution(0.5, 1)).value)).toBeLessThan(0.025);
});

test("information bound: nearly equal variances keep their digits; variances must be above 0", () => {
  const of = (mean: number, variance: number) => ({
    mean: { w: { shape: [1], values: Float64Array.of(mean) } },
    variance: { w: { shape: [1], values: Float64Array.of(variance) } },
  });
  // x - log(1 + x) = x^2 / 2 - x^3 / 3 + ...
  expect(informationBound(of(0, 1 + 2 ** -20), of(0, 1)).value / 2 ** -42).toBeCloseTo(1 - (2 / 3) * 2 ** -20, 5);
  for (const bad of [of(0, 0), of(0, -1), of(NaN, 1), of(0, Infinity)]) {
    for (const pair of [
      [bad, of(0, 1)],
      [of(0, 1), bad],
    ]) {
      expect(() => informationBound(pair[0], pair[1])).toThrow(
        expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/bad-argument"),
      );
    }
  }
  expect(() => informationBound(of(0, 1), { mean: tree({ w: [1, 2] }), variance: tree({ w: [1, 2] }) })).toThrow(mismatch);
});
