import { createRandom, isLetheError } from "@lethe/core";
import { describe, expect, test } from "vitest";
import { classCount, codes, constantModel, judge, labels, makeModel, oracles, original, result, retrained, sizes } from "../fixtures/models.ts";
import { evaluate, type Metric, type SetLogits, type SetName } from "../index.ts";
import { setNames } from "./metric.ts";

describe("forgetting samples", () => {
  test("an independent retrain is within the band, doing nothing is not", () => {
    const evaluation = judge(makeModel(createRandom("one more oracle"), labels, retrained));
    const outside = evaluation.unlearned.metrics.filter(({ verdict }) => verdict !== "within oracle band");
    expect(evaluation.unlearned.metrics.length).toBeGreaterThan(25);
    // One value in twenty may be outside by chance.
    expect(outside.length).toBeLessThanOrEqual(2);
    for (const name of [
      "forget-accuracy",
      "loss-attack-auc",
      "loss-attack-advantage",
      "loss-attack-efficacy",
      "entropy-attack-auc",
      "entropy-attack-ssd",
    ]) {
      expect(result(evaluation.doNothing, name).verdict).toBe("under-forgotten");
    }
    for (const name of ["js-divergence-forget", "kl-divergence-forget", "average-gap", "tug-of-war"]) {
      expect(result(evaluation.doNothing, name).verdict).toBe("different from retrained");
    }
    expect(codes(evaluation.doNothing)).toContain("under-forgotten");
    // A memorised forget set is easy to tell as well, but not for having been punished.
    expect(result(evaluation.doNothing, "exposure-auc").verdict).toBe("stands out");
    expect(codes(evaluation.doNothing)).not.toContain("streisand");
    expect(evaluation.flags).toEqual([]);
  });

  test("each oracle passes as a candidate against the others", () => {
    const verdicts = oracles.flatMap((oracle, k) =>
      judge(oracle, { oracles: oracles.filter((_, j) => j !== k) }).unlearned.metrics.map(({ verdict }) => verdict),
    );
    const inside = verdicts.filter((verdict) => verdict === "within oracle band").length;
    expect(inside / verdicts.length).toBeGreaterThan(0.93);
  });

  test("the retrained model itself has distance 0, gap 0 and Tug-of-War 1", () => {
    const evaluation = judge(oracles[0], { oracles: [oracles[0]] });
    for (const { name, value } of evaluation.unlearned.metrics) {
      if (/divergence|distance|disagreement|gap/.test(name)) expect(value).toBe(0);
      if (name === "tug-of-war") expect(value).toBe(1);
    }
  });

  test("punishing the forget set is over-forgetting, and seen to stand out", () => {
    const { unlearned } = judge(makeModel(createRandom("punished"), labels, { ...retrained, forget: -8 }));
    expect(result(unlearned, "forget-accuracy").verdict).toBe("over-forgotten");
    expect(result(unlearned, "loss-attack-auc").verdict).toBe("over-forgotten");
    expect(result(unlearned, "loss-attack-efficacy").verdict).toBe("over-forgotten");
    expect(result(unlearned, "exposure-auc").verdict).toBe("stands out");
    expect(codes(unlearned)).toEqual(expect.arrayContaining(["over-forgotten", "streisand", "different-from-retrained"]));
    expect(codes(unlearned)).not.toContain("under-forgotten");
    expect(codes(unlearned)).not.toContain("utility-lost");
  });

  test("constant output looks forgotten to attacks, but the utility guard trips, with and without oracles", () => {
    for (const count of [5, 1, 0]) {
      const { unlearned, doNothing } = judge(constantModel(labels), { oracles: oracles.slice(0, count) });
      expect(result(unlearned, "loss-attack-auc").value).toBe(0.5);
      expect(result(unlearned, "entropy-attack-ssd").value).toBe(0);
      expect(unlearned.flags.find(({ code }) => code === "utility-lost")?.metrics).toEqual(["retain-accuracy", "test-accuracy"]);
      expect(codes(doNothing)).not.toContain("utility-lost");
    }
  });

  test("a smaller loss of utility is reported, not called a collapse", () => {
    const { unlearned } = judge(makeModel(createRandom("worn"), labels, { ...retrained, retain: 3, test: 1 }));
    expect(result(unlearned, "retain-accuracy").verdict).toBe("worse than oracle band");
    expect(codes(unlearned)).toContain("utility-reduced");
    expect(codes(unlearned)).not.toContain("utility-lost");
  });

  test("a result carries what is needed to read it", () => {
    const { unlearned } = judge(original);
    const accuracy = result(unlearned, "forget-accuracy");
    expect(accuracy).toMatchObject({ version: 1, unit: "share", direction: "match oracles", toEachOracle: null });
    expect(accuracy.value).toBe(accuracy.original);
    expect(accuracy.oracles.count).toBe(5);
    expect(accuracy.target).toBe(accuracy.oracles.mean);
    const divergence = result(unlearned, "js-divergence-forget");
    expect(divergence.toEachOracle).toHaveLength(5);
    expect(divergence.toEachOracle?.reduce((a, b) => a + b / 5, 0)).toBeCloseTo(divergence.value ?? NaN, 12);
  });

  test("one sample off a band of width zero is not a departure", () => {
    const flip = structuredClone(oracles[0]);
    const predicted = (i: number) => oracles[0].forget.values.slice(i * classCount, (i + 1) * classCount);
    const right = labels.forget.findIndex((label, i) => predicted(i).indexOf(Math.max(...predicted(i))) === label);
    (flip.forget.values as Float32Array)[right * classCount + labels.forget[right]] = -9;
    const { unlearned, flags } = judge(flip, { oracles: [oracles[0], oracles[0], oracles[0]] });
    const accuracy = result(unlearned, "forget-accuracy");
    expect(accuracy.oracles.standardDeviation).toBe(0);
    expect((accuracy.target ?? NaN) - (accuracy.value ?? NaN)).toBeCloseTo(1 / sizes.forget, 12);
    expect(accuracy.verdict).toBe("within oracle band");
    expect(codes({ flags })).toContain("identical-oracles");
  });
});

