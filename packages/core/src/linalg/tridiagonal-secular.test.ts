import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { atOnce } from "./pieces.ts";
import { norm } from "./vector.ts";
import { secularRoots, type RankOneUpdate } from "./tridiagonal-secular.ts";

function update(poles: readonly number[], z: readonly number[], weight: number): RankOneUpdate {
  const length = norm(Float64Array.from(z));
  return { poles: Float64Array.from(poles), z: Float64Array.from(z, (value) => value / length), weight };
}

const random = createRandom("secular");
const draw = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));

const cases: readonly (readonly [string, RankOneUpdate])[] = [
  ["two poles", update([0, 1], [1, 1], 1)],
  [
    "random",
    update(
      draw(80, () => random.normal()).toSorted((a, b) => a - b),
      draw(80, () => random.normal()),
      2,
    ),
  ],
  [
    "nearly equal poles",
    update(
      draw(40, (i) => 1 + i * 1e-13),
      draw(40, () => random.normal()),
      1e-3,
    ),
  ],
  [
    "tiny weights",
    update(
      draw(40, (i) => i),
      draw(40, (i) => 10 ** -(i % 14)),
      1e-2,
    ),
  ],
  [
    "one pole takes all",
    update(
      draw(30, (i) => i),
      draw(30, (i) => (i === 12 ? 1 : 1e-13)),
      1,
    ),
  ],
  [
    "weight far above the poles",
    update(
      draw(30, (i) => i),
      draw(30, () => 1),
      1e12,
    ),
  ],
];

describe("secularRoots", () => {
  it.each(cases)("%s: one root between each pole and the next, together the trace", (_name, { poles, z, weight }) => {
    const { origin, offset } = atOnce(secularRoots({ poles, z, weight }));
    let raised = 0;
    for (let i = 0; i < poles.length; i++) {
      const above = poles[origin[i]] - poles[i] + offset[i];
      expect(above).toBeGreaterThan(0);
      expect(above).toBeLessThan(i + 1 < poles.length ? poles[i + 1] - poles[i] : weight * (1 + 1e-12));
      raised += above;
    }
    // trace(diag(poles) + weight z z^T) - trace(diag(poles)) = weight
    expect(Math.abs(raised / weight - 1)).toBeLessThan(1e-12);
  });

  it("keeps the digits of a root that all but touches its pole", () => {
    // 1 + 1e-24 / (0 - x) + 1 / (1 - x) = 0 up to terms of order 1e-48: the first root is 1e-24 / 2.
    const { origin, offset } = atOnce(secularRoots(update([0, 1], [1e-12, 1], 1)));
    expect(origin[0]).toBe(0);
    expect(offset[0] / 5e-25).toBeCloseTo(1, 12);
  });

  it("solves a single pole", () => {
    expect(atOnce(secularRoots(update([3], [-1], 0.5)))).toEqual({ origin: Int32Array.of(0), offset: Float64Array.of(0.5) });
  });
});
