import { describe, expect, it } from "vitest";
import { median, medianOfPairs } from "./pairs.mjs";

/** Two sides on a clock of their own: each takes the milliseconds that it is told, in turn. */
function sides(first: number[], second: number[]): { first: () => void; second: () => void; now: () => number; order: string[] } {
  let clock = 0;
  const order: string[] = [];
  const side = (name: string, times: number[]) => (): void => {
    clock += times[order.filter((each) => each === name).length] as number;
    order.push(name);
  };
  return { first: side("first", first), second: side("second", second), now: () => clock, order };
}

describe("medianOfPairs", () => {
  it("is the median of the pairs' ratios, with the extremes and each side's median time", async () => {
    const { first, second, now } = sides([10, 40, 90], [10, 20, 30]);
    const result = await medianOfPairs(first, second, { pairs: 3, warmup: 0, now });
    expect(result).toEqual({ ratio: 2, min: 1, max: 3, pairs: 3, firstSeconds: 0.04, secondSeconds: 0.02 });
  });

  it("is not the ratio of the medians: a slow spell that meets a whole pair leaves the result alone", async () => {
    const { first, second, now } = sides([20, 2000, 20], [10, 1000, 10]);
    const { ratio, min, max } = await medianOfPairs(first, second, { pairs: 3, warmup: 0, now });
    expect([ratio, min, max]).toEqual([2, 2, 2]);
  });

  it("runs the warm-up pairs without counting them", async () => {
    const { first, second, now, order } = sides([5000, 5000, 30, 30], [1, 1, 10, 10]);
    expect(await medianOfPairs(first, second, { pairs: 2, warmup: 2, now })).toMatchObject({ ratio: 3, min: 3, max: 3, pairs: 2 });
    expect(order).toHaveLength(8);
  });

  it("interleaves, and lets the sides take turns in going first", async () => {
    const { first, second, now, order } = sides([1, 1, 1, 1], [1, 1, 1, 1]);
    await medianOfPairs(first, second, { pairs: 4, warmup: 0, now });
    expect(order).toEqual(["first", "second", "second", "first", "first", "second", "second", "first"]);
  });

  it("waits for work that is asynchronous", async () => {
    const wait = (milliseconds: number) => () => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
    const { firstSeconds, secondSeconds } = await medianOfPairs(wait(60), wait(1), { pairs: 3, warmup: 0 });
    expect(firstSeconds).toBeGreaterThan(0.055);
    expect(secondSeconds).toBeLessThan(firstSeconds);
  });

  it.each([0, -1, 1.5])("refuses %s pairs", async (pairs) => {
    await expect(medianOfPairs(String, String, { pairs })).rejects.toThrow(/pairs must be/);
  });
});

describe("median", () => {
  it.each([
    [[3], 3],
    [[3, 1], 2],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 2], 9],
  ])("of %j is %d", (values, expected) => expect(median(values)).toBe(expected));
});