describe("few oracles", () => {
  test("one oracle gives values but no verdict", () => {
    const { unlearned, flags } = judge(original, { oracles: oracles.slice(0, 1) });
    expect(new Set(unlearned.metrics.map(({ verdict }) => verdict))).toEqual(new Set(["needs more oracles"]));
    expect(unlearned.metrics.every(({ value, band }) => value !== null && band === null)).toBe(true);
    expect(codes({ flags })).toEqual(["needs-more-oracles"]);
  });

  test("two oracles judge models but not distances", () => {
    const { unlearned, flags } = judge(original, { oracles: oracles.slice(0, 2) });
    expect(result(unlearned, "forget-accuracy").band).not.toBeNull();
    expect(result(unlearned, "js-divergence-test").verdict).toBe("needs more oracles");
    expect(codes({ flags })).toContain("needs-more-oracles");
  });

  test("without oracles comparisons have no value", () => {
    const { unlearned } = judge(original, { oracles: [] });
    expect(result(unlearned, "js-divergence-test")).toMatchObject({ value: null, target: null, verdict: "not defined" });
    expect(result(unlearned, "forget-accuracy")).toMatchObject({
      value: result(unlearned, "forget-accuracy").original,
      verdict: "needs more oracles",
    });
  });
});

test("a forget set on which doing nothing passes is called out", () => {
  const like = makeModel(createRandom("nothing memorised"), labels, retrained);
  expect(codes(evaluate({ labels, original: like, unlearned: like, oracles }))).toContain("forget-set-not-discriminating");
});

test("a metric of one's own takes part like any other", () => {
  const meanLoss: Metric = {
    kind: "model",
    name: "mean-forget-loss",
    version: 1,
    title: "Mean forget loss",
    recipe: "Mean cross-entropy of the forget set in nats.",
    unit: "nats",
    direction: "match oracles",
    sides: { below: "under-forgotten", above: "over-forgotten" },
    range: [0, Infinity],
    measure: (model) => ({ value: model.forget.losses().reduce((a, b) => a + b, 0) / model.forget.count, resolution: 0.01 }),
  };
  const { unlearned } = judge(original, { metrics: [meanLoss] });
  expect(unlearned.metrics).toHaveLength(1);
  expect(unlearned.metrics[0]).toMatchObject({ name: "mean-forget-loss", verdict: "under-forgotten" });
});

test("empty sets leave their metrics undefined and the rest alone", () => {
  const without = (model: SetLogits, set: SetName): SetLogits => ({ ...model, [set]: { shape: [0, classCount], values: new Float32Array(0) } });
  for (const set of setNames) {
    const evaluation = evaluate({
      labels: { ...labels, [set]: [] },
      original: without(original, set),
      unlearned: without(original, set),
      oracles: oracles.map((oracle) => without(oracle, set)),
    });
    expect(result(evaluation.unlearned, `${set}-accuracy`)).toMatchObject({ value: null, band: null, verdict: "not defined" });
    expect(result(evaluation.unlearned, `js-divergence-${set === "test" ? "retain" : "test"}`).value).not.toBeNull();
    expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation);
  }
});

test("bad input is refused, naming the model and the set", () => {
  const refuse = (body: () => unknown, code: string, text: RegExp) => {
    expect(body).toThrow(expect.toSatisfy((error) => isLetheError(error) && error.code === code && text.test(error.message)));
  };
  const broken = structuredClone(original);
  (broken.forget.values as Float32Array)[6] = NaN;
  refuse(() => judge(broken), "metrics/non-finite-logits", /row 1.*forget logits of the unlearned model/);
  refuse(() => judge(original, { oracles: [oracles[0], broken] }), "metrics/non-finite-logits", /oracle 1/);
  refuse(
    () => judge({ ...original, test: original.forget }),
    "metrics/shape-mismatch",
    /160 labels for the 60 rows of the test logits of the unlearned model/,
  );
  refuse(
    () => judge({ ...original, test: { shape: [320, 2], values: original.test.values } }),
    "metrics/shape-mismatch",
    /test logits of the unlearned model/,
  );
  refuse(
    () => judge(original, { labels: { ...labels, forget: labels.forget.map(() => 9) } }),
    "metrics/label-out-of-range",
    /Row 0 of the forget logits of the original model has label 9/,
  );
  refuse(() => judge(original, { forgottenClasses: [1, 4] }), "metrics/bad-argument", /4/);
  const narrow = (model: SetLogits): SetLogits => ({ ...model, retain: { shape: [240, 1], values: new Float32Array(240) } });
  refuse(() => evaluate({ labels, original: narrow(original), unlearned: narrow(original), oracles: [] }), "metrics/shape-mismatch", /two columns/);
});
