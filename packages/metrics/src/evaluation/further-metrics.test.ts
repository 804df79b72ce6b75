import { createRandom, isLetheError, type HostTensor } from "@lethe/core";
import { describe, expect, test } from "vitest";
import { classCount, constantModel, judge, labels, makeLabels, makeModel, oracles, original, result, retrained, sizes } from "../fixtures/models.ts";
import {
  accuracy,
  adaptiveUnlearningScore,
  completeness,
  crossEntropy,
  evaluate,
  logisticAttack,
  margin,
  mean,
  median,
  membershipFeature,
  normalisedUnlearningScore,
  predictions,
  softmax,
  svcAttack,
  zeroRetrainForgetting,
  type SetLogits,
  type SetName,
} from "../index.ts";
import { svcLimit } from "./setting.ts";

const untrained = [1, 2, 3, 4, 5].map((k): HostTensor => {
  const random = createRandom(`untrained ${k}`);
  return { shape: [sizes.forget, classCount], values: Float32Array.from({ length: sizes.forget * classCount }, () => 0.1 * random.normal()) };
});

describe("forgetting samples", () => {
  test("every value is what the plain functions give", () => {
    const candidate = makeModel(createRandom("half forgotten"), labels, { retain: 6, forget: 4, test: 1.2 });
    const { unlearned } = judge(candidate, { untrained, seed: 9 });
    const value = (name: string) => result(unlearned, name).value;
    const share = (model: SetLogits, set: SetName) => accuracy(predictions(model[set]), labels[set]) ?? NaN;
    const losses = (set: SetName) => crossEntropy(candidate[set], labels[set]);

    const attack = logisticAttack({ forget: losses("forget"), unseen: losses("test") }, { seed: 9 });
    expect(value("logistic-attack-accuracy")).toBe(attack?.accuracy);
    expect(value("normalised-unlearning-score")).toBe(normalisedUnlearningScore({ test: share(candidate, "test"), attack: attack?.accuracy ?? NaN }));
    expect(value("adaptive-unlearning-score")).toBe(
      adaptiveUnlearningScore({
        unlearned: { forget: share(candidate, "forget"), test: share(candidate, "test") },
        originalTest: share(original, "test"),
        scenario: "samples",
      }),
    );
    const agreement = oracles.map((oracle) => completeness(predictions(candidate.forget), predictions(oracle.forget))?.intersectionOverUnion ?? NaN);
    expect(result(unlearned, "completeness").toEachOracle).toEqual(agreement);
    expect(value("completeness")).toBeCloseTo(mean(agreement) ?? NaN, 14);
    expect(value("zero-retrain-forgetting")).toBe(zeroRetrainForgetting(softmax(candidate.forget), untrained.map(softmax))?.value);
  });

  test("SalUn's bug: the members of the SVC attack are a random draw, not the first ones", () => {
    const candidate = makeModel(createRandom("half forgotten"), labels, { retain: 1, forget: 1, test: 1 });
    // A set sorted by difficulty: its first part says nothing about the rest.
    const first = { shape: candidate.retain.shape, values: Float32Array.from(candidate.retain.values) };
    for (let i = 0; i < sizes.test; i++) first.values[i * classCount + labels.retain[i]] = 30;
    const sorted = { ...candidate, retain: first };
    const feature = (set: SetName, count: number) => {
      const { values } = membershipFeature("confidence", sorted[set], labels[set]);
      return { shape: [count, 1], values: values.slice(0, count) };
    };
    const published = svcAttack({
      members: feature("retain", sizes.test),
      nonMembers: feature("test", sizes.test),
      forget: feature("forget", sizes.forget),
    });
    const drawn = [1, 2, 3, 4].map((seed) => result(judge(sorted, { seed }).unlearned, "svc-attack-efficacy").value ?? NaN);
    for (const efficacy of drawn) expect(efficacy).not.toBe(published?.efficacy);
    expect(new Set(drawn).size).toBeGreaterThan(1);
  });

  test("doing nothing is found out, an independent retrain is within every band", () => {
    const { unlearned, doNothing } = judge(makeModel(createRandom("one more oracle"), labels, retrained), { untrained });
    expect(result(doNothing, "svc-attack-efficacy").verdict).toBe("under-forgotten");
    expect(result(doNothing, "logistic-attack-accuracy").verdict).toBe("stands out");
    expect(result(doNothing, "zero-retrain-forgetting").verdict).toBe("under-forgotten");
    for (const name of ["adaptive-unlearning-score", "normalised-unlearning-score"]) {
      expect(result(doNothing, name).verdict).toBe("different from retrained");
    }
    // Hard predictions say little where the oracles get most of the forget set right.
    const agreement = result(doNothing, "completeness");
    expect(agreement.value).toBeLessThan(Math.min(...agreement.oracles.values));
    const further = /svc|logistic|zero-retrain|score|completeness/;
    const verdicts = unlearned.metrics.filter(({ name }) => further.test(name)).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(Array.from({ length: 6 }, () => "within oracle band"));
  });

  test("the retrained model itself has completeness 1", () => {
    expect(result(judge(oracles[0], { oracles: [oracles[0]] }).unlearned, "completeness").value).toBe(1);
  });

  test("a constant model looks untrained and unattackable, which is over-forgetting here, and the utility guard trips", () => {
    const { unlearned } = judge(constantModel(labels), { untrained });
    expect(result(unlearned, "zero-retrain-forgetting").verdict).toBe("over-forgotten");
    expect(result(unlearned, "logistic-attack-accuracy").value).toBe(0.5);
    expect(unlearned.flags.map(({ code }) => code)).toContain("utility-lost");
  });

  test("relabelled at random, the forget set gathers at margins that are quite usual, and stands out by that", () => {
    const random = createRandom("relabelled");
    const candidate = makeModel(createRandom("one more oracle"), labels, retrained);
    const { values } = candidate.forget;
    const centre = median(margin(candidate.test, labels.test)) ?? NaN;
    for (let i = 0; i < values.length; i++) {
      const own = i % classCount === labels.forget[Math.floor(i / classCount)];
      values[i] = own ? centre + Math.log(classCount - 1) + 0.1 * random.normal() : 0;
    }
    const { unlearned } = judge(candidate);
    for (const name of ["loss-attack-auc", "exposure-auc"]) {
      expect(["stands out", "under-forgotten"]).not.toContain(result(unlearned, name).verdict);
    }
    expect(result(unlearned, "interval-attack-accuracy").verdict).toBe("stands out");
  });

  test("without untrained networks there is no ZRF; torchunlearn's bug: a metric that fails does not vanish", () => {
    expect(judge(original).unlearned.metrics.map(({ name }) => name)).not.toContain("zero-retrain-forgetting");
    const broken = { shape: [sizes.forget, classCount], values: new Float32Array(sizes.forget * classCount).fill(NaN) };
    expect(() => judge(original, { untrained: [untrained[0], broken] })).toThrow(
      expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/non-finite-logits" && /untrained network 1/.test(error.message)),
    );
    expect(() => judge(original, { untrained: [original.test] })).toThrow(
      expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/shape-mismatch"),
    );
  });
});

