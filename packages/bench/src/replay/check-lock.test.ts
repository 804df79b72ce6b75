import { isLetheError } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeAudits } from "../fixtures/results/audits.ts";
import { methods, problems, scenarios } from "../fixtures/results/plan.ts";
import { makeRun } from "../fixtures/results/runs.ts";
import { checkAuditLock, checkLock } from "./check-lock.ts";

const [{ lock: auditLock }] = makeAudits();
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

test("a whole lock of an audit is left as it is", () => {
  expect(checkAuditLock(JSON.parse(JSON.stringify(auditLock)))).toEqual(auditLock);
});

test.each(Object.keys(auditLock))("a lock of an audit without %s is refused by that name", (field) => {
  const { [field as keyof typeof auditLock]: _removed, ...rest } = auditLock;
  expect(() => checkAuditLock(rest)).toThrow(expect.objectContaining({ code: "replay/bad-lock", details: { field: `lock.${field}` } }) as Error);
});

test.each(Object.keys(auditLock.plan))("a plan without %s is refused by that name", (field) => {
  const { [field as keyof typeof auditLock.plan]: _removed, ...plan } = auditLock.plan;
  expect(() => checkAuditLock({ ...auditLock, plan })).toThrow(expect.objectContaining({ details: { field: `lock.plan.${field}` } }) as Error);
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
