import { createRandom, isLetheError, type HostTensor } from "@lethe/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { membershipFeature, modifiedEntropy, type MembershipFeature } from "./features.ts";
import { logisticAttack, logisticAttackOnSplits } from "./logistic-attack.ts";
import { fitSupportVectorMachine } from "./support-vector-machine.ts";
import { svcAttack } from "./svc-attack.ts";
import { thresholdEfficacy } from "./threshold-efficacy.ts";

const column = (values: ArrayLike<number>): HostTensor => ({ shape: [values.length, 1], values: Float64Array.from(values) });
const refusal = (code: string) => expect.toSatisfy((error) => isLetheError(error) && error.code === code);

interface SvcCase {
  name: string;
  efficacy: { correctness: number; confidence: number; entropy: number; m_entropy: number; prob: number };
  efficacy_m_entropy_textbook_definition: number;
  confidence_decision_values: number[];
  confidence_intercept: number;
  confidence_support_vectors: [number, number];
  confidence_tolerance: number;
}

describe("support-vector attack", () => {
  const tensors = readTensors("svc-attack.safetensors");
  const cases = readJson<SvcCase[]>("svc-attack.json");
  const attack = (name: string, feature: MembershipFeature) => {
    const part = (set: string) => membershipFeature(feature, tensors[`${name}/${set}_logits`], tensors[`${name}/${set}_labels`].values);
    const result = svcAttack({ members: part("member"), nonMembers: part("nonmember"), forget: part("forget") });
    if (result === null) throw new Error("A set is empty.");
    return result;
  };

  test.each(cases)("efficacies of the published code: $name", (expected) => {
    const { name, efficacy } = expected;
    const sample = 1 / expected.confidence_decision_values.length;
    const far = (feature: MembershipFeature, value: number) => Math.abs(attack(name, feature).efficacy - value);
    // Constant features leave the sign of f to rounding in the reference.
    const twoSamples = Math.max(2 * sample, expected.confidence_tolerance) + 1e-12;
    expect(far("confidence", efficacy.confidence)).toBeLessThanOrEqual(expected.confidence_tolerance + 1e-12);
    expect(far("correctness", efficacy.correctness)).toBeLessThanOrEqual(twoSamples);
    expect(far("probabilities", efficacy.prob)).toBeLessThanOrEqual(twoSamples);
    expect(far("entropy", efficacy.entropy)).toBeLessThanOrEqual(twoSamples);
    expect(far("modified-entropy-as-published", efficacy.m_entropy)).toBeLessThanOrEqual(twoSamples);
    expect(far("modified-entropy", expected.efficacy_m_entropy_textbook_definition)).toBeLessThanOrEqual(twoSamples);
  });

  test.each(cases)("decision values, intercept and support vectors of the published code: $name", (expected) => {
    const own = attack(expected.name, "confidence");
    expected.confidence_decision_values.forEach((value, i) => expect(Math.abs(own.decisionValues[i] - value)).toBeLessThan(5e-3));
    expect(Math.abs(own.intercept - expected.confidence_intercept)).toBeLessThan(5e-3);
    const [members, nonMembers] = expected.confidence_support_vectors;
    expect(Math.abs(own.supportVectorCounts.members - members)).toBeLessThanOrEqual(2);
    expect(Math.abs(own.supportVectorCounts.nonMembers - nonMembers)).toBeLessThanOrEqual(2);
  });

  test("two points in closed form: alpha = min(C, 1 / (1 - K))", () => {
    for (const [distance, penalty] of [
      [2, 3],
      [0.1, 3],
    ]) {
      const machine = fitSupportVectorMachine({ members: column([distance]), nonMembers: column([0]) }, { penalty });
      const k = Math.exp(-(distance ** 2));
      const alpha = Math.min(penalty, 1 / (1 - k));
      expect(machine?.intercept).toBeCloseTo(0, 12);
      expect(machine?.decide(column([distance]))[0]).toBeCloseTo(alpha * (1 - k), 10);
    }
  });

  test("the solution meets the optimality conditions: free vectors on the margin, others on their side of it", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = createRandom(seed);
        const points = (count: number, shift: number) => column(Array.from({ length: count }, () => shift + random.normal()));
        const sides = { members: points(25, 1), nonMembers: points(18, 0) };
        const machine = fitSupportVectorMachine(sides, { penalty: 3 });
        if (machine === null) throw new Error("A side is empty.");
        const margins = [...machine.decide(sides.members), ...machine.decide(sides.nonMembers).map((value) => -value)];
        // alpha = 0 outside the margin, C inside it: the number of vectors on or inside the margin is the number of support vectors.
        const inside = margins.filter((value) => value <= 1 + 1e-3).length;
        const strictly = margins.filter((value) => value < 1 - 1e-3).length;
        const { members, nonMembers } = machine.supportVectorCounts;
        expect(members + nonMembers).toBeLessThanOrEqual(inside);
        expect(members + nonMembers).toBeGreaterThanOrEqual(strictly);
      }),
      { numRuns: 25 },
    );
  });

  test("the kernel is Gaussian: Comparator's linear one cannot tell a band from both sides of it", () => {
    const members = column([0.45, 0.5, 0.55]);
    const nonMembers = column([-3, -2.9, 3.9, 4]);
    expect(svcAttack({ members, nonMembers, forget: column([0.5, -3, 4]) })?.efficacy).toBeCloseTo(2 / 3, 12);
  });

  test("the order of the samples does not matter, and an untrained-on duplicate counts like its twin", () => {
    const random = createRandom(4);
    const values = (count: number, shift: number) => Array.from({ length: count }, () => shift + random.normal());
    const [members, nonMembers, forget] = [values(40, 1), values(30, 0), values(20, 0.5)];
    const first = svcAttack({ members: column(members), nonMembers: column(nonMembers), forget: column(forget) });
    const second = svcAttack({
      members: column(members.toReversed()),
      nonMembers: column(nonMembers.toReversed()),
      forget: column([...forget, ...forget]),
    });
    expect(second?.efficacy).toBe(first?.efficacy);
    first?.decisionValues.forEach((value, i) => expect(second?.decisionValues[i]).toBeCloseTo(value, 2));
  });

  test("empty sets have no efficacy; features that are no numbers are refused", () => {
    const some = column([1, 2]);
    expect(svcAttack({ members: column([]), nonMembers: some, forget: some })).toBeNull();
    expect(svcAttack({ members: some, nonMembers: some, forget: column([]) })).toBeNull();
    expect(() => svcAttack({ members: some, nonMembers: column([NaN]), forget: some })).toThrow(refusal("metrics/nan-score"));
    const wide: HostTensor = { shape: [1, 2], values: new Float64Array(2) };
    expect(() => svcAttack({ members: some, nonMembers: wide, forget: some })).toThrow(refusal("metrics/shape-mismatch"));
    expect(() => fitSupportVectorMachine({ members: some, nonMembers: some }, { penalty: 0 })).toThrow(refusal("metrics/bad-argument"));
  });
});

