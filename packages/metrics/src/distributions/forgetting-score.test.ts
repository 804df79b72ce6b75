import { createRandom, isLetheError, type HostTensor } from "@lethe/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { table } from "../fixtures/table.ts";
import { certifiedEpsilons } from "./certified-epsilon.ts";
import { decisionRules, errorsOf } from "./decision-rules.ts";
import { epsilonLowerBound } from "./epsilon.ts";
import { forgettingCeiling, forgettingScore } from "./forgetting-score.ts";
import { forgettingScoreRecords } from "./records.ts";

interface Case {
  name: string;
  bins: number;
  epsilons: (number | null)[];
  points: (number | null)[];
  forget_score: number | null;
  final_score?: number;
  mean_points_of_defined_samples: number | null;
  undefined_samples: number[];
  unlearned_retain_accuracy?: number[];
  unlearned_test_accuracy: number[];
  retrained_retain_accuracy: number[];
  retrained_test_accuracy: number[];
}

describe.each(readJson<Case[]>("forgetting-score.json"))("golden numbers: $name", (expected) => {
  test("epsilons, points and scores of the competition's code, also where its grid is sensitive to rounding", () => {
    const tensors = readTensors("forgetting-score.safetensors");
    const accuracies = expected.unlearned_retain_accuracy && {
      unlearned: { retain: expected.unlearned_retain_accuracy, test: expected.unlearned_test_accuracy },
      retrained: { retain: expected.retrained_retain_accuracy, test: expected.retrained_test_accuracy },
    };
    const unlearned = tensors[`${expected.name}/unlearned`];
    const found = forgettingScore({ unlearned, retrained: tensors[`${expected.name}/retrained`], accuracies });
    expect(found.bins).toBe(expected.bins);
    expected.epsilons.forEach((epsilon, j) => {
      if (epsilon === null) expect(found.epsilons[j]).toBeNull();
      // The reference computes rates and logarithms in float32.
      else expect(Math.abs((found.epsilons[j] ?? NaN) - epsilon)).toBeLessThan(1e-6);
    });
    expect(found.points).toEqual(expected.points);
    expect(found.undefinedSamples).toEqual(expected.undefined_samples);
    expect(found.forgetScore).toBe(expected.mean_points_of_defined_samples);
    if (expected.final_score === undefined) expect(found.finalScore).toBeNull();
    else expect(Math.abs((found.finalScore ?? NaN) - expected.final_score)).toBeLessThan(1e-12);
  });
});

test("epsilon lower bounds agree with SciPy's Clopper-Pearson bounds", () => {
  const cases =
    readJson<
      { models_per_side: number; false_positives: number; false_negatives: number; delta: number; confidence: number; epsilon_lower_bound: number }[]
    >("epsilon-lower-bound.json");
  expect(cases.length).toBeGreaterThan(4);
  for (const { models_per_side, false_positives, false_negatives, delta, confidence, epsilon_lower_bound } of cases) {
    const input = { modelsPerSide: models_per_side, falsePositives: false_positives, falseNegatives: false_negatives, delta, confidence };
    expect(Math.abs(epsilonLowerBound(input) - epsilon_lower_bound)).toBeLessThan(1e-9);
  }
});

/** One sample under several models. */
const sample = (phi: number[]): HostTensor => ({ shape: [phi.length, 1], values: Float64Array.from(phi) });

test("known epsilons", () => {
  const epsilon = (unlearned: number[], retrained: number[]) =>
    forgettingScore({ unlearned: sample(unlearned), retrained: sample(retrained) }).epsilons[0];
  // One model in four errs on each side, whatever the threshold between 0 and 10.
  expect(epsilon([0, 0, 0, 10], [10, 10, 10, 0])).toBeCloseTo(Math.log(0.75 - 1e-5) - Math.log(0.25), 12);
  // Apart: no rule errs.
  expect(epsilon([0, 1, 2, 3], [10, 11, 12, 13])).toBe(50);
  // Narrow within wide, with the same median: only two thresholds see it. Around all unlearned models lie 2 of 6 retrained ones, which is
  // passed over as an error of one kind; with one unlearned model left outside it counts.
  expect(epsilon([-0.3, -0.2, -0.1, 0.1, 0.2, 0.3], [-20, -15, -0.1, 0.1, 15, 20])).toBeCloseTo(Math.log(2 / 3 - 1e-5) - Math.log(1 / 6), 12);
  // Nearly constant beside the other side: the cap at once.
  expect(epsilon([-0.3, -0.2, -0.1, 0.1, 0.2, 0.3], [-40, -15, -0.1, 0.1, 15, 40])).toBe(50);
  expect(epsilon([5, 5, 5, 5], [5, 5, 5, 5])).toBeNull();
});

test("there are two bins for every whole epsilon that N models can show", () => {
  const bins = (count: number) => {
    const phi = table(count, 1, (model) => model / count);
    return forgettingScore({ unlearned: phi, retrained: phi }).bins;
  };
  expect([3, 21, 22, 512].map(bins)).toEqual([2, 6, 8, 14]);
});

test("the grids' errors are those of their rules, and neither grid is missing", () => {
  const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(values, values, (a, b) => {
      const unlearned = Float64Array.from(a).toSorted();
      const retrained = Float64Array.from(b).toSorted();
      const rules = [...decisionRules(unlearned, retrained)];
      for (const { falsePositives, falseNegatives, ...rule } of rules) {
        expect(errorsOf(rule, unlearned, retrained)).toEqual({ falsePositives, falseNegatives });
      }
      const highest = Math.max(...rules.map(({ upper }) => (upper < Infinity ? upper : -Infinity)));
      expect([unlearned[3] + 2, retrained[3] + 2]).toContain(highest);
      expect(rules.some(({ upper }) => upper === Infinity)).toBe(new Set([...a, ...b]).size > 1);
    }),
    { numRuns: 20 },
  );
});

