import { createRandom, isLetheError, type HostTensor } from "@lethe/core";
import { describe, expect, test } from "vitest";
import { judge, labels, makeModel, oracles, original, result, retrained } from "./fixtures/models.ts";
import { table } from "./fixtures/table.ts";
import {
  certifiedEpsilons,
  epsilonLowerBound,
  evaluate,
  fitLira,
  forgettingScore,
  klom,
  klomFloor,
  liraScores,
  margin,
  planShadows,
  rolesOfRuns,
  roc,
  shareHistogram,
  splitByMembership,
  standardMetrics,
  tugOfWar,
  uLira,
  type Metric,
  type SetLogits,
} from "./index.ts";
import { setNames } from "./evaluation/metric.ts";

// Each was found in published code. Further ones are tested beside what they are about; their titles begin with the tool's name.

const refusal = (code: string) => expect.toSatisfy((error) => isLetheError(error) && error.code === code);
const sample = (phi: readonly number[]): HostTensor => ({ shape: [phi.length, 1], values: Float64Array.from(phi) });
const tenths = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i / 10);

describe("defects known from other tools: Unlearning Comparator's epsilon", () => {
  test("is taken over models for each image, not over the images of one model", () => {
    // Images lie 40 apart, models within 1: pooled over images the two sides look alike, image by image they are apart.
    const random = createRandom("images");
    const side = (shift: number) => table(16, 8, (_, image) => 40 * image + shift + 0.1 * random.normal());
    expect(forgettingScore({ unlearned: side(0), retrained: side(2) }).epsilons).toEqual(Array.from({ length: 8 }, () => 50));
    // And the other way round: one model's images say nothing about another image.
    const one = { unlearned: side(0), retrained: side(0) };
    const before = forgettingScore(one).epsilons;
    const moved = (scores: HostTensor): HostTensor =>
      table(16, 8, (model, image) => scores.values[8 * model + image] + (image === 3 ? 7 * (model % 2) : 0));
    const after = forgettingScore({ unlearned: moved(one.unlearned), retrained: one.retrained }).epsilons;
    after.forEach((epsilon, image) => (image === 3 ? expect(epsilon).not.toBe(before[image]) : expect(epsilon).toBe(before[image])));
  });

  test("is the larger of the two log-ratios, not the smaller one", () => {
    // Errors of 4 and 1 in 10: log(0.6 / 0.1) and log(0.9 / 0.4).
    const rule = { modelsPerSide: 1e6, confidence: 1e-9, delta: 0 };
    const both = [
      epsilonLowerBound({ ...rule, falsePositives: 4e5, falseNegatives: 1e5 }),
      epsilonLowerBound({ ...rule, falsePositives: 1e5, falseNegatives: 4e5 }),
    ];
    for (const epsilon of both) expect(Math.abs(epsilon - Math.log(6))).toBeLessThan(0.01);
    // One threshold, with 3 of 8 retrained models on the wrong side and 1 of 8 unlearned ones.
    const score = forgettingScore({ unlearned: sample([0, 0, 0, 0, 0, 0, 0, 9]), retrained: sample([0, 0, 0, 9, 9, 9, 9, 9]) });
    expect(score.epsilons[0]).toBeCloseTo(Math.log(5 / 8 - 1e-5) - Math.log(1 / 8), 12);
  });

  test("sees margins of every size: no values are cut off, no fixed grid, no largest epsilon of 2.5", () => {
    for (const centre of [0, 24, -31, 90]) {
      const [unlearned, other] = [sample(tenths(centre, 20)), sample(tenths(centre + 0.7, 20))];
      const [epsilon] = forgettingScore({ unlearned, retrained: other }).epsilons;
      expect(epsilon).toBeCloseTo(Math.log(8 / 20 - 1e-5) - Math.log(1 / 20), 12);
    }
    const many = forgettingScore({ unlearned: sample(tenths(30, 100)), retrained: sample(tenths(34, 100)) }).epsilons[0];
    expect(many).toBeCloseTo(Math.log(0.41 - 1e-5) - Math.log(0.01), 12);
    expect(many).toBeGreaterThan(2.5);
  });

  test("nothing assumes ten classes", () => {
    for (const classCount of [2, 3, 37]) {
      const random = createRandom(`classes ${classCount}`);
      const many = { retain: 3 * classCount, forget: classCount, test: 2 * classCount };
      const labelsOf = (set: keyof typeof many) => Int32Array.from({ length: many[set] }, (_, i) => i % classCount);
      const right = (set: keyof typeof many): HostTensor => ({
        shape: [many[set], classCount],
        values: Float32Array.from({ length: many[set] * classCount }, (_, i) => {
          return (i % classCount === Math.floor(i / classCount) % classCount ? 12 : 0) + 0.1 * random.normal();
        }),
      });
      const model = (): SetLogits => ({ retain: right("retain"), forget: right("forget"), test: right("test") });
      const evaluation = evaluate({
        labels: { retain: labelsOf("retain"), forget: labelsOf("forget"), test: labelsOf("test") },
        original: model(),
        unlearned: model(),
        oracles: [model(), model(), model()],
      });
      for (const set of setNames) expect(result(evaluation.unlearned, `${set}-accuracy`).value).toBe(1);
      expect(evaluation.unlearned.testAccuracyPerClass).toEqual(Array.from({ length: classCount }, () => 1));
      expect(evaluation.unlearned.metrics.every(({ value }) => value !== null)).toBe(true);
    }
  });
});

