import { createRandom, isLetheError } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { exposureAuc } from "./exposure.ts";
import { bestInterval, intervalAttack } from "./interval-attack.ts";
import { logisticAttack } from "./logistic-attack.ts";
import { roc } from "./roc.ts";

const normals = (name: string, count: number, centre: number, sigma: number) => {
  const random = createRandom(name);
  return Array.from({ length: count }, () => centre + sigma * random.normal());
};
const unseen = normals("unseen", 400, 2, 3);

test("a bump at usual margins, as random labels leave it, is half lost on one threshold and on the distance from the median, and is seen here", () => {
  const forget = normals("bump", 200, 2, 0.2);
  expect(Math.abs((roc({ members: forget, nonMembers: unseen })?.auc ?? NaN) - 0.5)).toBeLessThan(0.06);
  expect(logisticAttack({ forget, unseen })?.accuracy).toBeLessThan(0.7);
  expect(exposureAuc({ forget, unseen })).toBeLessThan(0.2);
  const attack = intervalAttack({ forget, unseen });
  // A normal sample 15 times as wide has a tenth of its values where nearly all of the bump is.
  expect(attack?.accuracy).toBeGreaterThan(0.9);
  for (const { forgotten, lower, upper } of attack?.rules ?? []) {
    expect(forgotten).toBe("inside");
    expect(lower).toBeGreaterThan(1);
    expect(upper).toBeLessThan(3);
  }
});

test("a forget set that stands out on either side, or on both, is seen", () => {
  expect(intervalAttack({ forget: normals("punished", 200, -12, 1), unseen })?.accuracy).toBeGreaterThan(0.98);
  const memorised = intervalAttack({ forget: normals("memorised", 200, 15, 1), unseen });
  expect(memorised?.accuracy).toBeGreaterThan(0.98);
  for (const { upper } of memorised?.rules ?? []) expect(upper).toBe(Infinity);
  const both = [...normals("left", 100, -12, 1), ...normals("right", 100, 16, 1)];
  const attack = intervalAttack({ forget: both, unseen });
  expect(attack?.accuracy).toBeGreaterThan(0.98);
  for (const { forgotten } of attack?.rules ?? []) expect(forgotten).toBe("outside");
});

test("alike sets give one half on average, since the rule is measured where it was not chosen", () => {
  const accuracies = Array.from(
    { length: 40 },
    (_, k) => intervalAttack({ forget: normals(`f${k}`, 100, 2, 3), unseen: normals(`u${k}`, 400, 2, 3) })?.accuracy ?? NaN,
  );
  // Each has a standard deviation of about 0.03.
  expect(Math.abs(accuracies.reduce((a, b) => a + b / 40, 0) - 0.5)).toBeLessThan(0.02);
});

test("two normals d apart are told apart Phi(d / 2) of the time, by an interval that is open on one side", () => {
  const attack = intervalAttack({ forget: normals("d0", 4000, 0, 1), unseen: normals("d1", 4000, 1, 1) });
  expect(Math.abs((attack?.accuracy ?? NaN) - 0.6914625)).toBeLessThan(0.02);
});

test("the chosen interval has the largest TPR - FPR of all, inside or outside, on the half that chooses", () => {
  const values = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(values, values, (forget, others) => {
      const share = (side: number[], lower: number, upper: number) => side.filter((x) => lower <= x && x <= upper).length / side.length;
      const gain = (lower: number, upper: number) => share(forget, lower, upper) - share(others, lower, upper);
      let best = 0;
      for (let lower = -4; lower <= 4; lower++) for (let upper = lower; upper <= 4; upper++) best = Math.max(best, Math.abs(gain(lower, upper)));
      const { forgotten, lower, upper } = bestInterval(forget, others);
      expect(forgotten === "inside" ? gain(lower, upper) : -gain(lower, upper)).toBeCloseTo(best, 12);
    }),
  );
});

test("constant margins tell nothing; order does not matter; the seed does; two samples a side are the least", () => {
  expect(intervalAttack({ forget: [1, 1, 1], unseen: [1, 1, 1, 1] })?.accuracy).toBe(0.5);
  const forget = normals("some", 50, 3, 2);
  const plain = intervalAttack({ forget, unseen }, { seed: 4 });
  expect(intervalAttack({ forget: forget.toReversed(), unseen: unseen.toReversed() }, { seed: 4 })).toEqual(plain);
  expect(intervalAttack({ forget, unseen }, { seed: 5 })).not.toEqual(plain);
  expect(intervalAttack({ forget: [1], unseen: [1, 2] })).toBeNull();
  expect(() => intervalAttack({ forget: [1, NaN], unseen: [1, 2] })).toThrow(
    expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/nan-score"),
  );
});
