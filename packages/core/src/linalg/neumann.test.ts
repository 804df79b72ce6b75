import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { cholesky, choleskySolve } from "./cholesky.ts";
import { counted, diagonalMatrix, logarithmic, normalVector, relativeError, withEigenvalues } from "./fixtures/problems.ts";
import { neumann } from "./neumann.ts";
import { matrixFromRows } from "./matrix.ts";
import { denseOperator } from "./operator.ts";

describe("neumann", () => {
  it("agrees with Cholesky on the damped system", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 2, max: 15 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        async (seed, dimension, damping) => {
          const random = createRandom(seed);
          const { matrix } = withEigenvalues(logarithmic(dimension, 1e-3, 1), random);
          const rightHandSide = normalVector(dimension, random);
          const { solution, status } = await neumann(denseOperator(matrix), rightHandSide, { scale: 1 + damping, damping, relativeTolerance: 1e-10 });
          expect(status).toBe("converged");
          const shifted = { ...matrix, values: matrix.values.map((value, at) => value + (at % (dimension + 1) === 0 ? damping : 0)) };
          expect(relativeError(solution, choleskySolve(cholesky(shifted), rightHandSide))).toBeLessThan(1e-8);
        },
      ),
    );
  });

  it("shrinks the residual by one less eigenvalue over scale, at one product a step", async () => {
    const operator = counted(diagonalMatrix(0.5));
    const { residualHistory, iterations } = await neumann(operator, Float64Array.of(1), { scale: 2, maximumIterations: 6, relativeTolerance: 0 });
    for (const [j, residual] of residualHistory.entries()) expect(residual).toBeCloseTo(0.75 ** (j + 1), 14);
    expect([iterations, operator.products]).toEqual([6, 6]);
  });

  it.each([
    ["a scale below half the largest eigenvalue", [1, 4], 1.9, 0],
    ["a negative eigenvalue", [1, -0.1], 2, 0],
    ["damping that is not enough", [1, -0.1], 2, 0.09],
  ])("tells divergence: %s", async (_, eigenvalues, scale, damping) => {
    const { matrix } = withEigenvalues(eigenvalues, createRandom(1));
    const { status, solution, residualNorm, residualHistory } = await neumann(denseOperator(matrix), normalVector(2, createRandom(2)), {
      scale,
      damping,
    });
    expect(status).toBe("diverged");
    expect(residualNorm).toBe(Math.min(...residualHistory));
    expect(solution.every(Number.isFinite)).toBe(true);
  });

  it("tells divergence too slow to be seen within the budget's first decade", async () => {
    const operator = denseOperator(diagonalMatrix(1, -1e-4));
    expect((await neumann(operator, Float64Array.of(1, 1), { scale: 2, maximumIterations: 200 })).status).toBe("diverged");
  });

  it("reports an exhausted budget", async () => {
    const { status, iterations } = await neumann(denseOperator(diagonalMatrix(1, 1e-4)), Float64Array.of(1, 1), { scale: 2, maximumIterations: 50 });
    expect([status, iterations]).toEqual(["budget-reached", 50]);
  });

  it("takes an operator that is not symmetric", async () => {
    const { solution } = await neumann(
      denseOperator(
        matrixFromRows([
          [1, 1],
          [0, 1],
        ]),
      ),
      Float64Array.of(3, 1),
      { scale: 1, relativeTolerance: 1e-12 },
    );
    expect([...solution]).toEqual([2, 1]);
  });
});