describe("defects known from other tools: shadow attacks", () => {
  const column = (values: number[]) => table(values.length, 1, (run) => values[run]);

  test("DeepUnlearn: the normals are fitted to margins, not to right and wrong, so a sample that is always right can be found", () => {
    const plan = planShadows({ poolSize: 80, models: 16, targets: 4, forgetSets: 1, forgetSize: 20, seed: 1 });
    const scores = (role: "shadow" | "target", reading: (phi: number) => number) => {
      const roles = rolesOfRuns(plan, role);
      const random = createRandom(role);
      const count = plan.attacked.length;
      const phi = table(roles.drawOfRun.length, count, (run, j) =>
        reading((roles.forgotten.values[run * count + j] === 1 ? 9 : 5) + random.normal()),
      );
      return { phi, ...roles };
    };
    const attack = (reading: (phi: number) => number) => uLira({ shadows: scores("shadow", reading), targets: scores("target", reading) });
    expect(attack((phi) => phi).accuracy).toBeGreaterThan(0.95);
    // What that tool looks at, and what comes of a spread of 0: a guess, and no NaN.
    const blind = attack((phi) => (phi > 0 ? 1 : 0));
    expect(blind.accuracy).toBe(0.5);
    expect(blind.logRatios.values.every(Number.isFinite)).toBe(true);
  });

  test("Erasus: retained samples are members, and never pass for unseen ones", () => {
    const scores: HostTensor = { shape: [1, 4], values: Float64Array.of(9, 8, 1, 0) };
    // Forgotten, retained, unseen, unseen.
    const members: HostTensor = { shape: [1, 4], values: Uint8Array.of(1, 1, 0, 0) };
    expect(roc(splitByMembership(scores, members))?.auc).toBe(1);
    // Attacks between forget set and unseen samples do not look at the retain set at all.
    const other: SetLogits = { ...original, retain: makeModel(createRandom("other"), labels, { ...retrained, retain: -5 }).retain };
    for (const name of ["loss-attack-auc", "entropy-attack-auc", "logistic-attack-accuracy", "exposure-auc", "interval-attack-accuracy"]) {
      expect(result(judge(other).unlearned, name).value).toBe(result(judge(original).unlearned, name).value);
    }
    // In U-LiRA a sample that a run kept is neither forgotten nor never seen.
    const plan = planShadows({ poolSize: 16, models: 4, targets: 2, forgetSets: 2, forgetSize: 2, seed: 1 });
    const { retained, neverSeen, forgotten } = rolesOfRuns(plan, "shadow");
    retained.values.forEach((kept: number, i: number) => expect(kept === 1 ? neverSeen.values[i] + forgotten.values[i] : 0).toBe(0));
    expect(retained.values).toContain(1);
  });

  test("Erasus: scores are scaled logits, which keep apart what the largest softmax output rounds to 1", () => {
    const phi = margin({ shape: [3, 2], values: Float64Array.of(40, 0, 60, 0, 0, 60) }, [0, 0, 0]);
    expect([...phi]).toEqual([40, 60, -60]);
  });

  test("Erasus: without shadow models there is no attack, rather than the bare confidence", () => {
    const none: HostTensor = { shape: [0, 2], values: new Float64Array(0) };
    expect(() => fitLira({ phi: none, members: none })).toThrow(refusal("metrics/too-few-models"));
    const shadows = { phi: none, forgotten: none, neverSeen: none };
    const targets = { phi: table(1, 2, () => 1), forgotten: table(1, 2, () => 1), neverSeen: table(1, 2, () => 0) };
    expect(() => uLira({ shadows, targets })).toThrow(refusal("metrics/too-few-models"));
  });

  test("Erasus: the log-sigma terms are there, by hand", () => {
    // IN has mean 0 and sigma 2, OUT mean 0 and sigma 1, each from its own two models.
    const phi = column([Math.SQRT2, -Math.SQRT2, Math.SQRT1_2, -Math.SQRT1_2]);
    const lira = fitLira({ phi, members: column([1, 1, 0, 0]) }, { variance: "per-sample" });
    expect(liraScores(lira, column([0])).values[0]).toBeCloseTo(-Math.log(2), 12);
  });

  test("TRAIL: every run of a U-LiRA plan unlearns something, those that never saw the sample as well", () => {
    const plan = planShadows({ poolSize: 60, models: 8, targets: 2, forgetSets: 3, forgetSize: 5, seed: 2 });
    expect(plan.models.every(({ forgetSets }) => forgetSets.length === 3 && forgetSets.every((set) => set.length === 5))).toBe(true);
    for (const role of ["shadow", "target"] as const) {
      const { forgotten, neverSeen, drawOfRun } = rolesOfRuns(plan, role);
      const count = plan.attacked.length;
      for (let run = 0; run < drawOfRun.length; run++) {
        const row = (mask: HostTensor) => Array.from(mask.values).slice(run * count, (run + 1) * count);
        expect(row(forgotten)).toContain(1);
        expect(row(neverSeen)).toContain(1);
      }
    }
  });
});

