import { isLetheError } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { methods, problems, scenarios } from "../fixtures/results/plan.ts";
import { makeRun } from "../fixtures/results/runs.ts";
import { checkLock } from "./check-lock.ts";

const { lock } = makeRun(problems[0], scenarios[0], methods[0], 0);

test("a whole lock is left as it is", () => {
  expect(checkLock(lock)).toEqual(lock);
  const withTest = { ...lock, data: { ...lock.data, test: "fashion-sample" } };
  expect(checkLock(JSON.parse(JSON.stringify(withTest)))).toEqual(withTest);
});

test("what a later release may add is passed over", () => {
  expect(checkLock({ ...lock, device: "a new one" })).toEqual(lock);
});

test.each(Object.keys(lock))("a lock without %s is refused by that name", (field) => {
  const { [field as keyof typeof lock]: _removed, ...rest } = lock;
  expect(() => checkLock(rest)).toThrow(expect.objectContaining({ code: "replay/bad-lock", details: { field: `lock.${field}` } }) as Error);
});

test("whatever stands in a field, it is taken or refused with a code", () => {
  const fields = Object.keys(lock) as (keyof typeof lock)[];
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
      try {
        checkLock({ ...lock, [field]: value });
        return true;
      } catch (error) {
        return isLetheError(error) && ["replay/bad-lock", "recipe/invalid"].includes(error.code);
      }
    }),
  );
});
