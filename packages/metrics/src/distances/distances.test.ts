import { isLetheError, type HostTensor } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { firstMaximum } from "../outputs/softmax.ts";
import { mean } from "../statistics/moments.ts";
import { activationDistance, activationDistanceL1 } from "./activation.ts";
import { disagreement } from "./disagreement.ts";
import { jsDistance, jsDivergence } from "./jensen-shannon.ts";
import { klDivergence } from "./kullback-leibler.ts";
import { predictionDistance } from "./prediction-distance.ts";

interface Case {
  name: string;
  kl_oracle_unlearned: number;
  kl_unlearned_oracle: number;
  js_nats: number;
  js_distance_mean: number;
  activation_distance_l2: number;
  activation_distance_l1: number;
  disagreement: number;
  kl_oracle_unlearned_per_sample: number[];
  js_nats_per_sample: number[];
}

const tolerance = 1e-12;
const close = (own: ArrayLike<number>, expected: number[]) =>
  expected.forEach((value, i) => expect(Math.abs(own[i] - value)).toBeLessThan(tolerance));
const winners = ({ shape: [count, classes], values }: HostTensor) =>
  Array.from({ length: count }, (_, i) => firstMaximum(values, i * classes, classes));

test("every distance agrees with its float64 definition, degenerate outputs included", () => {
  const tensors = readTensors("output-distances.safetensors");
  const cases = readJson<Case[]>("output-distances.json");
  expect(cases).toHaveLength(6);
  for (const expected of cases) {
    const p = tensors[`${expected.name}/p_unlearned`];
    const q = tensors[`${expected.name}/q_oracle`];
    const means = [
      klDivergence(q, p),
      klDivergence(p, q),
      jsDivergence(p, q),
      jsDistance(p, q),
      activationDistance(p, q),
      activationDistanceL1(p, q),
      disagreement(winners(p), winners(q)),
    ];
    close(
      means.map((values) => mean(values) ?? NaN),
      [
        expected.kl_oracle_unlearned,
        expected.kl_unlearned_oracle,
        expected.js_nats,
        expected.js_distance_mean,
        expected.activation_distance_l2,
        expected.activation_distance_l1,
        expected.disagreement,
      ],
    );
    close(klDivergence(q, p), expected.kl_oracle_unlearned_per_sample);
    close(jsDivergence(p, q), expected.js_nats_per_sample);
  }
});

const distribution = (classes: number) =>
  fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: classes, maxLength: classes }).map((weights) => {
    const sum = weights.reduce((a, b) => a + b, 0);
    return sum > 1e-6 ? weights.map((w) => w / sum) : [1, ...weights.slice(1).map(() => 0)];
  });
const three = fc.integer({ min: 2, max: 6 }).chain((classes) => fc.tuple(distribution(classes), distribution(classes), distribution(classes)));
const row = (values: number[]): HostTensor => ({ shape: [1, values.length], values: Float64Array.from(values) });

test("bounds, symmetry, identity and the triangle inequality", () => {
  fc.assert(
    fc.property(three, ([a, b, c]) => {
      const [p, q, r] = [row(a), row(b), row(c)];
      expect(klDivergence(p, p)[0]).toBe(0);
      expect(jsDivergence(p, p)[0]).toBe(0);
      expect(activationDistance(p, p)[0]).toBe(0);
      expect(jsDivergence(p, q)[0]).toBeCloseTo(jsDivergence(q, p)[0], 14);
      expect(jsDivergence(p, q)[0]).toBeLessThanOrEqual(Math.LN2 + 1e-14);
      expect(klDivergence(p, q)[0]).toBeGreaterThan(-1e-9);
      expect(klDivergence(p, q)[0]).toBeLessThanOrEqual(-Math.log(1e-12) + 1e-9);
      expect(activationDistance(p, q)[0]).toBeLessThanOrEqual(Math.SQRT2 + 1e-12);
      // Between the two norms of c numbers.
      expect(activationDistanceL1(p, q)[0]).toBeGreaterThanOrEqual(activationDistance(p, q)[0] - 1e-12);
      expect(activationDistanceL1(p, q)[0]).toBeLessThanOrEqual(Math.min(2, Math.sqrt(a.length) * activationDistance(p, q)[0]) + 1e-12);
      for (const d of [jsDistance, activationDistance, activationDistanceL1]) expect(d(p, r)[0]).toBeLessThanOrEqual(d(p, q)[0] + d(q, r)[0] + 1e-7);
    }),
  );
});

test("the order of the classes does not matter, and duplicating samples changes no mean", () => {
  fc.assert(
    fc.property(three, ([a, b]) => {
      const reversed = (values: number[]) => row(values.toReversed());
      const twice = (values: number[]): HostTensor => ({ shape: [2, values.length], values: Float64Array.from([...values, ...values]) });
      for (const d of [klDivergence, jsDivergence, activationDistance, activationDistanceL1]) {
        expect(d(reversed(a), reversed(b))[0]).toBeCloseTo(d(row(a), row(b))[0], 12);
        expect(mean(d(twice(a), twice(b)))).toBe(d(row(a), row(b))[0]);
      }
    }),
  );
});

test("prediction distance lies between the difference of accuracies and the disagreement", () => {
  const classes = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(classes, (rows) => {
      const [first, second, labels] = [0, 1, 2].map((column) => rows.map((row) => row[column]));
      const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
      const hits = (predicted: number[]) => predicted.filter((value, i) => value === labels[i]).length;
      const distance = sum(predictionDistance(first, second, labels));
      expect(distance).toBeGreaterThanOrEqual(Math.abs(hits(first) - hits(second)));
      expect(distance).toBeLessThanOrEqual(sum(disagreement(first, second)));
      expect(distance).toBe(sum(predictionDistance(second, first, labels)));
    }),
  );
});

test("a sample lost and another one won do not cancel in the prediction distance; two wrong answers are no distance", () => {
  expect(predictionDistance([0, 9], [9, 1], [0, 1])).toEqual(Float64Array.of(1, 1));
  expect(predictionDistance([3], [4], [5])).toEqual(Float64Array.of(0));
});

test("outputs of different shape cannot be compared", () => {
  const mismatch = expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/shape-mismatch");
  expect(() => jsDivergence(row([1, 0]), row([1, 0, 0]))).toThrow(mismatch);
  expect(() => disagreement([1], [1, 2])).toThrow(mismatch);
  expect(() => predictionDistance([1], [1, 2], [1])).toThrow(mismatch);
  expect(() => predictionDistance([1, 2], [1, 2], [1])).toThrow(mismatch);
});