test("a lasting difference in spread alone costs points", () => {
  const random = createRandom("spread");
  const draw = (sigma: number) => table(48, 4, () => sigma * random.normal());
  expect(forgettingScore({ unlearned: draw(0.3), retrained: draw(2) }).forgetScore).toBeLessThan(0.06);
});

const models = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 5, maxLength: 5 });

test("neither the order of models nor which side is called unlearned changes an epsilon", () => {
  fc.assert(
    fc.property(models, models, fc.integer(), (a, b, seed) => {
      const shuffled = [...createRandom(seed).permutation(5)].map((i) => a[i]);
      const epsilon = (first: number[], second: number[]) => forgettingScore({ unlearned: sample(first), retrained: sample(second) }).epsilons[0];
      expect(epsilon(shuffled, b)).toBe(epsilon(a, b));
      const ties = new Set([...a, ...b]).size < 10;
      // With equal medians or ranges the rules are made for the unlearned side.
      if (!ties) expect(epsilon(b, a)).toBe(epsilon(a, b));
    }),
    { numRuns: 15 },
  );
});

test("equal distributions score far below 1, and the ceiling says how far", () => {
  const random = createRandom("ceiling");
  const draw = (count: number) => table(count, 12, () => random.normal());
  const { forgetScore } = forgettingScore({ unlearned: draw(24), retrained: draw(24) });
  const ceiling = forgettingCeiling(draw(48), { seed: 1, splits: 3 });
  expect(ceiling.modelsPerSide).toBe(24);
  expect(ceiling.values).toHaveLength(3);
  expect(forgetScore).toBeLessThan(0.4);
  expect(Math.abs((ceiling.mean ?? NaN) - (forgetScore ?? NaN))).toBeLessThan(0.15);
  expect(forgettingCeiling(draw(48), { seed: 2, splits: 1 })).not.toEqual(forgettingCeiling(draw(48), { seed: 3, splits: 1 }));
});

test("certified bounds hold for Laplace distributions one apart, whose epsilon is 1 exactly, and the competition's do not", () => {
  const random = createRandom("laplace");
  const laplace = (centre: number) =>
    table(64, 40, () => {
      const u = random.uniform() - 0.5;
      return centre - Math.sign(u) * Math.log(1 - 2 * Math.abs(u));
    });
  const input = { unlearned: laplace(0), retrained: laplace(1) };
  const bounds = certifiedEpsilons({ ...input, seed: 4 });
  // Expected at most 2 of 40; 9 or more would happen once in ten thousand.
  expect(bounds.filter((bound) => bound > 1).length).toBeLessThan(9);
  expect(bounds.some((bound) => bound > 0)).toBe(true);
  const claimed = forgettingScore(input).epsilons;
  expect(claimed.filter((epsilon) => epsilon !== null && epsilon > 1).length).toBeGreaterThan(30);
});

test("certified bounds are above 0 for equal distributions no more often than they may", () => {
  const random = createRandom("equal");
  const draw = () => table(64, 80, () => random.normal());
  // At confidence 1/2 half of the bounds may be wrong; of bounds from the very models that chose the rule nearly all would be.
  const bounds = certifiedEpsilons({ unlearned: draw(), retrained: draw(), confidence: 0.5, seed: 5 });
  expect(bounds.filter((bound) => bound > 0).length).toBeLessThan(40);
});

test("certified bounds see what is apart, and their seed decides the halves", () => {
  const random = createRandom("apart");
  const draw = (centre: number) => table(40, 3, () => centre + random.normal());
  const input = { unlearned: draw(0), retrained: draw(9) };
  const most = epsilonLowerBound({ falsePositives: 0, falseNegatives: 0, modelsPerSide: 20 });
  const bounds = certifiedEpsilons({ ...input, seed: 1 });
  expect(bounds.every((bound) => bound > 0.8 * most && bound <= most)).toBe(true);
  expect(certifiedEpsilons({ ...input, seed: 1 })).toEqual(bounds);
});

test("what cannot be compared is refused", () => {
  const code = (expected: string) => expect.toSatisfy((error) => isLetheError(error) && error.code === expected);
  const table3 = table(3, 1, (model) => model);
  expect(() => forgettingScore({ unlearned: table3, retrained: table(4, 1, (model) => model) })).toThrow(code("metrics/shape-mismatch"));
  expect(() => forgettingScore({ unlearned: sample([1, 2]), retrained: sample([1, 2]) })).toThrow(code("metrics/too-few-models"));
  expect(() => forgettingScore({ unlearned: table3, retrained: table(3, 1, () => Infinity) })).toThrow(code("metrics/non-finite-score"));
  const accuracies = { retain: [1, 1, 1], test: [1] };
  expect(() => forgettingScore({ unlearned: table3, retrained: table3, accuracies: { unlearned: accuracies, retrained: accuracies } })).toThrow(
    code("metrics/shape-mismatch"),
  );
  expect(() => certifiedEpsilons({ unlearned: sample([1]), retrained: sample([1]), seed: 1 })).toThrow(code("metrics/too-few-models"));
});

test("records carry the score, its ceiling and what was left out", () => {
  const constant = table(3, 2, (model, j) => j * model);
  const score = forgettingScore({ unlearned: constant, retrained: constant });
  const records = forgettingScoreRecords(score, { values: [0.2], mean: 0.2, modelsPerSide: 3 });
  expect(records.map(({ value, target }) => [value, target])).toEqual([
    [score.forgetScore, 0.2],
    [null, null],
  ]);
  expect(records[0].recipe).toContain("1 samples without an epsilon");
  expect(JSON.parse(JSON.stringify(records))).toEqual(records);
});
