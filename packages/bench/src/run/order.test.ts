import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readExperiment } from "../experiment/experiment.ts";
import { inOrderOf } from "./order.ts";
import { controlName } from "./rows.ts";

const experiment = readExperiment(
  "{ name: n, seeds: [5, 2], problems: { b: { data: digits }, a: { data: digits } }, scenarios: { y: { forget: class=1 }, x: { forget: class=2 } }, methods: { m2: , m1: } }",
  "n.yaml",
);

const all = ["b", "a"].flatMap((problem) =>
  ["y", "x"].flatMap((scenario) =>
    ["m2", "m1", controlName].flatMap((method) =>
      [5, 2].map((seed) => ({ id: `${problem}/${scenario}/${method}/seed-${seed}`, problem, scenario, method, seed })),
    ),
  ),
);
// An audit is no scenario, and its models have seeds of their own.
const audits = ["one", "two"].flatMap((scenario) =>
  ["m2", "m1"].map((method) => ({ id: `${scenario}/${method}`, problem: "a", scenario, method, seed: 0 })),
);

test("results stand as the file has them, in whatever order they came", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (came) => {
      expect(came.toSorted(inOrderOf(experiment))).toEqual(all);
    }),
  );
});

test("what the file does not name has an order too", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...all, ...audits], { minLength: all.length + audits.length }), (came) => {
      const sorted = came.toSorted(inOrderOf(experiment)).map(({ id }) => id);
      expect(sorted.slice(-4)).toEqual(["one/m2", "two/m2", "one/m1", "two/m1"]);
    }),
  );
});
