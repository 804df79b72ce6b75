import { createRandom } from "@lethe/core";
import { describe, expect, test } from "vitest";
import { codes, constantModel, judge, labels, oracles, original, result, sizes } from "./fixtures/models.ts";
import { table } from "./fixtures/table.ts";
import { anamnesisIndex, fitLira, forgettingCeiling, forgettingScore, liraScores, roc, splitByMembership, uLira } from "./index.ts";
import { normalCdf } from "./shadow/normal-distribution.ts";

describe("a model that is the oracle", () => {
  test("has distance 0, gap 0, Tug-of-War 1, completeness 1 and AIN 1", () => {
    const { unlearned } = judge(oracles[0], { oracles: [oracles[0]] });
    const best = { "tug-of-war": 1, completeness: 1, "average-gap": 0 };
    for (const [name, value] of Object.entries(best)) expect(result(unlearned, name).value).toBe(value);
    const distances = unlearned.metrics.filter(({ name }) => /divergence|distance|disagreement/.test(name));
    expect(distances).toHaveLength(15);
    for (const { value } of distances) expect(value).toBe(0);
    for (const accuracies of [[0, 1], [0.2, 0.4, 0.99], [1]]) {
      expect(anamnesisIndex({ unlearned: accuracies, oracle: accuracies, originalAccuracy: 1 })).toMatchObject({ value: 1, relation: "equal" });
    }
  });
});

describe("two Gaussians", () => {
  test("d apart: the AUC of LiRA is Phi(d / sqrt 2), from 4,000 cases and 64 shadow models", () => {
    for (const d of [0.5, 1.5]) {
      const random = createRandom(`gaussians ${d}`);
      const mask = (models: number) => table(models, 1000, (model, j) => (model + j) % 2);
      const draw = (models: number) => table(models, 1000, (model, j) => d * ((model + j) % 2) + random.normal());
      const lira = fitLira({ phi: draw(64), members: mask(64) }, { variance: "pooled" });
      const auc = roc(splitByMembership(liraScores(lira, draw(4)), mask(4)))?.auc ?? NaN;
      expect(Math.abs(auc - normalCdf(d / Math.SQRT2))).toBeLessThan(0.04);
    }
  });

  test("of one distribution: the competition's F is the printed ceiling, not 1", () => {
    const random = createRandom("identical");
    const draw = (models: number) => table(models, 16, () => random.normal());
    const ceiling = forgettingCeiling(draw(64), { seed: 1, splits: 4 });
    const { forgetScore } = forgettingScore({ unlearned: draw(32), retrained: draw(32) });
    expect(ceiling.modelsPerSide).toBe(32);
    expect(ceiling.mean).toBeLessThan(0.5);
    expect(Math.abs((forgetScore ?? NaN) - (ceiling.mean ?? NaN))).toBeLessThan(0.15);
  });
});

test("the competition's epsilon of two even rows of N models, m places apart, is log((m + 1) / N - delta) - log(1 / N)", () => {
  const count = 20;
  const row = (start: number) => table(count, 1, (model) => (start + model) / 10);
  for (let m = 1; m <= 12; m++) {
    // With its strictest useful threshold one model of either side errs, and m + 1 are on the right side of it.
    const expected = Math.log((m + 1) / count - 1e-5) - Math.log(1 / count);
    expect(forgettingScore({ unlearned: row(0), retrained: row(m) }).epsilons[0]).toBeCloseTo(expected, 10);
    expect(forgettingScore({ unlearned: row(m), retrained: row(0) }).epsilons[0]).toBeCloseTo(expected, 10);
  }
});

describe("a model with constant output", () => {
  test("passes ZRF, entropy attack, loss attacks and U-LiRA as forgotten, and the utility guard trips", () => {
    const uniform = { shape: [sizes.forget, 4], values: new Float32Array(4 * sizes.forget) };
    const { unlearned } = judge(constantModel(labels), { untrained: [uniform] });
    expect(result(unlearned, "zero-retrain-forgetting").value).toBe(1);
    expect(result(unlearned, "entropy-attack-ssd").value).toBe(0);
    for (const name of ["entropy-attack-auc", "loss-attack-auc", "exposure-auc", "logistic-attack-accuracy", "interval-attack-accuracy"]) {
      expect(result(unlearned, name).value).toBe(0.5);
    }
    const scores = { phi: table(4, 2, () => -1.1), forgotten: table(4, 2, (run) => run % 2), neverSeen: table(4, 2, (run) => 1 - (run % 2)) };
    expect(uLira({ shadows: scores, targets: scores }).accuracy).toBe(0.5);
    expect(codes(unlearned)).toContain("utility-lost");
    expect(codes(judge(original).unlearned)).not.toContain("utility-lost");
  });
});
