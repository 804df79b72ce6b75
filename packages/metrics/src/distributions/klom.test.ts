import { createRandom, isLetheError } from "@lethe/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { table } from "../fixtures/table.ts";
import { klom, klomFloor } from "./klom.ts";
import { klomRecords } from "./records.ts";

interface Case {
  name: string;
  kl_oracle_unlearned: (number | "NaN")[];
  kl_unlearned_oracle: (number | "NaN")[];
  kl_oracle_unlearned_maximum_edge_included: (number | "NaN")[];
  mean?: number;
  p95: number;
  p99: number;
}

describe.each(readJson<Case[]>("klom.json"))("golden numbers: $name", (expected) => {
  const tensors = readTensors("klom.safetensors");
  const input = { oracle: tensors[`${expected.name}/oracle`], unlearned: tensors[`${expected.name}/unlearned`] };
  const agree = (found: readonly (number | null)[], golden: readonly (number | "NaN")[]) => {
    expect(found).toHaveLength(golden.length);
    golden.forEach((value, j) => {
      if (value === "NaN") expect(found[j]).toBeNull();
      else expect(Math.abs((found[j] ?? NaN) - value)).toBeLessThan(1e-12);
    });
  };

  test("with the reference's edges, in both directions", () => {
    const found = klom({ ...input, edges: "reference" });
    agree(found.perSample, expected.kl_oracle_unlearned);
    agree(klom({ ...input, edges: "reference", direction: "KL(unlearned || oracle)" }).perSample, expected.kl_unlearned_oracle);
    if (expected.kl_oracle_unlearned.includes("NaN")) expect([found.mean, found.percentile95, found.percentile99]).toEqual([null, null, null]);
    if (expected.mean === undefined) return;
    expect(Math.abs((found.mean ?? NaN) - expected.mean)).toBeLessThan(1e-12);
    expect(Math.abs((found.percentile95 ?? NaN) - expected.p95)).toBeLessThan(1e-12);
    expect(Math.abs((found.percentile99 ?? NaN) - expected.p99)).toBeLessThan(1e-12);
  });

  test("with the largest value in the last bin", () => {
    agree(klom(input).perSample, expected.kl_oracle_unlearned_maximum_edge_included);
  });
});

test("a divergence known by hand", () => {
  // Two bins are filled: p = (3/4, 1/4), q = (1/4, 3/4).
  const oracle = table(4, 1, (model) => (model < 3 ? 0 : 10));
  const unlearned = table(4, 1, (model) => (model < 1 ? 0 : 10));
  expect(klom({ oracle, unlearned }).perSample[0]).toBeCloseTo(0.5 * Math.log(3), 12);
});

test("never negative, 0 for equal samples, at most log(1e5) and a little, blind to the order of models", () => {
  const margins = fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(margins, margins, fc.integer(), (a, b, seed) => {
      const oracle = table(6, 1, (model) => a[model]);
      const unlearned = table(6, 1, (model) => b[model]);
      const [value] = klom({ oracle, unlearned }).perSample;
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(Math.log(1e5) + 1e-3);
      expect(klom({ oracle, unlearned: oracle }).perSample[0]).toBeLessThan(1e-12);
      const order = createRandom(seed).permutation(6);
      expect(klom({ oracle: table(6, 1, (model) => a[order[model]]), unlearned }).perSample[0]).toBe(value);
    }),
  );
});

test("the floor is what equal distributions give at the same number of models, and leaving the original as it was is above it", () => {
  const random = createRandom("floor");
  const draw = (count: number, centre: number) => table(count, 40, () => centre + random.normal());
  const floor = klomFloor(draw(200, 0), { seed: 1, splits: 4 });
  const equal = klom({ oracle: draw(100, 0), unlearned: draw(100, 0) });
  const nothingDone = klom({ oracle: draw(100, 0), unlearned: draw(100, 3) });
  expect(floor.modelsPerSide).toBe(100);
  expect(Math.abs((equal.percentile95 ?? NaN) - (floor.percentile95 ?? NaN))).toBeLessThan(0.25);
  expect(floor.percentile99).toBeGreaterThan(floor.percentile95 ?? NaN);
  expect(Math.abs((equal.mean ?? NaN) - (floor.mean ?? NaN))).toBeLessThan(0.1);
  expect(floor.mean).toBeGreaterThan(0.1);
  expect(nothingDone.mean).toBeGreaterThan(10 * (floor.mean ?? NaN));
  // The bias that makes values at other numbers of models no comparison.
  expect(klomFloor(draw(40, 0), { seed: 1, splits: 4 }).mean).toBeGreaterThan(3 * (floor.mean ?? NaN));
});

test("records name the direction and the edges", () => {
  const constant = (phi: number) => table(4, 2, () => phi);
  const input = { oracle: constant(8), unlearned: constant(2) };
  const records = klomRecords(klom(input), { values: [0.3], mean: 0.3, percentile95: 0.7, percentile99: 0.8, modelsPerSide: 4 });
  expect(records.map(({ value, target }) => [value, target])).toEqual([
    [expect.closeTo(Math.log(1e5 + 1), 4), 0.3],
    [expect.closeTo(Math.log(1e5 + 1), 4), 0.7],
    [expect.closeTo(Math.log(1e5 + 1), 4), 0.8],
  ]);
  expect(records[0].title).toContain("KL(oracle || unlearned)");
  const [reference] = klomRecords(klom({ ...input, edges: "reference" }));
  expect([reference.name, reference.value]).toEqual(["klom-oracle-unlearned-reference-edges-mean", null]);
  expect(JSON.parse(JSON.stringify(records))).toEqual(records);
});

test("what cannot be compared is refused", () => {
  const code = (expected: string) => expect.toSatisfy((error) => isLetheError(error) && error.code === expected);
  const some = table(3, 2, (model) => model);
  expect(() => klom({ oracle: some, unlearned: table(2, 2, () => 0) })).toThrow(code("metrics/shape-mismatch"));
  expect(() => klom({ oracle: some, unlearned: table(3, 1, () => 0) })).toThrow(code("metrics/shape-mismatch"));
  expect(() => klom({ oracle: some, unlearned: table(3, 2, () => NaN) })).toThrow(code("metrics/non-finite-score"));
  expect(() => klom({ oracle: table(0, 2, () => 0), unlearned: table(0, 2, () => 0) })).toThrow(code("metrics/too-few-models"));
});
