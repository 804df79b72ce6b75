import { isLetheError } from "@lethe/core";
import { expect, test } from "vitest";
import { readExperiment } from "../experiment/experiment.ts";
import { loadData } from "./source.ts";
import { poisonSchema } from "./treatment-schema.ts";

const classes = { even: [0, 2, 4, 6, 8], odd: [1, "3", 5, 7, 9] };
const poison = {
  kind: "backdoor",
  fraction: 0.1,
  target: "odd",
  trigger: { kind: "features", indices: [0, 63], value: 1 },
  seed: 4,
} as const;

test("classes become coarse in both parts, then training samples are poisoned; the source says it again", async () => {
  const loaded = await loadData({ train: "digits", classes, poison });
  const { train, test: held, poisoned, triggered } = loaded;
  expect([train.classNames, held?.classNames]).toEqual([
    ["even", "odd"],
    ["even", "odd"],
  ]);
  expect(held?.labels.every((label, i) => label === Number(held.columns?.["class"][i]) % 2)).toBe(true);
  const even = train.columns!["class"].filter((fine) => Number(fine) % 2 === 0).length;
  expect(poisoned?.poisonedIds).toHaveLength(Math.round(0.1 * even));
  expect(train.labels.filter((label, i) => label !== Number(train.columns!["class"][i]) % 2)).toHaveLength(Math.round(0.1 * even));
  const { inputs } = await triggered!.read([0]);
  expect([inputs.values[0], inputs.values[63]]).toEqual([1, 1]);
  expect(triggered?.labels).toBe(held?.labels);
  expect(loaded.source.poison).toEqual({ kind: "backdoor", count: poisoned!.poisonedIds.length, target: 1, trigger: poison.trigger, seed: 4 });
  // What is said again means the same.
  expect(await (await loadData(loaded.source)).train.hash()).toBe(await train.hash());
});

test("data without a treatment is as it was", async () => {
  const { source, train, poisoned } = await loadData({ train: "digits" });
  expect([source, poisoned, train.columns]).toEqual([{ train: "digits" }, undefined, undefined]);
});

test("validation samples are set aside by id before anything is poisoned, and the source says it again", async () => {
  const whole = await loadData({ train: "digits" });
  const loaded = await loadData({ train: "digits", classes, validation: 0.2, poison });
  const { train, validation, poisoned, test: held } = loaded;
  expect(validation!.size / whole.train.size).toBeCloseTo(0.2, 1);
  expect([...train.ids, ...validation!.ids].toSorted()).toEqual(whole.train.ids.toSorted());
  expect(validation!.classNames).toEqual(["even", "odd"]);
  expect(validation!.labels.every((label, i) => label === Number(validation!.columns?.["class"][i]) % 2)).toBe(true);
  expect(poisoned!.poisonedIds.every((id) => train.ids.includes(id))).toBe(true);
  expect(held!.size).toBe(whole.test!.size);
  const again = await loadData(loaded.source);
  expect([await again.train.hash(), await again.validation!.hash()]).toEqual([await train.hash(), await validation!.hash()]);
  // A sample's side does not depend on the other samples.
  const { validation: more } = await loadData({ train: "digits", validation: 0.3 });
  expect(validation!.ids.every((id) => more!.ids.includes(id))).toBe(true);
});

test("a share that leaves one side empty is refused", async () => {
  await expect(loadData({ train: "digits", validation: 1e-9 })).rejects.toMatchObject({ code: "data/bad-validation" });
});

const experiment = (problem: string) => `
name: small
seeds: 1
problems: { digits: { data: digits, ${problem} } }
scenarios: { poisoned: { forget: poisoned } }
methods: { ssd: }
`;

test("an experiment file holds classes and a poison", () => {
  const [problem] = readExperiment(experiment("classes: { even: [0, 2, 4, 6, 8], odd: [1, 3, 5, 7, 9] }, poison: { kind: label-noise, count: 3 }"), "x").problems;
  expect(problem).toMatchObject({ classes: { even: [0, 2, 4, 6, 8] }, poison: { kind: "label-noise", count: 3 } });
});

test.each([
  "validation: 0",
  "validation: 1",
  "validation: 200",
  "poison: { kind: poison-ivy, count: 3 }",
  "poison: { kind: label-noise }",
  "poison: { kind: label-noise, count: 3, fraction: 0.1 }",
  "poison: { kind: label-noise, fraction: 2 }",
  "poison: { kind: backdoor, count: 3, target: 0 }",
  "poison: { kind: backdoor, count: 3, target: 0, trigger: { kind: patch, size: 3, corner: middle, value: 1 } }",
  "poison: { kind: interclass-confusion, classes: [1], count: 2 }",
  "classes: { even: [] }",
])("an experiment file with %s is refused by the field", (problem) => {
  try {
    readExperiment(experiment(problem), "x");
    expect.unreachable();
  } catch (error) {
    expect(isLetheError(error) && [error.code, String(error.details["field"])]).toMatchObject(["experiment/invalid", expect.stringContaining(`problems.digits.${problem.split(":")[0]}`)]);
  }
});

test("a recipe that was made passes its schema", async () => {
  const { poisoned } = await loadData({ train: "digits", poison: { kind: "interclass-confusion", classes: [1, 7], count: 20 } });
  expect(poisonSchema.parse(JSON.parse(JSON.stringify(poisoned?.recipe)))).toEqual(poisoned?.recipe);
});
