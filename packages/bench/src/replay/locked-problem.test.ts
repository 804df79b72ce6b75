import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { loadData } from "../data/source.ts";
import { methods, problems, scenarios } from "../fixtures/results/plan.ts";
import { makeRun } from "../fixtures/results/runs.ts";
import type { RecipeLock } from "../results/recipe-lock.ts";
import { lockedRequest, openLockedProblem } from "./locked-problem.ts";

const source = { train: "digits" };
let lock: RecipeLock;

beforeAll(async () => {
  await tf.setBackend("cpu");
  const { train, test: testData } = await loadData(source);
  const made = makeRun(problems[0], scenarios[0], methods[0], 0).lock;
  const hashes = { trainHash: await train.hash(), testHash: await testData!.hash() };
  lock = {
    ...made,
    data: { ...made.data, ...hashes, train: "idx:/moved/images,/moved/labels" },
    forget: { kind: { class: 3 }, ids: train.ids.slice(5, 8) },
  };
});

test("the recipe is the lock's with each seed; what the builder usually adds is not added", async () => {
  // The usual recipe of this builder has augmentation, weight decay and warm-up.
  const recipe = { seed: 4, epochs: 1, batchSize: 16, optimiser: { kind: "sgd" }, schedule: { kind: "cosine", rate: 0.1 } } as const;
  const images = { train: "fashion-sample" };
  const { train, test: testData } = await loadData(images);
  const data = { ...lock.data, ...images, trainHash: await train.hash(), testHash: await testData!.hash() };
  const problem = await openLockedProblem("own", { ...lock, data, model: { builder: "resnet8" }, recipe }, images);
  expect(problem.recipe(4)).toEqual(recipe);
  expect(problem.recipe("4/oracle-1")).toEqual({ ...recipe, seed: "4/oracle-1" });
  expect(problem.builder).toBe("resnet8");
});

test("the data may have moved: its hash says that it is the same", async () => {
  expect((await openLockedProblem("own", lock, source)).data.source).toEqual(source);
});

test("data of another content is refused, its hash and the expected one named", async () => {
  const other = await (await loadData({ train: "fashion-sample" })).train.hash();
  await expect(openLockedProblem("own", lock, { train: "fashion-sample" })).rejects.toMatchObject({
    code: "data/changed",
    details: { part: "training", expected: lock.data.trainHash, found: other },
  });
});

test("the forget set is the ids of the lock, of the kind that it says", async () => {
  const problem = await openLockedProblem("own", lock, source);
  expect(lockedRequest(lock.forget, problem, "some")).toEqual({ kind: { class: 3 }, ids: lock.forget.ids, forgottenClass: 3, words: "some" });
  const random = { ...lock, forget: { kind: { random: 3 }, ids: lock.forget.ids } };
  expect(lockedRequest(random.forget, problem, "some").forgottenClass).toBeNull();
});

test("ids that the data does not have, or has once only, are refused", async () => {
  const problem = await openLockedProblem("own", lock, source);
  const [first] = lock.forget.ids;
  const ask =
    (...ids: string[]) =>
    () =>
      lockedRequest({ kind: { ids: 2 }, ids }, problem, "some");
  expect(ask(first, "nobody")).toThrow(expect.objectContaining({ code: "forget/unknown-id" }) as Error);
  expect(ask(first, first)).toThrow(expect.objectContaining({ code: "forget/duplicate-id" }) as Error);
});