describe("modified entropy", () => {
  test("SalUn's bug: a sample's value does not depend on the other samples' labels", () => {
    const logits: HostTensor = { shape: [2, 3], values: Float64Array.of(2, 0, 1, 0, 1, 3) };
    expect(modifiedEntropy(logits, [0, 1])[0]).toBe(modifiedEntropy(logits, [0, 2])[0]);
    const published = (labels: number[]) => membershipFeature("modified-entropy-as-published", logits, labels).values[0];
    expect(published([0, 1])).not.toBe(published([0, 2]));
  });

  test("SalUn's bug: a confident wrong answer is far from a confident right one", () => {
    const [right, wrong] = modifiedEntropy({ shape: [2, 2], values: Float64Array.of(20, 0, 20, 0) }, [0, 1]);
    expect(right).toBeLessThan(1e-6);
    expect(wrong).toBeCloseTo(40, 5);
  });

  test("for two classes it is -2 (1 - p_y) log p_y", () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (z) => {
        const p = 1 / (1 + Math.exp(-z));
        expect(modifiedEntropy({ shape: [1, 2], values: Float64Array.of(0, z) }, [1])[0]).toBeCloseTo((-2 * Math.log(p)) / (1 + Math.exp(z)), 10);
      }),
    );
  });
});

test("the threshold stand-in agrees with the support-vector machine where the sides are apart, and never needs a kernel", () => {
  const sides = { members: [0.9, 0.95, 1, 0.97], nonMembers: [0.1, 0.3, 0.2, 0.25] };
  const forget = [0.05, 0.2, 0.92, 0.99, 0.15];
  const svc = svcAttack({ members: column(sides.members), nonMembers: column(sides.nonMembers), forget: column(forget) });
  expect(thresholdEfficacy({ ...sides, forget })).toBe(0.6);
  expect(svc?.efficacy).toBe(0.6);
  expect(thresholdEfficacy({ ...sides, forget: [] })).toBeNull();
});

