import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { normalVector, orthonormal } from "./fixtures/problems.ts";
import { addScaled, dot, norm, orthogonalise, rademacher, unitVector } from "./vector.ts";

describe("norm", () => {
  it("neither overflows nor underflows", () => {
    expect(norm(Float64Array.of(3e200, 4e200)) / 5e200).toBeCloseTo(1, 14);
    expect(norm(Float64Array.of(3e-200, 4e-200)) / 5e-200).toBeCloseTo(1, 14);
    expect(norm(Float64Array.of(0, 0))).toBe(0);
    expect(norm(new Float64Array(0))).toBe(0);
    const vector = normalVector(50, createRandom(2));
    expect(norm(vector)).toBe(Math.sqrt(dot(vector, vector)));
  });
});

describe("orthogonalise", () => {
  it("leaves of a vector that lies nearly in the span a rest that is orthogonal to it", () => {
    const [rest, ...basis] = orthonormal(20, createRandom(1));
    const vector = new Float64Array(20);
    for (const direction of basis) addScaled(vector, 1, direction);
    addScaled(vector, 1e-9, rest);
    const length = orthogonalise(vector, basis);
    expect(length / 1e-9).toBeCloseTo(1, 5);
    // One pass leaves 1e-16 of what was there, 1e-7 of what is left.
    for (const direction of basis) expect(Math.abs(dot(direction, vector)) / length).toBeLessThan(1e-14);
  });
});

describe("random vectors", () => {
  it("are signs, and directions of length 1, the same for the same seed", () => {
    const signs = rademacher(1000, createRandom(3));
    expect(new Set(signs)).toEqual(new Set([-1, 1]));
    // Five standard deviations.
    expect(Math.abs(signs.reduce((sum, sign) => sum + sign, 0))).toBeLessThan(5 * Math.sqrt(1000));
    expect(norm(unitVector(7, createRandom(4)))).toBeCloseTo(1, 15);
    expect(unitVector(7, createRandom(4))).toEqual(unitVector(7, createRandom(4)));
  });
});
