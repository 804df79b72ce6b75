import { describe, expect, it } from "vitest";
import { mayStop, readTrend, type StoppingRule } from "./stopping.ts";

const rule: StoppingRule = { threshold: 0.01, scale: "absolute", trend: "all", minimumPoints: 5, consecutive: 1 };
const residuals = Array.from({ length: 60 }, (_, i) => 2 * (i + 1) ** -0.5 + 0.1);

/** After how many residuals it stops. */
function stopsAfter(by: StoppingRule, values = residuals): number | undefined {
  const readings = values.map((_, i) => readTrend(values.slice(0, i + 1), by, values.length - i - 1));
  const found = readings.findIndex((_, i) => mayStop(readings.slice(0, i + 1), by));
  return found === -1 ? undefined : found + 1;
}

describe("the stopping rule", () => {
  it("O8: stops at the first k after t* = (a h / eps)^(1 / (h + 1)), sooner for a larger eps", () => {
    const counts = [0.3, 0.1, 0.03, 0.01].map((threshold) => stopsAfter({ ...rule, threshold })!);
    expect(counts).toEqual([5, 5, 11, 22]);
  });

  it("O1: with eps 0 never stops, however flat", () => {
    expect(stopsAfter({ ...rule, threshold: 0 })).toBeUndefined();
    expect(stopsAfter({ ...rule, threshold: 0, trend: "moving" }, Array(20).fill(1))).toBeUndefined();
  });

  it("is strict", () => {
    const { slope } = readTrend([4, 3, 2], { ...rule, trend: "moving" }, 0);
    expect(slope).toBe(-1);
    expect(readTrend([4, 3, 2], { ...rule, trend: "moving", threshold: 1 }, 0).isFlat).toBe(false);
    expect(readTrend([4, 3, 2], { ...rule, trend: "moving", threshold: 1.001 }, 0).isFlat).toBe(true);
  });

  it("waits for enough residuals, and for several flat readings in a row", () => {
    expect(stopsAfter({ ...rule, minimumPoints: 40 })).toBe(40);
    expect(stopsAfter({ ...rule, consecutive: 4 })).toBe(25);
    const flat = { ...readTrend(residuals, rule, 0), isFlat: true };
    const steep = { ...flat, isFlat: false };
    expect(mayStop([flat, flat, steep, flat, flat], { ...rule, consecutive: 3 })).toBe(false);
    expect(mayStop([flat, steep, flat, flat, flat], { ...rule, consecutive: 3 })).toBe(true);
  });

  it("with a relative eps does not depend on the unit of the residuals", () => {
    const relative: StoppingRule = { ...rule, scale: "relative" };
    const scaled = residuals.map((value) => 1000 * value);
    expect(stopsAfter(relative, scaled)).toBe(stopsAfter(relative));
    expect(stopsAfter(rule, scaled)).toBeUndefined();
    expect(readTrend(residuals, relative, 0).threshold).toBeCloseTo(0.021, 12);
  });

  it("does not take rising residuals, or none that differ, for a decay that is over", () => {
    expect(stopsAfter(rule, [1, 2, 3, 4, 5, 6, 7])).toBeUndefined();
    expect(stopsAfter(rule, Array(20).fill(1))).toBeUndefined();
    expect(stopsAfter({ ...rule, trend: "dfa" }, Array(20).fill(1))).toBeUndefined();
  });

  it("says what is still to come", () => {
    const rest = residuals.slice(30).reduce((sum, value) => sum + value, 0);
    expect(readTrend(residuals.slice(0, 30), rule, 30).tail).toBeCloseTo(rest, 4);
    expect(readTrend(residuals.slice(0, 2), rule, 30)).toMatchObject({ slope: undefined, tail: undefined, isFlat: false });
    expect(readTrend([5, 4, 3], { ...rule, trend: "moving" }, 4).tail).toBeCloseTo(2 + 1, 12);
  });
});
