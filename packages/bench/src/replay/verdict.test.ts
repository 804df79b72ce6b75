import fc from "fast-check";
import { expect, test } from "vitest";
import { replayVerdict, worstVerdict } from "./verdict.ts";

const anything = fc.option(fc.double(), { nil: null });

test("a number is equal to itself, whatever it is", () => {
  fc.assert(fc.property(anything, (value) => replayVerdict(value, value, 0) === "equal"));
});

test("a number is equal to what JSON keeps of it", () => {
  fc.assert(fc.property(anything, (value) => replayVerdict(JSON.parse(JSON.stringify(value)) as number | null, value, 0) === "equal"));
});

test("neither side is the judge of the other", () => {
  fc.assert(
    fc.property(
      anything,
      anything,
      fc.double({ min: 0, noNaN: true }),
      (a, b, tolerance) => replayVerdict(a, b, tolerance) === replayVerdict(b, a, tolerance),
    ),
  );
});

test("one sample of n is within the tolerance of one sample, for every share", () => {
  const misplaced = Array.from({ length: 300 }, (_, index) => index + 1).flatMap((n) => {
    const after = (k: number, step: number) => replayVerdict(k / n, (k + step) / n, 1 / n);
    return Array.from(Array(n).keys()).filter((k) => after(k, 1) !== "within tolerance" || after(k, 2) !== "different");
  });
  expect(misplaced).toEqual([]);
});

test("without tolerance the last bit counts", () => {
  expect(replayVerdict(1, 1 + Number.EPSILON, 0)).toBe("different");
});

test("a number on one side alone is different", () => {
  expect(replayVerdict(null, 0, 1)).toBe("different");
  expect(replayVerdict(0, null, 1)).toBe("different");
});

test("the worst verdict stands for all", () => {
  expect(worstVerdict([])).toBe("equal");
  expect(worstVerdict(["equal", "within tolerance", "equal"])).toBe("within tolerance");
  expect(worstVerdict(["different", "within tolerance"])).toBe("different");
});
