import { describe, expect, test } from "vitest";
import { makeAudits } from "../fixtures/results/audits.ts";
import type { AuditResult } from "../results/audit-result.ts";
import { compareAudits } from "./compare-audits.ts";

const [, audit] = makeAudits();
type Audited = AuditResult["records"][number];

function withRecord(name: string, change: (record: Audited) => Partial<Audited>): AuditResult {
  return { ...audit, records: audit.records.map((record) => (record.name === name ? { ...record, ...change(record) } : record)) };
}

const movedBy = (name: string, distance: number) =>
  compareAudits(
    audit,
    withRecord(name, ({ value }) => ({ value: value! + distance })),
  );

test("an audit is equal to itself in every number", () => {
  const { verdict, numbers, status, weights, differences, notes } = compareAudits(audit, JSON.parse(JSON.stringify(audit)) as AuditResult);
  expect({ verdict, status, weights, differences, notes }).toEqual({ verdict: "equal", status: null, weights: [], differences: [], notes: [] });
  expect(new Set(numbers.map((number) => number.verdict))).toEqual(new Set(["equal"]));
  const names = audit.records.map(({ name }) => name);
  expect(names).toHaveLength(8);
  expect(numbers.map(({ quantity, of }) => `${quantity}, ${of}`)).toEqual([
    ...names.flatMap((name) => ["value", "target", "interval lower", "interval upper"].map((of) => `${name}, ${of}`)),
    "test-accuracy, unlearned",
    "test-accuracy, original",
  ]);
});

describe("the tolerance", () => {
  test("of an area under the curve is its standard error, of a rate that of the forgotten cases", () => {
    const numbers = compareAudits(audit, audit).numbers;
    const toleranceOf = (quantity: string) => numbers.find((number) => number.quantity === quantity && number.of === "value")!.tolerance;
    const valueOf = (quantity: string) => audit.records.find(({ name }) => name === quantity)!.value!;
    const { forgotten, neverSeen } = audit.attacks[0].cases;
    const accuracy = valueOf("u-lira-accuracy");
    expect(toleranceOf("u-lira-accuracy")).toBeCloseTo(Math.sqrt((accuracy * (1 - accuracy)) / forgotten), 12);
    const auc = valueOf("unlearning-rmia-auc");
    const smallest = Math.sqrt((auc * (1 - auc)) / (forgotten * neverSeen));
    expect(toleranceOf("unlearning-rmia-auc")).toBeGreaterThan(smallest);
    expect(toleranceOf("unlearning-rmia-auc")).toBeLessThan(0.1);
  });

  test("decides the verdict, and may be given", () => {
    const { tolerance } = compareAudits(audit, audit).numbers.find(({ quantity }) => quantity === "u-lira-auc")!;
    expect(movedBy("u-lira-auc", 0.99 * tolerance).verdict).toBe("within tolerance");
    expect(movedBy("u-lira-auc", 1.01 * tolerance).verdict).toBe("different");
    const nearby = withRecord("u-lira-auc", ({ value }) => ({ value: value! * (1 + 1e-9) }));
    expect(compareAudits(audit, nearby, { tolerance: 0 }).verdict).toBe("different");
    expect(compareAudits(audit, nearby, { tolerance: 1e-8 }).verdict).toBe("within tolerance");
    expect(() => compareAudits(audit, audit, { tolerance: -1 })).toThrow(expect.objectContaining({ code: "replay/bad-tolerance" }) as Error);
  });
});

test("a number on one side alone is different", () => {
  expect(
    compareAudits(
      audit,
      withRecord("unlearning-rmia-accuracy", () => ({ interval: null })),
    ).verdict,
  ).toBe("different");
  const { numbers, verdict } = compareAudits(audit, { ...audit, records: audit.records.slice(1) });
  expect(verdict).toBe("different");
  expect(numbers.filter((number) => number.verdict === "different").map(({ quantity }) => quantity)).toEqual(Array(4).fill("u-lira-accuracy"));
});

test("what the attack chose by itself, the backend and the lock are told beside the numbers", () => {
  const attacks = audit.attacks.map((attack) => (attack.name === "rmia" ? { ...attack, settings: { ...attack.settings, a: 0.05 } } : attack));
  const other = { ...audit, attacks, lock: { ...audit.lock, backend: "cpu", plan: { ...audit.lock.plan, population: 7 } } };
  const { verdict, notes, differences } = compareAudits(audit, other);
  expect(verdict).toBe("equal");
  expect(notes[0]).toContain("made on the backend wasm and replayed on cpu");
  expect(notes[1]).toMatch(/^What RMIA chose by itself differs: a was [\d.]+ and is now 0\.05\.$/);
  expect(differences.map(({ name }) => name)).toEqual(["plan.population", "backend"]);
});