describe("defects known from other tools: distributions of margins", () => {
  test("EasyDUB: the direction is as the result says, and the two differ", () => {
    // Oracle in two bins, unlearned in one of them: KL(oracle || unlearned) = 1/2 log(1/2 / (1 - e)) + 1/2 log(1/2 / e), the other one is log 2.
    const input = { oracle: sample([0, 0, 1, 1]), unlearned: sample([0, 0, 0, 0]) };
    const e = 1e-5 / (1 + 1e-5);
    const found = klom(input);
    expect(found.direction).toBe("KL(oracle || unlearned)");
    expect(found.perSample[0]).toBeCloseTo(0.5 * Math.log(0.5 / (1 - e)) + 0.5 * Math.log(0.5 / e), 10);
    expect(klom({ ...input, direction: "KL(unlearned || oracle)" }).perSample[0]).toBeCloseTo(Math.LN2, 10);
  });

  test("EasyDUB: the largest margin is counted", () => {
    expect(klom({ oracle: sample([3, 3, 3, 3]), unlearned: sample([5, 5, 5, 5]) }).perSample[0]).toBeGreaterThan(11);
  });

  test("TRAIL: margins of ordinary size do not share a bin", () => {
    const random = createRandom("ordinary");
    const draw = (models: number, centre: number) => table(models, 20, () => centre + 0.4 * random.normal());
    const floor = klomFloor(draw(80, 2), { seed: 1, splits: 2 });
    // Bins of width 10, as over a fixed [-100, 100], would hold both.
    expect(klom({ oracle: draw(40, 2), unlearned: draw(40, 4) }).mean).toBeGreaterThan(4 * (floor.mean ?? NaN));
  });

  test("the competition: a sample whose unlearned models agree gets the largest epsilon there, but no certificate of it", () => {
    const wide = tenths(-40, 800);
    const narrow = wide.map((_, i) => i / 1e4);
    const pair = { unlearned: sample(narrow), retrained: sample(wide) };
    expect(forgettingScore(pair).epsilons[0]).toBe(50);
    const [certified] = certifiedEpsilons({ ...pair, seed: 1 });
    // One retrained model in 800 lies among the unlearned ones: a real difference, and no more of it than 400 models a side can show.
    expect(certified).toBeGreaterThan(1);
    expect(certified).toBeLessThanOrEqual(epsilonLowerBound({ falsePositives: 0, falseNegatives: 0, modelsPerSide: 400 }));
  });

  test("the competition: scores need no GPU and stop at no assertion", () => {
    const phi = table(4, 3, (model, j) => model * (j + 1));
    expect(forgettingScore({ unlearned: phi, retrained: phi }).forgetScore).toBe(1);
  });
});

