import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { counted, diagonalMatrix, logarithmic, normalVector, withEigenvalues } from "./fixtures/problems.ts";
import { jacobiEigen } from "./jacobi.ts";
import { KrylovBasis } from "./krylov-basis.ts";
import { extremeEigenpairs, lanczos } from "./lanczos.ts";
import { multiply } from "./matrix.ts";
import { denseOperator } from "./operator.ts";
import { addScaled, dot, norm } from "./vector.ts";

function expectOrthonormal(vectors: readonly Float64Array[]): void {
  for (const [i, a] of vectors.entries()) for (let j = 0; j <= i; j++) expect(Math.abs(dot(a, vectors[j]) - Number(i === j))).toBeLessThan(1e-13);
}

describe("lanczos", () => {
  it("satisfies A Q = Q T + beta q e_k^T with orthonormal Q", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 2, max: 25 }), fc.integer({ min: 1, max: 25 }), async (seed, dimension, steps) => {
        const random = createRandom(seed);
        const { matrix } = withEigenvalues(
          Array.from({ length: dimension }, () => random.normal()),
          random,
        );
        const start = normalVector(dimension, random);
        const { diagonal, offDiagonal, basis, residualNorm } = await lanczos(denseOperator(matrix), start, { steps });
        expectOrthonormal(basis);
        for (const [k, vector] of basis.entries()) {
          const rest = multiply(matrix, vector);
          addScaled(rest, -diagonal[k], vector);
          if (k > 0) addScaled(rest, -offDiagonal[k - 1], basis[k - 1]);
          if (k + 1 < basis.length) addScaled(rest, -offDiagonal[k], basis[k + 1]);
          expect(Math.abs(norm(rest) - (k + 1 < basis.length ? 0 : residualNorm))).toBeLessThan(1e-12);
        }
      }),
    );
  });

  it("gives the eigenvalues of Jacobi once it has gone all the way", async () => {
    const random = createRandom(1);
    const { matrix } = withEigenvalues(logarithmic(60, 1e-6, 1), random);
    const { diagonal, offDiagonal, basis, status } = await lanczos(denseOperator(matrix), normalVector(60, random), { steps: 60 });
    expectOrthonormal(basis);
    const tridiagonal = { shape: [60, 60] as const, values: new Float64Array(3600) };
    for (let i = 0; i < 60; i++) tridiagonal.values[61 * i] = diagonal[i];
    for (let i = 0; i < 59; i++) tridiagonal.values[61 * i + 1] = tridiagonal.values[61 * i + 60] = offDiagonal[i];
    const found = jacobiEigen(tridiagonal).values;
    for (const [i, value] of jacobiEigen(matrix).values.entries()) expect(Math.abs(found[i] - value)).toBeLessThan(1e-14);
    expect(status).toBe("invariant-subspace");
  });

  it("stops where the start spans an invariant subspace", async () => {
    const operator = counted(diagonalMatrix(1, 2, 3, 4, 5));
    const { diagonal, status, residualNorm } = await lanczos(operator, Float64Array.of(1, 0, 1, 0, 0), { steps: 4 });
    expect(diagonal).toHaveLength(2);
    expect(status).toBe("invariant-subspace");
    expect(residualNorm).toBeLessThan(1e-14);
    expect(operator.products).toBe(2);
    expect((await lanczos(denseOperator(diagonalMatrix(0, 0)), Float64Array.of(1, 1), { steps: 2 })).diagonal).toEqual(Float64Array.of(0));
  });

  it("refuses a start of zero", async () => {
    await expect(lanczos(denseOperator(diagonalMatrix(1)), Float64Array.of(0), { steps: 1 })).rejects.toMatchObject({ code: "linalg/zero-vector" });
  });
});

