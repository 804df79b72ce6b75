import { describe, expect, it } from "vitest";
import { createRandom } from "../../random/index.ts";
import { withEigenvalues } from "../fixtures/problems.ts";
import { conditionsOf, worstConditions } from "../fixtures/random-cubic.ts";

describe("cubicExact", () => {
  it("meets the conditions of a global minimiser on 20,000 problems over many scales, to rounding", async () => {
    const { hardCases, ...worst } = await worstConditions("slow", 20_000);
    console.log(worst, { hardCases });
    expect(hardCases).toBeGreaterThan(500);
    for (const [name, value] of Object.entries(worst)) expect(value, name).toBeLessThan(5e-15);
  });

  it("and on problems of 150 unknowns with a spiked spectrum, hard and not", async () => {
    const dimension = 150;
    for (let i = 0; i < 12; i++) {
      const random = createRandom("large").split(i);
      const eigenvalues = Array.from({ length: dimension }, (_, j) => (j < 3 ? 50 * random.normal() : 1e-3 * random.normal()));
      const { matrix, vectors } = withEigenvalues(eigenvalues, random);
      const lowest = eigenvalues.indexOf(Math.min(...eigenvalues));
      const gradient = new Float64Array(dimension);
      for (const [k, vector] of vectors.entries()) {
        const component = k === lowest && i % 2 === 0 ? 0 : random.normal();
        for (let j = 0; j < dimension; j++) gradient[j] += component * vector[j];
      }
      const { solution, ...conditions } = await conditionsOf({ hessian: matrix, gradient, cubicConstant: 10 ** (i % 3), eigenvalues });
      expect(solution.status).toBe("converged");
      for (const [name, value] of Object.entries(conditions)) expect(value, name).toBeLessThan(1e-13);
    }
  });
});
