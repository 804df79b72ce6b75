import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { cholesky, choleskySolve } from "./cholesky.ts";
import { conjugateGradients } from "./conjugate-gradients.ts";
import { counted, diagonalMatrix, logarithmic, normalVector, relativeError, withEigenvalues } from "./fixtures/problems.ts";
import { multiply } from "./matrix.ts";
import { damped, denseOperator } from "./operator.ts";
import { dot, norm } from "./vector.ts";

describe("conjugateGradients", () => {
  it("agrees with Cholesky", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 6 }), async (seed, dimension, decades) => {
        const random = createRandom(seed);
        const { matrix } = withEigenvalues(dimension === 1 ? [1] : logarithmic(dimension, 10 ** -decades, 1), random);
        const rightHandSide = normalVector(dimension, random);
        const { solution, status, residualNorm } = await conjugateGradients(denseOperator(matrix), rightHandSide, {
          relativeTolerance: 1e-9,
          maximumIterations: 50 * dimension,
        });
        expect(status).toBe("converged");
        expect(residualNorm).toBeLessThanOrEqual(1e-9 * norm(rightHandSide));
        // A residual of 1e-9 bounds the error by the condition number times that.
        expect(relativeError(solution, choleskySolve(cholesky(matrix), rightHandSide))).toBeLessThan(1.01e-9 * 10 ** decades + 1e-12);
      }),
    );
  });

  it("takes as many steps as there are different eigenvalues", async () => {
    const { matrix } = withEigenvalues([1, 1, 1, 5, 5, 9, 9, 9], createRandom(3));
    const operator = counted(matrix);
    const result = await conjugateGradients(operator, normalVector(8, createRandom(4)), { relativeTolerance: 1e-12 });
    expect(result.iterations).toBe(3);
    // One product a step, and one for the true residual.
    expect(operator.products).toBe(4);
    expect(result.residualHistory).toHaveLength(4);
  });

  it("tells a direction of negative curvature", async () => {
    const { matrix } = withEigenvalues([-0.5, 1, 2, 3, 4], createRandom(5));
    const { status, negativeCurvature, solution, residualNorm } = await conjugateGradients(denseOperator(matrix), normalVector(5, createRandom(6)));
    expect(status).toBe("indefinite");
    const { direction, curvature } = negativeCurvature!;
    expect(norm(direction)).toBeCloseTo(1, 14);
    expect(curvature).toBeLessThan(0);
    expect(dot(direction, multiply(matrix, direction))).toBeCloseTo(curvature, 14);
    expect(solution.every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(residualNorm)).toBe(true);
    const cured = await conjugateGradients(damped(denseOperator(matrix), 0.6), normalVector(5, createRandom(6)));
    expect(cured.status).toBe("converged");
    expect(cured.negativeCurvature).toBeUndefined();
  });

  it("tells a singular system without solution, and solves one that has", async () => {
    const operator = denseOperator(diagonalMatrix(1, 2, 0));
    const without = await conjugateGradients(operator, Float64Array.of(1, 1, 1), { maximumIterations: 100 });
    expect(without.status).toBe("indefinite");
    expect(Math.abs(without.negativeCurvature!.curvature)).toBeLessThan(1e-15);
    expect((await conjugateGradients(operator, Float64Array.of(1, 1, 0))).solution).toEqual(Float64Array.of(1, 0.5, 0));
  });

  it("needs fewer steps with a preconditioner, to the same solution", async () => {
    const random = createRandom(7);
    const { matrix } = withEigenvalues(logarithmic(40, 0.1, 1), random);
    const scales = logarithmic(40, 1e-3, 1);
    const badlyScaled = { ...matrix, values: matrix.values.map((value, at) => value * scales[Math.floor(at / 40)] * scales[at % 40]) };
    const rightHandSide = normalVector(40, random);
    const options = { relativeTolerance: 1e-10, maximumIterations: 4000 };
    const plain = await conjugateGradients(denseOperator(badlyScaled), rightHandSide, options);
    const preconditioner = denseOperator(diagonalMatrix(...scales.map((_, i) => 1 / badlyScaled.values[41 * i])));
    const helped = await conjugateGradients(denseOperator(badlyScaled), rightHandSide, { ...options, preconditioner });
    expect([plain.status, helped.status]).toEqual(["converged", "converged"]);
    expect(helped.iterations).toBeLessThan(plain.iterations / 3);
    expect(relativeError(helped.solution, plain.solution)).toBeLessThan(1e-3);
  });

  it("with a condition number of 1e12 reaches a residual of 1e-8, whose solution may be all wrong, and says where float64 ends", async () => {
    const random = createRandom(8);
    const { matrix } = withEigenvalues(logarithmic(12, 1e-12, 1), random);
    const expected = normalVector(12, random);
    const rightHandSide = multiply(matrix, expected);
    const reached = await conjugateGradients(denseOperator(matrix), rightHandSide, { relativeTolerance: 1e-8, maximumIterations: 2000 });
    expect(reached.status).toBe("converged");
    expect(relativeError(multiply(matrix, reached.solution), rightHandSide)).toBeLessThanOrEqual(1e-8);
    expect(relativeError(reached.solution, expected)).toBeLessThan(1e-8 * 1e12);
    expect(relativeError(reached.solution, expected)).toBeGreaterThan(1e-8);
    // 1e-16 ||A|| ||x|| is some 1e-16 of ||b|| here: 1e-18 is not to be had, and no recurrence may claim it.
    const asked = await conjugateGradients(denseOperator(matrix), rightHandSide, { relativeTolerance: 1e-18, maximumIterations: 2000 });
    expect(["stagnated", "indefinite"]).toContain(asked.status);
    expect(asked.residualNorm).toBeGreaterThan(1e-18 * norm(rightHandSide));
  });

  it("reports an exhausted budget, an immediate answer and a good start", async () => {
    const { matrix } = withEigenvalues(logarithmic(30, 1e-3, 1), createRandom(9));
    const operator = denseOperator(matrix);
    const rightHandSide = normalVector(30, createRandom(10));
    const short = await conjugateGradients(operator, rightHandSide, { maximumIterations: 5 });
    expect([short.status, short.iterations]).toEqual(["budget-reached", 5]);
    expect(short.residualNorm).toBeCloseTo(short.residualHistory[5], 12);
    const initial = (await conjugateGradients(operator, rightHandSide, { relativeTolerance: 1e-11, maximumIterations: 500 })).solution;
    const kept = Float64Array.from(initial);
    expect(await conjugateGradients(operator, rightHandSide, { initial })).toMatchObject({ status: "converged", iterations: 0, solution: initial });
    expect(initial).toEqual(kept);
    expect(await conjugateGradients(operator, new Float64Array(30), { initial })).toMatchObject({
      status: "converged",
      solution: new Float64Array(30),
    });
  });

  it("refuses a preconditioner that is not positive definite", async () => {
    const operator = denseOperator(diagonalMatrix(1, 2));
    const preconditioner = denseOperator(diagonalMatrix(1, -2));
    await expect(conjugateGradients(operator, Float64Array.of(0, 1), { preconditioner })).rejects.toMatchObject({
      code: "linalg/not-positive-definite",
    });
  });
});
