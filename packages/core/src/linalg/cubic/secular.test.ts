import { describe, expect, it } from "vitest";
import { createRandom } from "../../random/index.ts";
import { norm, unitVector } from "../vector.ts";
import { solveSecular } from "./secular.ts";

describe("solveSecular", () => {
  it("takes few steps to the last digit, from far above the poles to a hair beside one", () => {
    const random = createRandom("secular");
    const iterations: number[] = [];
    for (let i = 0; i < 3000; i++) {
      const dimension = 1 + random.integer(7);
      const scale = 10 ** (24 * random.uniform() - 12);
      const eigenvalues = Float64Array.from({ length: dimension }, () => scale * random.normal() * 10 ** (-4 * random.uniform())).toSorted();
      const least = Math.max(0, -eigenvalues[0]);
      const poles = eigenvalues.map((value) => Math.max(0, value + least));
      const components = unitVector(dimension, random);
      // From the easy case towards the hard one.
      if (dimension > 1) components[0] *= 10 ** (-10 * random.uniform());
      const length = norm(components);
      const problem = { poles, components: components.map((value) => value / length), least };
      const root = solveSecular(problem);
      expect(root.residual).toBeLessThan(1e-15);
      iterations.push(root.iterations);
    }
    iterations.sort((a, b) => a - b);
    expect(iterations[1500]).toBeLessThanOrEqual(4);
    expect(iterations[2999]).toBeLessThanOrEqual(25);
  });

  it("has the root of H = 0 and of H = I in closed form", () => {
    expect(solveSecular({ poles: Float64Array.of(0), components: Float64Array.of(1), least: 0 }).mu).toBeCloseTo(1, 15);
    // mu (1 + mu) = 1.
    expect(solveSecular({ poles: Float64Array.of(1, 1), components: Float64Array.of(0.6, -0.8), least: 0 }).mu).toBeCloseTo(
      (Math.sqrt(5) - 1) / 2,
      15,
    );
  });
});