describe("KrylovBasis", () => {
  it("projects from several starts, and measures the residual of a Ritz vector without a product", async () => {
    const random = createRandom(2);
    const { matrix } = withEigenvalues(logarithmic(20, 0.1, 10), random);
    const basis = new KrylovBasis(denseOperator(matrix), [normalVector(20, random), normalVector(20, random)]);
    for (let i = 0; i < 7; i++) await basis.grow();
    basis.addStart(normalVector(20, random));
    for (let i = 0; i < 4; i++) await basis.grow();
    expectOrthonormal(basis.vectors);
    const projection = basis.projection();
    for (const [i, a] of basis.vectors.entries()) {
      for (const [j, b] of basis.vectors.entries()) expect(Math.abs(dot(a, multiply(matrix, b)) - projection.values[i * 11 + j])).toBeLessThan(1e-13);
    }
    const coefficients = normalVector(11, random);
    const residual = multiply(matrix, basis.combine(coefficients));
    addScaled(residual, -1, basis.combine(multiply(projection, coefficients)));
    expect(basis.residualNorm(coefficients)).toBeCloseTo(norm(residual), 12);
  });

  it("drops what brings nothing new", async () => {
    const start = Float64Array.of(1, 1, 0);
    const basis = new KrylovBasis(denseOperator(diagonalMatrix(1, 1, 2)), [start, start, Float64Array.of(2, 2, 0)]);
    while (await basis.grow());
    expect(basis.size).toBe(1);
  });
});

describe("extremeEigenpairs", () => {
  it("agrees with Jacobi, with bounds that hold", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 3, max: 40 }), async (seed, dimension) => {
        const random = createRandom(seed);
        const { matrix } = withEigenvalues(
          Array.from({ length: dimension }, () => random.normal()),
          random,
        );
        const { top, bottom, status } = await extremeEigenpairs(denseOperator(matrix), { top: 2, bottom: 1, random, relativeTolerance: 1e-9 });
        const { values } = jacobiEigen(matrix);
        expect(status).toBe("converged");
        const pairs = [...top, ...bottom];
        for (const [i, expected] of [values[dimension - 1], values[dimension - 2], values[0]].entries()) {
          const { value, vector, residualBound } = pairs[i];
          expect(Math.abs(value - expected)).toBeLessThanOrEqual(residualBound + 1e-13);
          const residual = multiply(matrix, vector);
          addScaled(residual, -value, vector);
          expect(norm(residual)).toBeLessThanOrEqual(residualBound + 1e-13);
        }
      }),
    );
  });

  it("finds the edges of a large spectrum in few products", async () => {
    const eigenvalues = [-30, ...logarithmic(400, 0.01, 1), 50, 100];
    const operator = counted(diagonalMatrix(...eigenvalues));
    const { top, bottom, status, steps } = await extremeEigenpairs(operator, { top: 2, bottom: 1, random: createRandom(3) });
    expect(status).toBe("converged");
    expect([top[0].value, top[1].value, bottom[0].value].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([100, 50, -30]);
    expect(steps).toBe(operator.products);
    expect(steps).toBeLessThan(25);
  });

  it("meets every copy of a multiple eigenvalue once the space is exhausted", async () => {
    const { top, steps } = await extremeEigenpairs(denseOperator(diagonalMatrix(5, 5, 1, 5, 1)), { top: 3, random: createRandom(4) });
    expect(top.map(({ value }) => Math.round(value * 1e12) / 1e12)).toEqual([5, 5, 5]);
    expectOrthonormal(top.map(({ vector }) => vector));
    expect(steps).toBeLessThanOrEqual(5);
  });

  it("says when its budget was too small", async () => {
    const { matrix } = withEigenvalues(logarithmic(40, 0.5, 1), createRandom(5));
    const result = await extremeEigenpairs(denseOperator(matrix), { top: 1, random: createRandom(6), maximumSteps: 5 });
    expect([result.status, result.steps]).toEqual(["budget-reached", 5]);
    expect(result.top[0].residualBound).toBeGreaterThan(1e-8);
  });
});