test("in a class scenario the adaptive score wants forget accuracy at 0, and there is no NoMUS", () => {
  const classLabels = makeLabels(
    () => 3,
    (i) => i % 3,
  );
  const model = makeModel(createRandom("class"), classLabels, { retain: 6, forget: -8, test: 4 });
  const before = makeModel(createRandom("class before"), classLabels, { retain: 6, forget: 6, test: 4 });
  const { unlearned, doNothing } = evaluate({ labels: classLabels, original: before, unlearned: model, oracles: [], forgottenClasses: [3] });
  expect(unlearned.metrics.map(({ name }) => name)).not.toContain("normalised-unlearning-score");
  const test = result(unlearned, "test-accuracy-retained-classes");
  expect(result(unlearned, "adaptive-unlearning-score").value).toBeCloseTo(1 - ((test.original ?? NaN) - (test.value ?? NaN)), 12);
  expect(result(doNothing, "adaptive-unlearning-score").value).toBeLessThan(0.55);
});

test("large sets: the SVC attack learns from a part, and accuracy from all (torchunlearn's bug: the first 1,000)", () => {
  const big = { retain: 1500, forget: 200, test: 1200 };
  const bigLabels = {
    retain: new Int32Array(big.retain),
    forget: new Int32Array(big.forget),
    test: Int32Array.from({ length: big.test }, (_, i) => (i < 1000 ? 0 : 1)),
  };
  const random = createRandom("large");
  const logits = (set: SetName): HostTensor => ({
    shape: [big[set], 2],
    values: Float32Array.from({ length: 2 * big[set] }, (_, i) => (i % 2 === 0 ? 9 : 0) + random.normal()),
  });
  const model = { retain: logits("retain"), forget: logits("forget"), test: logits("test") };
  const { unlearned } = evaluate({ labels: bigLabels, original: model, unlearned: model, oracles: [] });
  expect(result(unlearned, "test-accuracy").value).toBeCloseTo(1000 / 1200, 2);
  expect(result(unlearned, "svc-attack-efficacy").value).not.toBeNull();
  expect(result(unlearned, "svc-attack-efficacy").recipe).toContain(String(svcLimit));
});
