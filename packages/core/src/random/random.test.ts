import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withSeededMathRandom } from "./math-random.ts";
import { createRandom } from "./random.ts";

describe("random", () => {
  it("splits by name alone, however much was drawn before", () => {
    const a = createRandom(7);
    a.uniform();
    a.permutation(9);
    expect(a.split("order", 3).uniform()).toBe(createRandom(7).split("order", 3).uniform());
  });

  it("tells seeds, names, numbers and paths apart", () => {
    const streams = [
      createRandom(1),
      createRandom(2),
      createRandom("1x"),
      createRandom(1).split("a"),
      createRandom(1).split("b"),
      createRandom(1).split(1),
      createRandom(1).split("a", "b"),
      createRandom(1).split("ab"),
    ];
    expect(new Set(streams.map((stream) => stream.uniform())).size).toBe(streams.length);
    expect(createRandom(1).split(1).uniform()).not.toBe(createRandom(1).split("1").uniform());
  });

  it("has the moments of its distributions", () => {
    const random = createRandom("moments");
    const count = 40_000;
    const uniform = Array.from({ length: count }, () => random.uniform());
    const normal = Array.from({ length: count }, () => random.normal());
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    // Five standard errors.
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan((5 * Math.sqrt(1 / 12)) / Math.sqrt(count));
    expect(Math.abs(mean(normal))).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(mean(normal.map((value) => value ** 2)) - 1)).toBeLessThan((5 * Math.sqrt(2)) / Math.sqrt(count));
    expect(Math.abs(mean(normal.map((value) => value ** 4)) - 3)).toBeLessThan((5 * Math.sqrt(96)) / Math.sqrt(count));
  });

  it("has independent streams for neighbouring names", () => {
    const random = createRandom(0);
    const firsts = Array.from({ length: 4000 }, (_, i) => random.split("epoch", i).uniform());
    const correlation = firsts.slice(1).reduce((sum, value, i) => sum + (value - 0.5) * (firsts[i] - 0.5), 0) / (3999 / 12);
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(3999));
  });

  it("draws every permutation of three equally often", () => {
    const random = createRandom("permutations");
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = random.permutation(3).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(counts.size).toBe(6);
    // 99.99th percentile with 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(25.7);
  });

  it("samples different increasing positions", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), fc.nat(50), (seed, a, b) => {
        const sample = createRandom(seed).sample(Math.max(a, b), Math.min(a, b));
        expect(new Set(sample).size).toBe(Math.min(a, b));
        expect([...sample]).toEqual([...sample].toSorted((x, y) => x - y));
        sample.forEach((value) => expect(value).toBeLessThan(Math.max(a, b)));
      }),
    );
  });
});

describe("withSeededMathRandom", () => {
  it("decides what tfjs draws, and gives Math.random back", () => {
    const original = Math.random;
    const draw = () => withSeededMathRandom(createRandom(3), () => Array.from(tf.randomNormal([5]).dataSync()));
    expect(draw()).toEqual(draw());
    expect(Math.random).toBe(original);
    expect(() =>
      withSeededMathRandom(createRandom(1), () => {
        throw new Error("x");
      }),
    ).toThrow("x");
    expect(Math.random).toBe(original);
  });
});