describe("defects known from other tools: a table that hides what failed", () => {
  const broken: Metric = {
    ...standardMetrics[0],
    name: "broken",
    measure: () => {
      throw new Error("out of order");
    },
  } as Metric;
  const empty: Metric = { ...standardMetrics[0], name: "undefined", measure: () => null } as Metric;

  test("torchunlearn: a metric that throws is not swallowed, and one without a value stays in the table and says so", () => {
    expect(() => judge(original, { metrics: [...standardMetrics, broken] })).toThrow("out of order");
    const { unlearned } = judge(original, { metrics: [empty] });
    expect(unlearned.metrics.map(({ name, value, verdict }) => [name, value, verdict])).toEqual([["undefined", null, "not defined"]]);
    const names = (count: number) => judge(original, { oracles: oracles.slice(0, count) }).unlearned.metrics.map(({ name }) => name);
    for (const count of [0, 1, 2]) expect(names(count)).toEqual(names(5));
  });

  test("torchunlearn: without an oracle there is no gap to one", () => {
    const { unlearned } = judge(original, { oracles: [] });
    for (const name of ["average-gap", "tug-of-war"])
      expect(result(unlearned, name)).toMatchObject({ value: null, target: null, verdict: "not defined" });
  });

  test("torchunlearn: utility is test accuracy as much as retain accuracy, in the score and in the guard", () => {
    const oracle = { forget: 0.8, retain: 1, test: 0.8 };
    expect(tugOfWar({ ...oracle, test: 0.3 }, oracle)).toBe(0.5);
    // Knows what it kept by heart, and nothing else.
    const { unlearned } = judge(makeModel(createRandom("by heart"), labels, { retain: 6, forget: 1.5, test: -3 }));
    expect(unlearned.flags.find(({ code }) => code === "utility-lost")?.metrics).toEqual(["test-accuracy"]);
  });

  test("DeepUnlearn: a mean that looks harmless does not hide a few samples that are always found", () => {
    const accuracies = [...Array.from({ length: 90 }, () => 0.5), ...Array.from({ length: 10 }, () => 1)];
    expect(shareHistogram(accuracies, 10)).toEqual([0, 0, 0, 0, 0, 90, 0, 0, 0, 10]);
  });
});
