import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { diagonalMatrix, logarithmic, normalVector, relativeError, withEigenvalues } from "./fixtures/problems.ts";
import { jacobiEigen } from "./jacobi.ts";
import { minres } from "./minres.ts";
import { multiply, rowOf } from "./matrix.ts";
import { denseOperator } from "./operator.ts";
import { addScaled, dot, norm } from "./vector.ts";

/** Exact up to rounding: the inverse, or the pseudo-inverse, from the eigenvalues. */
function pseudoSolve(matrix: Parameters<typeof multiply>[0], rightHandSide: Float64Array): Float64Array {
  const { values, vectors } = jacobiEigen(matrix);
  const solution = new Float64Array(rightHandSide.length);
  for (const [j, value] of values.entries()) {
    const vector = rowOf(vectors, j);
    if (Math.abs(value) > 1e-12) addScaled(solution, dot(vector, rightHandSide) / value, vector);
  }
  return solution;
}

describe("minres", () => {
  it("agrees with a dense solution of indefinite systems", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 25 }), fc.integer({ min: 0, max: 5 }), async (seed, dimension, decades) => {
        const random = createRandom(seed);
        const magnitudes = dimension === 1 ? [1] : logarithmic(dimension, 10 ** -decades, 1);
        const { matrix } = withEigenvalues(
          magnitudes.map((value) => (random.uniform() < 0.5 ? -value : value)),
          random,
        );
        const rightHandSide = normalVector(dimension, random);
        const result = await minres(denseOperator(matrix), rightHandSide, { relativeTolerance: 1e-9, maximumIterations: 200 * dimension });
        expect(result.status).toBe("converged");
        expect(result.residualNorm).toBeLessThanOrEqual(1e-9 * norm(rightHandSide));
        expect(relativeError(result.solution, pseudoSolve(matrix, rightHandSide))).toBeLessThan(1.01e-9 * 10 ** decades + 1e-12);
      }),
    );
  });

  it("gives the shortest solution of a singular system that has some", async () => {
    const random = createRandom(1);
    const { matrix } = withEigenvalues([0, 0, 0, -2, -1, 0.5, 1, 3], random);
    const rightHandSide = multiply(matrix, normalVector(8, random));
    const { solution, status } = await minres(denseOperator(matrix), rightHandSide, { relativeTolerance: 1e-12 });
    expect(status).toBe("converged");
    expect(relativeError(solution, pseudoSolve(matrix, rightHandSide))).toBeLessThan(1e-11);
  });

  it("tells a system without solution, and leaves as little of it as can be", async () => {
    const random = createRandom(2);
    const { matrix } = withEigenvalues([0, 0, -2, -1, 0.5, 1, 3], random);
    const rightHandSide = normalVector(7, random);
    const { solution, status, residualNorm } = await minres(denseOperator(matrix), rightHandSide);
    expect(status).toBe("least-squares");
    const left = multiply(matrix, pseudoSolve(matrix, rightHandSide)).map((value, i) => rightHandSide[i] - value);
    expect(residualNorm).toBeCloseTo(norm(left), 10);
    expect(norm(multiply(matrix, solution).map((value, i) => rightHandSide[i] - value))).toBeCloseTo(residualNorm, 12);
    expect(await minres(denseOperator(diagonalMatrix(0, 0)), Float64Array.of(1, 0))).toMatchObject({ status: "least-squares", residualNorm: 1 });
  });

  it("estimates the residual well and never lets it rise", async () => {
    const random = createRandom(3);
    const { matrix } = withEigenvalues([...logarithmic(20, 1e-2, 1), ...logarithmic(20, 1e-2, 1).map((value) => -value)], random);
    const rightHandSide = normalVector(40, random);
    for (const maximumIterations of [5, 20, 40]) {
      const { residualHistory, residualNorm, iterations, status } = await minres(denseOperator(matrix), rightHandSide, { maximumIterations });
      expect([status, iterations]).toEqual(["budget-reached", maximumIterations]);
      expect(residualHistory).toHaveLength(maximumIterations + 1);
      expect(residualNorm / residualHistory[maximumIterations]).toBeCloseTo(1, 8);
      for (const [i, value] of residualHistory.slice(1).entries()) expect(value).toBeLessThanOrEqual(residualHistory[i]);
    }
  });

  it("with a condition number of 1e12 and both signs reaches a residual of 1e-8, and says where float64 ends", async () => {
    const random = createRandom(4);
    const { matrix } = withEigenvalues(
      logarithmic(12, 1e-12, 1).map((value, i) => (i % 2 === 0 ? value : -value)),
      random,
    );
    const rightHandSide = multiply(matrix, normalVector(12, random));
    const operator = denseOperator(matrix);
    const options = { normalTolerance: 0, maximumIterations: 5000 };
    const reached = await minres(operator, rightHandSide, { ...options, relativeTolerance: 1e-8 });
    expect(reached.status).toBe("converged");
    expect(reached.residualNorm).toBeLessThanOrEqual(1e-8 * norm(rightHandSide));
    const asked = await minres(operator, rightHandSide, { ...options, relativeTolerance: 1e-18 });
    expect(["stagnated", "budget-reached"]).toContain(asked.status);
    expect(asked.residualNorm).toBeGreaterThan(1e-18 * norm(rightHandSide));
  });

  it("answers zero with zero", async () => {
    expect(await minres(denseOperator(diagonalMatrix(1, -1)), new Float64Array(2))).toMatchObject({
      status: "converged",
      solution: new Float64Array(2),
    });
  });
});
