import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { diagonalMatrix, withEigenvalues } from "./fixtures/problems.ts";
import { jacobiEigen } from "./jacobi.ts";
import { matrixFromRows, multiply, rowOf } from "./matrix.ts";
import { dot, norm } from "./vector.ts";

describe("jacobiEigen", () => {
  it("finds the eigenvalues a matrix was made with, and orthonormal vectors", () => {
    const eigenvalue = fc.oneof(
      fc.constantFrom(0, 1, -1),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: -1e-9, max: 1e-9, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.integer(), fc.array(eigenvalue, { minLength: 1, maxLength: 15 }), (seed, eigenvalues) => {
        const { matrix } = withEigenvalues(eigenvalues, createRandom(seed));
        const { values, vectors } = jacobiEigen(matrix);
        const expected = eigenvalues.toSorted((a, b) => a - b);
        for (const [j, value] of values.entries()) {
          expect(Math.abs(value - expected[j])).toBeLessThan(1e-14);
          const vector = rowOf(vectors, j);
          expect(norm(multiply(matrix, vector).map((entry, i) => entry - value * vector[i]))).toBeLessThan(1e-14);
          for (let k = 0; k <= j; k++) expect(Math.abs(dot(vector, rowOf(vectors, k)) - Number(k === j))).toBeLessThan(1e-14);
        }
      }),
    );
  });

  it("is exact for what is diagonal already, and keeps tiny eigenvalues of a graded matrix", () => {
    expect(jacobiEigen(diagonalMatrix(3, -1, 0)).values).toEqual(Float64Array.of(-1, 0, 3));
    // det = 1e-20 and trace = 1 + 2e-20: the small eigenvalue is 1e-20 to first order, far below 1e-16 of the large one.
    const { values } = jacobiEigen(
      matrixFromRows([
        [1, 1e-10],
        [1e-10, 2e-20],
      ]),
    );
    expect(values[0] / 1e-20).toBeCloseTo(1, 10);
  });
});
