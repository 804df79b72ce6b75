import { createRandom, type HostTensor } from "@lethe/core";
import { describe, expect, test } from "vitest";
import { classCount, codes, constantModel, makeLabels, makeModel, result, type Labels } from "../fixtures/models.ts";
import {
  accuracy,
  accuracyPerClass,
  activationDistance,
  averageGap,
  crossEntropy,
  disagreement,
  entropy,
  entropyAttack,
  exposureAuc,
  jsDistance,
  jsDivergence,
  klDivergence,
  margin,
  mean,
  predictions,
  roc,
  softmax,
  tprAtFpr,
  tugOfWar,
  evaluate,
  type SetLogits,
  type SetName,
} from "../index.ts";
import { setNames } from "./metric.ts";

describe("forgetting a class", () => {
  const classLabels = makeLabels(
    () => 3,
    (i) => i % 3,
  );
  /** Knows classes 0 to 2; class 3 only as far as `skill.forget` says, in the forget set and in the test set alike. */
  const classModel = (name: string, forget: number): SetLogits => {
    const random = createRandom(name);
    const known = makeModel(random, classLabels, { retain: 6, forget, test: 4 });
    const test = known.test.values as Float32Array;
    classLabels.test.forEach((label, i) => (test[i * classCount + label] += label === 3 ? forget - 4 : 0));
    return known;
  };
  const classOracles = [1, 2, 3, 4].map((k) => classModel(`class oracle ${k}`, -8));
  const before = classModel("class original", 5);
  const evaluateClass = (unlearned: SetLogits) =>
    evaluate({ labels: classLabels, original: before, unlearned, oracles: classOracles, forgottenClasses: [3] });

  test("the test set is split, and losing the forgotten class is no loss of utility", () => {
    const { unlearned, doNothing, scenario } = evaluateClass(classModel("one more", -8));
    expect(scenario).toBe("class");
    expect(unlearned.metrics.map(({ name }) => name)).not.toContain("test-accuracy");
    expect(result(unlearned, "test-accuracy-forgotten-class").value).toBe(0);
    expect(result(unlearned, "test-accuracy-forgotten-class").verdict).toBe("within oracle band");
    expect(result(unlearned, "test-accuracy-retained-classes").verdict).toBe("within oracle band");
    expect(unlearned.testAccuracyPerClass[3]).toBe(0);
    expect(codes(unlearned)).not.toContain("utility-lost");
    expect(result(doNothing, "forget-accuracy").verdict).toBe("under-forgotten");
    expect(result(doNothing, "test-accuracy-forgotten-class").verdict).toBe("under-forgotten");
  });

  test("membership is asked against unseen samples of the same class", () => {
    const { unlearned } = evaluateClass(classModel("one more", -8));
    // Against all of the test set the loss of a forgotten class would give an AUC near 0: it would tell classes apart.
    expect(result(unlearned, "loss-attack-auc").value).toBeGreaterThan(0.35);
  });

  test("with two classes, what is left to guess is no evidence against utility", () => {
    const two: Labels = { retain: new Int32Array(30), forget: new Int32Array(10).fill(1), test: Int32Array.from({ length: 20 }, (_, i) => i % 2) };
    const always0 = (set: SetName): HostTensor => ({
      shape: [two[set].length, 2],
      values: Float32Array.from({ length: 2 * two[set].length }, (_, i) => 1 - (i % 2)),
    });
    const model: SetLogits = { retain: always0("retain"), forget: always0("forget"), test: always0("test") };
    const { unlearned } = evaluate({ labels: two, original: model, unlearned: model, oracles: [], forgottenClasses: [1] });
    expect(result(unlearned, "test-accuracy-retained-classes").value).toBe(1);
    expect(codes(unlearned)).toEqual([]);
  });

  test("every value is what the plain functions give", () => {
    const candidate = classModel("half forgotten", 1);
    const { unlearned } = evaluateClass(candidate);
    const value = (name: string) => result(unlearned, name).value ?? NaN;
    const ofClass3 = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => classLabels.test[i] === 3);
    const minus = (values: ArrayLike<number>) => Array.from(values, (x) => -x);
    const losses = (set: SetName) => crossEntropy(candidate[set], classLabels[set]);
    const entropies = (set: SetName) => entropy(softmax(candidate[set]));
    const margins = (set: SetName) => margin(candidate[set], classLabels[set]);

    const perClass = accuracyPerClass(predictions(candidate.test), classLabels.test, classCount);
    expect(unlearned.testAccuracyPerClass).toEqual(perClass);
    expect(value("test-accuracy-forgotten-class")).toBe(perClass[3]);
    expect(value("test-accuracy-retained-classes")).toBeCloseTo(mean(perClass.slice(0, 3).map(Number)) ?? NaN, 12);
    expect(value("retain-accuracy")).toBe(accuracy(predictions(candidate.retain), classLabels.retain));
    expect(value("forget-accuracy")).toBe(accuracy(predictions(candidate.forget), classLabels.forget));

    const curve = roc({ members: minus(losses("forget")), nonMembers: minus(ofClass3(losses("test"))) });
    if (curve === null) throw new Error("The test has an empty side.");
    expect(value("loss-attack-auc")).toBe(curve.auc);
    expect(value("loss-attack-tpr-at-1-percent-fpr")).toBe(tprAtFpr(curve, 0.01));
    expect(value("loss-attack-tpr-at-0.1-percent-fpr")).toBe(tprAtFpr(curve, 0.001));
    expect(value("entropy-attack-auc")).toBe(roc({ members: minus(entropies("forget")), nonMembers: minus(ofClass3(entropies("test"))) })?.auc);
    const attack = entropyAttack({ retain: entropies("retain"), test: entropies("test"), forget: entropies("forget") });
    expect(value("entropy-attack-ssd")).toBe(attack?.forgetMembers);
    expect(value("exposure-auc")).toBe(exposureAuc({ forget: margins("forget"), unseen: ofClass3(margins("test")) }));

    for (const set of setNames) {
      const p = softmax(candidate[set]);
      const towards = (distance: (oracle: SetLogits) => Float64Array) => mean(classOracles.map((oracle) => mean(distance(oracle)) ?? NaN)) ?? NaN;
      expect(value(`kl-divergence-${set}`)).toBeCloseTo(
        towards((oracle) => klDivergence(softmax(oracle[set]), p)),
        12,
      );
      expect(value(`js-divergence-${set}`)).toBeCloseTo(
        towards((oracle) => jsDivergence(softmax(oracle[set]), p)),
        12,
      );
      expect(value(`js-distance-${set}`)).toBeCloseTo(
        towards((oracle) => jsDistance(softmax(oracle[set]), p)),
        12,
      );
      expect(value(`activation-distance-${set}`)).toBeCloseTo(
        towards((oracle) => activationDistance(softmax(oracle[set]), p)),
        12,
      );
      expect(value(`disagreement-${set}`)).toBeCloseTo(
        towards((oracle) => disagreement(predictions(oracle[set]), predictions(candidate[set]))),
        12,
      );
    }

    const names = { forget: "forget-accuracy", retain: "retain-accuracy", test: "test-accuracy-retained-classes", attack: "loss-attack-efficacy" };
    const all = (read: (name: string) => number | null) => ({
      forget: read(names.forget) ?? NaN,
      retain: read(names.retain) ?? NaN,
      test: read(names.test) ?? NaN,
      attack: read(names.attack) ?? NaN,
    });
    const target = all((name) => result(unlearned, name).target);
    expect(value("average-gap")).toBeCloseTo(averageGap(all(value), target), 12);
    expect(value("tug-of-war")).toBeCloseTo(tugOfWar(all(value), target), 12);
  });

  test("bands stay within what a metric can be", () => {
    for (const { unit, band } of evaluateClass(before).unlearned.metrics) {
      expect(band?.lower).toBeGreaterThanOrEqual(-1);
      if (unit === "share") expect(band?.upper).toBeLessThanOrEqual(1);
    }
  });

  test("a collapsed model is caught although its forget accuracy is perfect", () => {
    const { unlearned } = evaluateClass(constantModel(classLabels));
    expect(result(unlearned, "forget-accuracy").value).toBe(0);
    expect(unlearned.flags.find(({ code }) => code === "utility-lost")?.metrics).toEqual(["retain-accuracy", "test-accuracy-retained-classes"]);
  });
});
