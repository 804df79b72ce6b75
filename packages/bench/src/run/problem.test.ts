import { chooseBackend } from "@lethe/backends";
import { ensembleOf, Model, parameterCount } from "@lethe/core";
import { beforeAll, expect, test } from "vitest";
import { decodeNetwork } from "../network/files.ts";
import { openProblem } from "./problem.ts";

beforeAll(() => chooseBackend({ name: "cpu" }));

const plan = { name: "p", data: "digits", test: undefined, model: undefined, recipe: {} };

test("a problem has the usual builder and recipe, or what differs from them", async () => {
  const usual = await openProblem(plan, ".");
  expect(usual.builder).toBe("mlp");
  expect(usual.recipe(3)).toMatchObject({ seed: 3, epochs: 20, batchSize: 32, optimiser: { kind: "adam" } });
  const other = await openProblem({ ...plan, model: "mlp", recipe: { epochs: 1, batchSize: 16 } }, ".");
  expect(other.recipe("0/oracle-1")).toMatchObject({ seed: "0/oracle-1", epochs: 1, batchSize: 16, schedule: { kind: "cosine" } });
});

test("opened twice it is the same: hashes and architecture do not depend on what the process has built before", async () => {
  const [first, second] = [await openProblem(plan, "."), await openProblem({ ...plan, name: "q" }, "/")];
  expect([second.trainHash, second.testHash, second.config]).toEqual([first.trainHash, first.testHash, first.config]);
  expect(first.trainHash).not.toBe(first.testHash);
});

test.each([
  ["data without test samples", { data: "idx:a,b", test: undefined }, "file/not-found"],
  ["unknown data", { data: "mnits" }, "data/unknown-source"],
  ["an unknown model", { model: "perceptron" }, "model/unknown-builder"],
])("%s is refused", async (_, change, code) => {
  await expect(openProblem({ ...plan, ...change }, ".")).rejects.toMatchObject({ code });
});

test("a recipe that means nothing is refused", async () => {
  await expect(openProblem({ ...plan, recipe: { epochs: -1 } }, ".")).rejects.toMatchObject({ code: "recipe/invalid" });
});

test("a recipe by shards makes an ensemble of the model", async () => {
  const order = { kind: "shards", shards: 3, slices: 2, aggregation: "vote" } as const;
  const { architecture, recipe } = await openProblem({ ...plan, recipe: { order } }, ".");
  const model = new Model(await decodeNetwork(architecture));
  expect(ensembleOf(model)).toMatchObject({ constituents: { length: 3 }, aggregation: "vote" });
  expect(recipe(1).order).toEqual(order);
  const plain = new Model(await decodeNetwork((await openProblem(plan, ".")).architecture));
  expect(parameterCount(model.parameters)).toBe(3 * parameterCount(plain.parameters));
  expect(model.ending).toBe(plain.ending);
});
