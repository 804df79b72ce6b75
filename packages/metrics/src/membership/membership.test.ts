import { createRandom, isLetheError, type Random } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { entropyAttack } from "./entropy-attack.ts";
import { exposureAuc } from "./exposure.ts";
import { fitLogisticRegression } from "./logistic-regression.ts";
import { fitLossThreshold, lossThresholdAttack } from "./loss-threshold.ts";
import { largestAdvantage, roc, tprAtFpr, type AttackScores, type Roc } from "./roc.ts";

function curveOf(scores: AttackScores): Roc {
  const curve = roc(scores);
  if (curve === null) throw new Error("The test has an empty side.");
  return curve;
}

const normals = (random: Random, count: number, mean = 0) => Array.from({ length: count }, () => mean + random.normal());

const scores = fc.record({
  members: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 12 }),
  nonMembers: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 12 }),
});

test("ROC quantities agree with scikit-learn", () => {
  interface Case {
    name: string;
    auc: number;
    advantage: number;
    tpr_at_fpr_0_01: { fpr_le: number };
    tpr_at_fpr_0_001: { fpr_le: number };
  }
  const tensors = readTensors("roc.safetensors");
  const cases = readJson<Case[]>("roc.json");
  expect(cases).toHaveLength(6);
  for (const expected of cases) {
    const labels = tensors[`roc/${expected.name}/labels`].values;
    const values = tensors[`roc/${expected.name}/scores`].values;
    const curve = curveOf({ members: [...values].filter((_, i) => labels[i] === 1), nonMembers: [...values].filter((_, i) => labels[i] === 0) });
    expect(Math.abs(curve.auc - expected.auc)).toBeLessThan(1e-14);
    expect(tprAtFpr(curve, 0.01)).toBe(expected.tpr_at_fpr_0_01.fpr_le);
    expect(tprAtFpr(curve, 0.001)).toBe(expected.tpr_at_fpr_0_001.fpr_le);
    expect(largestAdvantage(curve)).toBeCloseTo(expected.advantage, 14);
  }
});

