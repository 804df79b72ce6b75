import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitPowerLaw, slopeAt, sumOf } from "./power-law.ts";

const values = (a: number, h: number, b: number, count: number) => Array.from({ length: count }, (_, i) => a * (i + 1) ** -h + b);

describe("a power law", () => {
  it("O8: is recovered from exact values, with its slope", () => {
    const law = fitPowerLaw(values(2, 0.5, 0.1, 30), "all")!;
    expect(law.a).toBeCloseTo(2, 6);
    expect(law.h).toBeCloseTo(0.5, 6);
    expect(law.b).toBeCloseTo(0.1, 6);
    expect(slopeAt(law, 30)).toBeCloseTo(-0.0060858062, 9);
  });

  it("is recovered over the whole range", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 4, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.integer({ min: 5, max: 50 }),
        (h, b, count) => {
          const law = fitPowerLaw(values(3, h, b, count), "all")!;
          const found = values(law.a, law.h, law.b, count);
          values(3, h, b, count).forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThan(1e-6));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("O8: has its slope where the inverse of the rule says", () => {
    for (const [threshold, k] of [
      [1e-1, 4.642],
      [1e-2, 21.544],
      [1e-3, 100],
      [1e-4, 464.159],
    ]) {
      expect(slopeAt({ a: 2, h: 0.5, b: 7 }, k) / -threshold).toBeCloseTo(1, 3);
    }
  });

  it("never rises", () => {
    expect(fitPowerLaw([1, 2, 3, 4], "all")!.a).toBe(0);
    expect(fitPowerLaw([1, 2, 3, 4], "all")!.b).toBe(2.5);
  });

  it("by its DFA exponent keeps that exponent, and needs one", () => {
    const law = fitPowerLaw(values(2, 0.5, 0.1, 15), "dfa")!;
    expect(law.h).toBeGreaterThan(1.9);
    expect(fitPowerLaw(values(2, 0.5, 0.1, 5), "dfa")).toBeUndefined();
    expect(fitPowerLaw(Array(20).fill(1), "dfa")).toBeUndefined();
  });

  it("needs three values", () => {
    expect(fitPowerLaw([2, 1], "all")).toBeUndefined();
    expect(fitPowerLaw([2, 1, 0.5], "all")).toBeDefined();
  });

  it("adds up without what is below 0", () => {
    expect(sumOf({ a: 1, h: 1, b: 0 }, 1, 4)).toBeCloseTo(1 + 1 / 2 + 1 / 3 + 1 / 4, 12);
    expect(sumOf({ a: 1, h: 1, b: -0.4 }, 1, 4)).toBeCloseTo(0.7, 12);
    expect(sumOf({ a: 1, h: 1, b: 0 }, 5, 4)).toBe(0);
  });
});