describe("logistic attack", () => {
  interface Protocol {
    fold_accuracy: number[];
    mean_accuracy: number;
    coefficient: number[];
    intercept: number[];
    max_samples_near_boundary_in_a_fold: number;
    test_samples_per_fold: number;
  }
  const tensors = readTensors("logistic-attack.safetensors");
  const cases = readJson<({ name: string } & Record<"starting_kit" | "scrub", Protocol>)[]>("logistic-attack.json");
  const published = (name: string, protocol: "starting_kit" | "scrub") => {
    const unseen = tensors[`${name}/test_losses`].values;
    const { shape, values } = tensors[`${name}/${protocol}_test_indices`];
    // The reference numbers the test losses first, the forget losses after them.
    const heldOut = Array.from({ length: shape[0] }, (_, split) => {
      const positions = Array.from(values.slice(split * shape[1], (split + 1) * shape[1]));
      return {
        unseen: positions.filter((i) => i < unseen.length),
        forget: positions.filter((i) => i >= unseen.length).map((i) => i - unseen.length),
      };
    });
    const cut = (losses: ArrayLike<number>) => Array.from(losses, (loss) => (protocol === "scrub" ? Math.min(100, Math.max(-100, loss)) : loss));
    return logisticAttackOnSplits({ forget: cut(tensors[`${name}/forget_losses`].values), unseen: cut(unseen) }, heldOut);
  };

  test.each(cases)("on the splits of the starting kit and of SCRUB: $name", (expected) => {
    for (const protocol of ["starting_kit", "scrub"] as const) {
      const own = published(expected.name, protocol);
      const {
        fold_accuracy,
        mean_accuracy,
        coefficient,
        intercept,
        max_samples_near_boundary_in_a_fold: near,
        test_samples_per_fold: size,
      } = expected[protocol];
      expect(own.splits).toHaveLength(fold_accuracy.length);
      own.splits.forEach((split, i) => {
        expect(Math.abs(split.accuracy - fold_accuracy[i])).toBeLessThanOrEqual(near / size + 1e-12);
        expect(Math.abs(split.coefficient - coefficient[i])).toBeLessThanOrEqual(1e-2 * Math.abs(coefficient[i]));
        expect(Math.abs(split.intercept - intercept[i])).toBeLessThanOrEqual(1e-2 * Math.abs(intercept[i]));
      });
      expect(Math.abs(own.accuracy - mean_accuracy)).toBeLessThanOrEqual(1 / (size * fold_accuracy.length) + 1e-12);
    }
  });

  const normals = (name: string, count: number, shift: number) => {
    const random = createRandom(name);
    return Array.from({ length: count }, () => shift + random.normal());
  };

  test("two normals one standard deviation apart are told apart Phi(1/2) of the time", () => {
    const result = logisticAttack({ forget: normals("a", 4000, 0), unseen: normals("b", 4000, 1) });
    // Phi(0.5), within four binomial standard errors of 8000 held-out answers.
    expect(Math.abs((result?.accuracy ?? NaN) - 0.6914625)).toBeLessThan(4 * Math.sqrt(0.2133 / 8000));
  });

  test("ERASURE's bugs: the order of the samples does not matter, and nine tenths are there to learn from", () => {
    const [forget, unseen] = [normals("c", 60, 0), normals("d", 90, 0.5)];
    expect(logisticAttack({ forget: forget.toReversed(), unseen: unseen.toReversed() }, { seed: 2 })).toEqual(
      logisticAttack({ forget, unseen }, { seed: 2 }),
    );
    // Six of sixty are held out on either side, so hits come in twelfths.
    for (const { accuracy } of logisticAttack({ forget, unseen })?.splits ?? [])
      expect(Math.abs(12 * accuracy - Math.round(12 * accuracy))).toBeLessThan(1e-9);
    // Larger losses behind the first 60 take part: unseen is sampled, not cut off.
    const late = [...normals("e", 60, 0), ...normals("f", 240, 6)];
    expect(logisticAttack({ forget, unseen: late })?.accuracy).toBeGreaterThan(0.8);
    expect(logisticAttack({ forget, unseen }, { seed: 3 })).not.toEqual(logisticAttack({ forget, unseen }, { seed: 2 }));
  });

  test("unequal sides alone are no signal", () => {
    const accuracies = Array.from(
      { length: 20 },
      (_, seed) => logisticAttack({ forget: normals(`g${seed}`, 50, 0), unseen: normals(`h${seed}`, 500, 0) })?.accuracy ?? NaN,
    );
    expect(accuracies.reduce((a, b) => a + b / 20, 0)).toBeLessThan(0.55);
  });

  test("SCRUB cuts infinite losses; the kit refuses them, and two samples a side are the least", () => {
    const sides = { forget: [0, 0.1, Infinity], unseen: [3, 4, 5] };
    expect(logisticAttack(sides, { protocol: "scrub" })?.splits).toHaveLength(5);
    expect(() => logisticAttack(sides)).toThrow(refusal("metrics/nan-score"));
    expect(logisticAttack({ forget: [1], unseen: [1, 2, 3] })).toBeNull();
    expect(() => logisticAttackOnSplits({ forget: [1], unseen: [2, 3] }, [{ forget: [0], unseen: [0] }])).toThrow(refusal("metrics/bad-argument"));
    expect(() => logisticAttackOnSplits({ forget: [1], unseen: [2] }, [])).toThrow(refusal("metrics/bad-argument"));
  });
});