test("the AUC is the share of pairs in the right order, ties counted half", () => {
  fc.assert(
    fc.property(scores, ({ members, nonMembers }) => {
      const pairs = members.flatMap((a) => nonMembers.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
      expect(curveOf({ members, nonMembers }).auc).toBeCloseTo(pairs.reduce((a: number, b) => a + b, 0) / pairs.length, 14);
    }),
  );
});

test("every vertex is what its threshold achieves", () => {
  fc.assert(
    fc.property(scores, ({ members, nonMembers }) => {
      const curve = curveOf({ members, nonMembers });
      const share = (values: number[], threshold: number) => values.filter((value) => value >= threshold).length / values.length;
      curve.thresholds.forEach((threshold, i) => {
        expect(curve.truePositiveRates[i]).toBe(share(members, threshold));
        expect(curve.falsePositiveRates[i]).toBe(share(nonMembers, threshold));
      });
      expect([curve.falsePositiveRates.at(-1), curve.truePositiveRates.at(-1)]).toEqual([1, 1]);
    }),
  );
});

test("exchanging members and non-members turns the AUC around, and order does not matter", () => {
  fc.assert(
    fc.property(scores, fc.integer(), ({ members, nonMembers }, seed) => {
      const { auc } = curveOf({ members, nonMembers });
      expect(curveOf({ members: nonMembers, nonMembers: members }).auc).toBeCloseTo(1 - auc, 14);
      const shuffled = [...createRandom(seed).permutation(members.length)].map((i) => members[i]);
      expect(curveOf({ members: shuffled, nonMembers }).auc).toBe(auc);
      expect(curveOf({ members: [...members, ...members], nonMembers }).auc).toBe(auc);
    }),
  );
});

test("two Gaussians at distance d have AUC Phi(d / sqrt 2)", () => {
  const random = createRandom(1);
  const count = 20_000;
  for (const [d, expected] of [
    [0, 0.5],
    [0.5, 0.6381631950841185],
    [1, 0.7602499389065233],
    [2, 0.9213503964748574],
  ]) {
    const { auc } = curveOf({ members: normals(random, count, d), nonMembers: normals(random, count) });
    // Four standard errors at most: sqrt(1 / (6 n)) is the largest, at d = 0.
    expect(Math.abs(auc - expected)).toBeLessThan(4 / Math.sqrt(6 * count));
  }
});

test("infinite scores are ordered, NaN is refused, an empty side has no curve", () => {
  expect(curveOf({ members: [Infinity, -Infinity], nonMembers: [-Infinity, 0] }).auc).toBe(0.625);
  expect(() => roc({ members: [NaN], nonMembers: [0] })).toThrow(
    expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/nan-score"),
  );
  expect(roc({ members: [], nonMembers: [1] })).toBeNull();
});

test("the fitted loss threshold has the best balanced accuracy of all thresholds", () => {
  fc.assert(
    fc.property(scores, ({ members, nonMembers }) => {
      const balanced = (tau: number) =>
        members.filter((x) => x <= tau).length / members.length - nonMembers.filter((x) => x <= tau).length / nonMembers.length;
      const tau = fitLossThreshold({ members, nonMembers }) ?? NaN;
      const every = [-Infinity, ...members, ...nonMembers];
      for (const other of every) {
        expect(balanced(tau)).toBeGreaterThanOrEqual(balanced(other));
        if (balanced(other) === balanced(tau)) expect(tau).toBeLessThanOrEqual(other);
      }
    }),
  );
});

test("the loss attack sees a memorised forget set and is blind to an unseen one", () => {
  const random = createRandom(8);
  const low = () => normals(random, 4000).map((z) => Math.exp(z - 3));
  const high = () => normals(random, 4000).map((z) => Math.exp(z));
  const known = { members: low(), nonMembers: high() };
  // Best threshold at the middle of two log-normals 3 apart: TPR = Phi(1.5) = 0.9332.
  const memorised = lossThresholdAttack(known, { forget: low(), unseen: high() });
  expect(memorised?.truePositiveRate).toBeCloseTo(0.9332, 1);
  expect(memorised?.advantage).toBeCloseTo(0.8664, 1);
  const unseen = lossThresholdAttack(known, { forget: high(), unseen: high() });
  expect(Math.abs(unseen?.advantage ?? NaN)).toBeLessThan(0.03);
  expect(lossThresholdAttack(known, { forget: [], unseen: [1] })).toBeNull();
});

test("the entropy attack gives the published shares and the exact optimum's coefficients", () => {
  interface Case {
    name: string;
    share: number;
    detail: { binary_C2_coef: number; binary_C2_intercept: number; forget_samples_within_1e_4_of_threshold: number };
  }
  const tensors = readTensors("ssd-entropies.safetensors");
  const cases = readJson<Case[]>("ssd-entropies.json");
  expect(cases).toHaveLength(7);
  for (const { name, share, detail } of cases) {
    const result = entropyAttack({
      retain: tensors[`${name}/retain`].values,
      test: tensors[`${name}/test`].values,
      forget: tensors[`${name}/forget`].values,
    });
    expect(detail.forget_samples_within_1e_4_of_threshold).toBe(0);
    expect(result?.forgetMembers).toBe(share);
    expect(Math.abs((result?.coefficient ?? NaN) / detail.binary_C2_coef - 1)).toBeLessThan(1e-3);
    expect(Math.abs((result?.intercept ?? NaN) / detail.binary_C2_intercept - 1)).toBeLessThan(1e-3);
  }
});

test("logistic regression stands where the gradient of its objective vanishes", () => {
  const random = createRandom(4);
  const members = normals(random, 40, 1);
  const nonMembers = normals(random, 300);
  for (const c of [0.01, 1, 100]) {
    const { coefficient: w, intercept: b } = fitLogisticRegression({ members, nonMembers }, c) ?? { coefficient: NaN, intercept: NaN };
    const pull = (features: number[], sign: number, power: number) =>
      features.reduce((sum, x) => sum + (sign * x ** power) / (1 + Math.exp(sign * (w * x + b))), 0) * ((340 * c) / (2 * features.length));
    expect(Math.abs(w - pull(members, 1, 1) - pull(nonMembers, -1, 1))).toBeLessThan(1e-6 * c + 1e-8);
    expect(Math.abs(pull(members, 1, 0) + pull(nonMembers, -1, 0))).toBeLessThan(1e-6 * c + 1e-8);
  }
});

test("logistic regression survives separated, constant and one-sided features", () => {
  const separated = fitLogisticRegression({ members: [1, 2, 3], nonMembers: [1e3, 2e3] }, 1e6);
  expect(separated && separated.coefficient * 3 + separated.intercept > 0 && separated.coefficient * 1e3 + separated.intercept < 0).toBe(true);
  const constant = fitLogisticRegression({ members: [2, 2, 2], nonMembers: [2] }, 2);
  expect(constant?.coefficient).toBeCloseTo(0, 12);
  expect(constant?.intercept).toBeCloseTo(0, 12);
  expect(fitLogisticRegression({ members: [], nonMembers: [2] }, 2)).toBeNull();
});

test("constant output fools the one-sided attacks", () => {
  const flat = Array.from({ length: 50 }, () => Math.log(10));
  expect(curveOf({ members: flat, nonMembers: flat }).auc).toBe(0.5);
  expect(entropyAttack({ retain: flat, test: flat, forget: flat })?.forgetMembers).toBe(0);
});

test("exposure sees a forget set that stands out on either side", () => {
  const random = createRandom(9);
  const unseen = normals(random, 2000);
  expect(exposureAuc({ forget: normals(random, 2000, -6), unseen })).toBeGreaterThan(0.99);
  expect(exposureAuc({ forget: normals(random, 2000, 6), unseen })).toBeGreaterThan(0.99);
  expect(exposureAuc({ forget: normals(random, 2000), unseen })).toBeCloseTo(0.5, 1);
  expect(exposureAuc({ forget: [], unseen })).toBeNull();
  expect(exposureAuc({ forget: [1], unseen: [] })).toBeNull();
});
