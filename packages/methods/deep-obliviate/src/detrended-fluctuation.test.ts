import { createRandom } from "@lethe/core";
import { describe, expect, it } from "vitest";
import { detrendedFluctuation } from "./detrended-fluctuation.ts";

const noise = (count: number, seed: string) => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.normal());
};
const decay = (h: number, count: number) => Array.from({ length: count }, (_, i) => (i + 1) ** -h);

describe("DFA-1", () => {
  it("O9: has 0.5 for white noise and 1.5 for a random walk", () => {
    const white = noise(4096, "white");
    let at = 0;
    expect(Math.abs(detrendedFluctuation(white)! - 0.5)).toBeLessThan(0.06);
    expect(Math.abs(detrendedFluctuation(white.map((value) => (at += value)))! - 1.5)).toBeLessThan(0.1);
  });

  it.each([
    [0.3, 15, 2.12],
    [0.5, 15, 2.09],
    [1, 15, 2.02],
    [0.3, 80, 2.07],
    [0.5, 80, 2.01],
    [1, 80, 1.86],
  ])("O9: is about 2 for the decay k^-%f over %i values, not the decay's exponent", (h, count, expected) => {
    expect(Math.abs(detrendedFluctuation(decay(h, count))! - expected)).toBeLessThan(0.006);
  });

  it("O9: is undefined where nothing fluctuates and for too few values", () => {
    expect(detrendedFluctuation(Array(20).fill(3))).toBeUndefined();
    expect(detrendedFluctuation(Array(20).fill(0.1))).toBeUndefined();
    expect(detrendedFluctuation([1, 2, 3])).toBeUndefined();
    expect(detrendedFluctuation([])).toBeUndefined();
  });
});
