import { createRandom, type HostTensor } from "@lethe/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classCount, judge, labels, oracles, original, sizes } from "../fixtures/models.ts";
import { evaluate, type SetLogits, type SetName } from "../index.ts";
import { setNames } from "./metric.ts";

describe("invariance", () => {
  /** Metrics that split the sets by position are the same only in distribution. */
  const bySplit = /advantage|efficacy|gap/;
  /** Of a sample and its twin, one may be learnt from and the other one held out. */
  const byCrossValidation = /logistic|normalised|interval/;

  const moved = (model: SetLogits, orders: Record<SetName, Uint32Array>, columns: Uint32Array): SetLogits => {
    const logits = (set: SetName): HostTensor => {
      const { shape, values } = model[set];
      return { shape, values: Float32Array.from([...orders[set]].flatMap((row) => [...columns].map((column) => values[row * classCount + column]))) };
    };
    return { retain: logits("retain"), forget: logits("forget"), test: logits("test") };
  };

  test("permuting samples and classes changes no value", () => {
    const reference = judge(original);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = createRandom(seed);
        const columns = random.permutation(classCount);
        const orders = Object.fromEntries(setNames.map((set) => [set, random.permutation(sizes[set])])) as Record<SetName, Uint32Array>;
        const relabelled = Object.fromEntries(setNames.map((set) => [set, [...orders[set]].map((i) => columns.indexOf(labels[set][i]))])) as Record<
          SetName,
          number[]
        >;
        const move = (model: SetLogits) => moved(model, orders, columns);
        const { unlearned } = evaluate({ labels: relabelled, original: move(original), unlearned: move(original), oracles: oracles.map(move) });
        unlearned.metrics.forEach((metric, i) => {
          if (bySplit.test(metric.name)) return;
          expect(metric.value).toBeCloseTo(reference.unlearned.metrics[i].value ?? NaN, 9);
          expect(metric.verdict).toBe(reference.unlearned.metrics[i].verdict);
        });
      }),
      { numRuns: 5 },
    );
  });

  test("doubling the forget set by duplication changes no value", () => {
    const double = (model: SetLogits): SetLogits => ({
      ...model,
      forget: { shape: [2 * sizes.forget, classCount], values: Float32Array.from([...model.forget.values, ...model.forget.values]) },
    });
    const reference = judge(original);
    const { unlearned } = evaluate({
      labels: { ...labels, forget: [...labels.forget, ...labels.forget] },
      original: double(original),
      unlearned: double(original),
      oracles: oracles.map(double),
    });
    unlearned.metrics.forEach(({ name, value }, i) => {
      if (!byCrossValidation.test(name)) expect(value).toBeCloseTo(reference.unlearned.metrics[i].value ?? NaN, 9);
    });
  });

  test("the same input gives the same evaluation, and JSON keeps it", () => {
    const evaluation = judge(original, { seed: 4 });
    expect(judge(original, { seed: 4 })).toEqual(evaluation);
    expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation);
  });
});
