import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { cholesky, choleskySolve, logDeterminant } from "./cholesky.ts";
import { diagonalMatrix, logarithmic, normalVector, relativeError, withEigenvalues } from "./fixtures/problems.ts";
import { matrixFromRows, multiply } from "./matrix.ts";
import { machineEpsilon } from "./vector.ts";

describe("cholesky", () => {
  it("rebuilds the matrix and solves to the condition number's worth of digits", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 20 }), fc.integer({ min: 0, max: 12 }), (seed, dimension, decades) => {
        const random = createRandom(seed);
        const { matrix } = withEigenvalues(logarithmic(dimension, 10 ** -decades, 1), random);
        const expected = normalVector(dimension, random);
        const rightHandSide = multiply(matrix, expected);
        const solution = choleskySolve(cholesky(matrix), rightHandSide);
        expect(relativeError(solution, expected)).toBeLessThan(10 * dimension * machineEpsilon * 10 ** decades);
        // However ill-conditioned: the solution solves a neighbouring system.
        expect(relativeError(multiply(matrix, solution), rightHandSide) / Math.max(1, 10 ** decades * 1e-3)).toBeLessThan(1e-11);
      }),
    );
  });

  it("gives the log-determinant where the determinant itself would underflow", () => {
    expect(logDeterminant(cholesky(diagonalMatrix(...Array<number>(200).fill(1e-3))))).toBeCloseTo(200 * Math.log(1e-3), 9);
  });

  it.each([
    [
      "indefinite",
      [
        [1, 2],
        [2, 1],
      ],
      1,
      -3,
    ],
    [
      "singular",
      [
        [1, 1],
        [1, 1],
      ],
      1,
      0,
    ],
    ["negative", [[-1]], 0, -1],
  ] as const)("tells at which pivot a matrix is %s", (_, rows, pivot, value) => {
    expect(() => cholesky(matrixFromRows(rows))).toThrow(
      expect.objectContaining({ code: "linalg/not-positive-definite", details: { pivot, value, dimension: rows.length } }),
    );
  });
});
